import CallTime
import Conversation

/// A stage for turn-taking: events go in at milliseconds of the call, timers fire by themselves in between, and what
/// came out is kept. Nothing here waits; a delay is a number.
struct Scene {
    var conversation: Conversation
    private(set) var now = CallInstant.start
    private(set) var actions: [(at: CallInstant, action: Action)] = []
    private var timers: [TimerID: CallInstant] = [:]
    /// What `holdPlayout` finds.
    var playing: PlayoutPosition?

    init(_ change: (inout Conversation.Configuration) -> Void = { _ in }) {
        var configuration = Conversation.Configuration()
        configuration.opening = []
        configuration.deadAirLadder = [
            DeadAirPrompt(after: .seconds(7), say: "Are you still there?"),
            DeadAirPrompt(after: .seconds(8), say: "I can't hear you. Please say something."),
        ]
        change(&configuration)
        conversation = Conversation(configuration)
    }

    /// Lets everything happen that is due before `milliseconds`, then the event.
    @discardableResult
    mutating func at(_ milliseconds: Int64, _ event: Event) -> [Action] {
        wait(until: milliseconds)
        return handle(event)
    }

    mutating func wait(until milliseconds: Int64) {
        let end = CallInstant(milliseconds: milliseconds)
        while let (timer, at) = timers.min(by: { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }), at < end
        {
            timers[timer] = nil
            now = max(now, at)
            handle(.timerFired(timer))
        }
        now = max(now, end)
    }

    @discardableResult
    private mutating func handle(_ event: Event) -> [Action] {
        var out: [Action] = []
        conversation.handle(event, at: now, into: &out)
        actions += out.map { (now, $0) }
        var more: [Action] = []
        for action in out {
            switch action {
            case .armTimer(let timer, let at): timers[timer] = at
            case .disarmTimer(let timer): timers[timer] = nil
            case .holdPlayout: more += handle(.playoutHeld(playing))
            default: break
            }
        }
        return out + more
    }

    // MARK: Little plays

    /// The caller speaks from `start` to `end` and is understood 100 ms after the turn may be over (200 ms of silence);
    /// the endpoint comes after `delay`.
    mutating func callerSays(
        _ text: String, utterance: Int = 1, from start: Int64, to end: Int64, endpointDelay delay: Int64 = 400,
        rejected: Bool = false
    ) {
        let last = CallInstant(milliseconds: end)
        at(start + 60, .speechStarted(utterance: utterance, onset: CallInstant(milliseconds: start)))
        at(end + 200, .speechProbablyEnded(utterance: utterance, lastSpeech: last))
        let revision = lastRevision(of: utterance)
        at(end + 300, .finalTranscript(utterance: utterance, revision: revision, text: text, wasRejected: rejected))
        at(end + delay, .speechEnded(utterance: utterance, lastSpeech: last))
    }

    /// The model's whole answer to the last request, token by token at once.
    mutating func modelSays(_ text: String, at milliseconds: Int64) {
        let request = lastRequest
        for word in text.split(separator: " ") {
            at(milliseconds, .replyText(request: request, word + " "))
        }
        at(milliseconds, .replyFinished(request: request))
    }

    /// Every segment spoken so far gets its audio at once and is played, 1 s each, from `milliseconds` on.
    @discardableResult
    mutating func playEverything(from milliseconds: Int64) -> Int64 {
        var time = milliseconds
        for segment in unplayed {
            at(time, .audioArrived(segment: segment.id))
            at(time, .audioFinished(segment: segment.id, samples: 8_000))
            at(time, .playoutStarted(segment: segment.id, audible: CallInstant(milliseconds: time)))
            time += 1_000
            at(time, .playoutFinished(segment: segment.id))
            played.insert(segment.id)
        }
        return time
    }

    private var played: Set<Int> = []
    private var unplayed: [Segment] { segments.filter { !played.contains($0.id) } }

    // MARK: What came out

    var segments: [Segment] {
        var seen: Set<Int> = []
        return actions.compactMap {
            if case .speak(let segment) = $0.action, seen.insert(segment.id).inserted { segment } else { nil }
        }
    }
    var spoken: [String] { segments.map(\.text) }

    var requests: [(id: Int, messages: [Message], isSpeculative: Bool)] {
        actions.compactMap {
            if case .requestReply(let id, let messages, let speculative) = $0.action {
                (id, messages, speculative)
            } else {
                nil
            }
        }
    }
    var lastRequest: Int { requests.last?.id ?? 0 }

    func lastRevision(of utterance: Int) -> Int {
        actions.reversed().lazy.compactMap {
            if case .finalizeTranscript(utterance, let revision, _) = $0.action { revision } else { nil }
        }.first ?? 0
    }

    var notes: [Note] { actions.compactMap { if case .note(let note) = $0.action { note } else { nil } } }
    var ledgers: [TurnLedger] {
        actions.compactMap { if case .turnMeasured(let ledger) = $0.action { ledger } else { nil } }
    }
    var ended: CallEnd? {
        actions.lazy.compactMap { if case .hangUp(let reason) = $0.action { reason } else { nil } }.first
    }
    func time(of action: Action) -> Int64? {
        actions.first { $0.action == action }.map { $0.at.nanoseconds / 1_000_000 }
    }
    func count(of action: Action) -> Int { actions.filter { $0.action == action }.count }
}
