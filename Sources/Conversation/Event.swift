import CallTime

/// Something that has happened outside the rules. Its instant comes beside it, as an argument.
///
/// Every answer carries the tag of the request it belongs to; one that belongs to nothing current is dropped.
public enum Event: Sendable, Equatable {
    // The call
    case mediaStarted
    case callerHungUp

    // The caller's voice, from the endpointer. An utterance's number ascends by one.
    case speechStarted(utterance: Int, onset: CallInstant)
    case speechProbablyEnded(utterance: Int, lastSpeech: CallInstant)
    case speechResumed(utterance: Int)
    case speechEnded(utterance: Int, lastSpeech: CallInstant)

    // The recogniser
    case interimTranscript(utterance: Int, text: String)
    /// `wasRejected`: speech, but nothing that was expected; `text` is then empty.
    case finalTranscript(utterance: Int, revision: Int, text: String, wasRejected: Bool)
    case transcriptFailed(reason: String)

    // The language model
    case replyText(request: Int, String)
    case replyToolCall(request: Int, ToolRequest)
    case replyExpects(request: Int, step: String?)
    case replyFinished(request: Int)
    case replyFailed(request: Int, reason: String)

    // The voice
    case audioArrived(segment: Int)
    case wordTimes(segment: Int, [WordTime])
    /// Synthesis has ended; `samples` in all.
    case audioFinished(segment: Int, samples: Int)
    case voiceFailed(segment: Int, reason: String)

    // Playout
    /// `audible`: when the segment's first audible sample sounds at the caller's ear.
    case playoutStarted(segment: Int, audible: CallInstant)
    /// Its last sample was played.
    case playoutFinished(segment: Int)
    /// Playout stands still since `holdPlayout`; nil when nothing was under way.
    case playoutHeld(PlayoutPosition?)

    case toolFinished(callID: String, json: String)
    case timerFired(TimerID)

    /// A key on the caller's telephone.
    case keyPressed(String)
    /// Whoever runs the call wants it over: the line is said, then the call ends with this reason.
    case endRequested(line: String, CallEnd)
    /// An answering machine records from now on: the message is left; empty: the call ends.
    case machineAnswered(message: String)
}

/// What a timer is for. At most one of a kind is armed.
public enum TimerID: String, Sendable, Hashable, CaseIterable {
    case transcriptDue, firstTokenDue, firstAudioDue, playoutDue, toolDue
    /// A tool has run for so long that something is said meanwhile.
    case fillerDue
    /// No key was pressed for a while: what was keyed in is whole.
    case keysDone
    case bargeInDecision
    case deadAir
    case longestCall
}
