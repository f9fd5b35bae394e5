import CallTime
import Conversation
import Providers

/// What the engine wants done outside. Whoever drives the engine does it, and brings the answers back.
public enum Effect: Sendable, Equatable {
    case recognise(RecogniserCommand)
    case requestReply(request: Int, ModelRequest)
    case cancelReply(request: Int)
    /// `attempt` 2 and on: the voice before it failed; take the next in line.
    case synthesize(segment: Int, attempt: Int, SpeechRequest)
    case cancelSpeech(segment: Int)
    case runTool(ToolCall)
    /// What the carrier still has in its queue must not be heard.
    case clearCarrier
    case hangUp(CallEnd)
}

/// What is to be told to the call's recogniser session.
public enum RecogniserCommand: Sendable, Equatable {
    case push(AudioPayload, at: SampleTime)
    case expect(step: String?)
    case utteranceStarted(Int, onset: SampleTime)
    case finalize(Int, revision: Int, lastSpeech: SampleTime)
    case utteranceEnded(Int)
}

extension SpeechToTextSession {
    public func perform(_ command: RecogniserCommand) {
        switch command {
        case .push(let audio, let time): push(audio, at: time)
        case .expect(let step): expect(step: step)
        case .utteranceStarted(let utterance, let onset): utteranceStarted(utterance, onset: onset)
        case .finalize(let utterance, let revision, let lastSpeech):
            finalize(utterance, revision: revision, lastSpeech: lastSpeech)
        case .utteranceEnded(let utterance): utteranceEnded(utterance)
        }
    }
}

/// What came back from outside. Each goes into the journal with its instant, before it is acted on.
public enum OutsideEvent: Sendable, Equatable {
    case transcript(TranscriptEvent)
    case model(request: Int, ModelEvent)
    case modelFailed(request: Int, ProviderError)
    case speech(segment: Int, SpeechEvent)
    case speechEnded(segment: Int)
    case speechFailed(segment: Int, ProviderError)
    case toolFinished(callID: String, json: String)
    case callerHungUp
    /// Keys the caller pressed: `0`-`9`, `*`, `#`, `A`-`D`.
    case keyPressed(String)
    /// Whoever runs the call wants it to end with this line: the server closes, an operator hangs up.
    case endRequested(line: String, CallEnd)
    /// A machine has answered: leave this message and hang up; empty: just hang up.
    case leaveMessage(String)
}
