import CallTime

/// Something the runtime shall do now, in the order given.
public enum Action: Sendable, Equatable {
    /// Ask the recogniser for the whole utterance so far. Answered by `finalTranscript` of this revision.
    case finalizeTranscript(utterance: Int, revision: Int, lastSpeech: CallInstant)
    /// What the next utterance is expected to answer, and the silence that ends it.
    case expectAnswer(step: String?, endpointDelay: Duration?)

    case requestReply(request: Int, messages: [Message], isSpeculative: Bool)
    case cancelReply(request: Int)
    case runTool(ToolRequest)

    /// Synthesize and queue. Nothing of a turn is played before `startPlayout` names it.
    case speak(Segment)
    case startPlayout(turn: Int)
    /// Stop within a frame, keep everything; answered by `playoutHeld`.
    case holdPlayout
    /// Go on from this sample; nil: from where it stands.
    case resumePlayout(at: PlayoutPosition?)
    /// Drop what is queued and what is being synthesized, here and at the peer.
    case flushPlayout

    case armTimer(TimerID, at: CallInstant)
    case disarmTimer(TimerID)

    case hangUp(CallEnd)
    /// A reply has become audible: what the caller waited for.
    case turnMeasured(TurnLedger)
    /// A decision worth keeping in the journal, with its reason.
    case note(Note)
}

/// Why the agent ended the call.
public enum CallEnd: String, Sendable {
    /// The goodbye was said.
    case goodbye
    /// Nobody answered the last prompt of the dead-air ladder.
    case deadAir
    /// The call was handed to a person.
    case handoff
    /// The call has reached its longest, in time or in turns.
    case limit
    /// The caller went first.
    case callerHungUp
    /// A message was left on an answering machine, or none was to be left.
    case voicemail
    /// Whoever runs the call ended it: an operator, or a server that closes.
    case requested
    /// A provider failed and so did everything that stands in for it.
    case failure
}

/// A decision and why it was taken, for the journal.
public enum Note: Sendable, Equatable {
    case greetingStarted
    /// The last sample of the disclosure was played.
    case disclosureHeard
    case callerTurn(utterance: Int, text: String)
    case agentTurn(turn: Int, text: String, wasInterrupted: Bool)
    case speculationDiscarded(request: Int, reason: String)
    case replyCommitted(turn: Int, endpointDelay: Duration)
    case utteranceIgnored(utterance: Int, reason: String)
    case bargeInSuspected(utterance: Int)
    case bargeInConfirmed(utterance: Int, reason: String)
    case bargeInDismissed(utterance: Int, reason: String)
    /// An obligation was not met in time: which, and who owed it.
    case late(TimerID, culprit: String)
    case providerFailed(String, reason: String)
    case deadAirPrompt(number: Int)
    case keyPressed(String)
}
