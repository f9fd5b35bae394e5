/// How a call ended, as lists and reports count it. The raw values are stored and never change.
public enum CallOutcome: String, Sendable, CaseIterable {
    /// An appointment was made.
    case booked
    /// A lead was taken that meets the criteria.
    case qualified
    /// A lead was taken that does not.
    case unqualified
    /// The caller got what they asked for, and said goodbye.
    case answered
    /// A person took the call.
    case handedOver = "handed_over"
    /// The caller hung up before the end.
    case callerGone = "caller_gone"
    /// Nobody was heard any more.
    case silence
    /// The call had reached its longest, in time or in turns.
    case limitReached = "limit_reached"
    /// An answering machine took a message.
    case voicemailLeft = "voicemail_left"
    /// An answering machine answered and was left nothing.
    case machineAnswered = "machine_answered"
    case noAnswer = "no_answer"
    case busy
    /// The other end, or the carrier, did not take the call.
    case rejected
    /// Given up by us before anybody answered.
    case cancelled
    /// Something here or at a provider broke.
    case failed
}

public enum CallDirection: String, Sendable, CaseIterable { case inbound, outbound }
