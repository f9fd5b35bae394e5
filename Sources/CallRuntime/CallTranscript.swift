import CallTime
import Conversation

/// What was said on a call, by whom and when, in the order in which it became certain.
public struct CallTranscript: Sendable {
    public enum Speaker: String, Sendable { case caller, agent }

    public struct Entry: Sendable, Equatable {
        public var speaker: Speaker
        /// Of the agent: its turn. Of the caller: the utterance the turn ended with.
        public var number: Int
        /// Of the agent: what was heard. Of the caller: what was understood; empty when nothing was.
        public var text: String
        public var start: CallInstant
        public var end: CallInstant
        public var wasInterrupted = false
    }

    public private(set) var entries: [Entry] = []

    private var utterances: [(number: Int, start: CallInstant, end: CallInstant)] = []
    /// The caller's utterances before this one belong to earlier turns.
    private var firstOpenUtterance = 1
    private var segmentTurns: [Int: Int] = [:]
    private var spans: [Int: (start: CallInstant, end: CallInstant?)] = [:]

    // MARK: What the engine tells

    mutating func callerStarted(_ utterance: Int, at instant: CallInstant) {
        utterances.append((utterance, instant, instant))
    }

    mutating func callerSpoke(_ utterance: Int, until instant: CallInstant) {
        guard let place = utterances.lastIndex(where: { $0.number == utterance }) else { return }
        utterances[place].end = instant
    }

    mutating func segmentPlanned(_ segment: Segment) { segmentTurns[segment.id] = segment.turn }

    mutating func segmentStarted(_ segment: Int, at instant: CallInstant) {
        guard let turn = segmentTurns[segment] else { return }
        spans[turn] = (spans[turn]?.start ?? instant, nil)
    }

    mutating func segmentFinished(_ segment: Int, at instant: CallInstant) {
        guard let turn = segmentTurns[segment], let span = spans[turn] else { return }
        spans[turn] = (span.start, instant)
    }

    /// Playout was emptied: what was being said ends here.
    mutating func flushed(at instant: CallInstant) {
        for (turn, span) in spans where span.end == nil { spans[turn] = (span.start, instant) }
    }

    mutating func note(_ note: Note, at now: CallInstant) {
        switch note {
        case .callerTurn(let utterance, let text):
            let parts = utterances.filter {
                (firstOpenUtterance...max(firstOpenUtterance, utterance)).contains($0.number)
            }
            firstOpenUtterance = utterance + 1
            entries.append(
                Entry(
                    speaker: .caller, number: utterance, text: text, start: parts.first?.start ?? now,
                    end: parts.last?.end ?? now))
        case .agentTurn(let turn, let text, let wasInterrupted):
            guard let span = spans[turn] else { return }
            entries.append(
                Entry(
                    speaker: .agent, number: turn, text: text, start: span.start, end: span.end ?? now,
                    wasInterrupted: wasInterrupted))
        case .utteranceIgnored(let utterance, _), .bargeInDismissed(let utterance, _):
            if firstOpenUtterance == utterance { firstOpenUtterance = utterance + 1 }
        default: break
        }
    }
}
