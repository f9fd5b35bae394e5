/// Where a call is in its life (`CallStatus`). `initiated` occurs in callbacks only.
public enum TwilioCallStatus: String, Sendable, CaseIterable {
    case queued
    case initiated
    case ringing
    case inProgress = "in-progress"
    case completed
    case busy
    case failed
    case noAnswer = "no-answer"
    case canceled

    /// Nothing comes after it.
    public var isOver: Bool {
        switch self {
        case .queued, .initiated, .ringing, .inProgress: false
        case .completed, .busy, .failed, .noAnswer, .canceled: true
        }
    }
}

/// Who answered a call of ours, as far as Twilio can tell (`AnsweredBy`).
///
/// People who pause are taken for `machineStart` at times: do not hang up on that alone.
public enum AnsweredBy: String, Sendable, CaseIterable {
    case human
    case machineStart = "machine_start"
    case machineEndBeep = "machine_end_beep"
    case machineEndSilence = "machine_end_silence"
    case machineEndOther = "machine_end_other"
    case fax
    case unknown

    /// The greeting is over: a message may be left now.
    public var isEndOfGreeting: Bool {
        switch self {
        case .machineEndBeep, .machineEndSilence, .machineEndOther: true
        case .human, .machineStart, .fax, .unknown: false
        }
    }
}

/// How a leg made by `<Dial>` ended (`DialCallStatus`).
public enum DialStatus: String, Sendable, CaseIterable {
    case completed
    case answered
    case busy
    case noAnswer = "no-answer"
    case failed
    case canceled
}
