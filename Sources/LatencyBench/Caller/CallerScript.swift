import CallTime

/// One thing the caller said, and what came of it. Places are samples of the call's clock.
public struct CallerTurn: Sendable, Equatable {
    public enum Outcome: Sendable, Equatable {
        /// The response gap in samples: the caller's last audible one to the agent's first.
        case answered(gap: Int)
        /// Nothing within the time a caller waits.
        case noReply
        /// The agent began before the caller was done.
        case cutIn
    }

    public var began: Int
    /// The end of the last audible frame.
    public var ended: Int
    public var outcome: Outcome
}

/// What a patient caller does: listens to the greeting, says a sentence, waits for the reply to begin and to be over,
/// says the next.
///
/// A reply is over when nothing was heard for 700 ms; after a cut-in, for 2 s, as the agent may begin anew. Nobody waits
/// longer than 12 s for a reply to begin, nor 60 s for one to end.
public struct CallerScript: Sendable {
    public static let frame = 160
    static let silence = SampleRate.narrowband.samples(in: .milliseconds(700))
    static let silenceAfterCutIn = SampleRate.narrowband.samples(in: .seconds(2))
    static let patience = SampleRate.narrowband.samples(in: .seconds(12))
    static let longestReply = SampleRate.narrowband.samples(in: .seconds(60))

    private enum State: Equatable {
        /// To the greeting (nil) or to the reply to what was said.
        case listening(since: Int, said: Range<Int>?)
        case speaking(began: Int, spoken: Int)
        case over
    }

    /// Those that are over.
    public private(set) var turns: [CallerTurn] = []
    private let utterances: [[UInt8]]
    private let mostTurns: Int
    private var next: Int
    private var state = State.listening(since: 0, said: nil)

    /// - Parameters:
    ///   - utterances: mu-law, said in turn; each begins and ends with an audible frame.
    ///   - first: The index of the one that is said first.
    /// - Precondition: there is an utterance.
    public init(utterances: [[UInt8]], turns: Int, first: Int = 0) {
        precondition(!utterances.isEmpty, "a caller has something to say")
        self.utterances = utterances
        mostTurns = turns
        next = first
    }

    /// Turns that were begun.
    public var turnsBegun: Int {
        switch state {
        case .listening(_, .some), .speaking: turns.count + 1
        case .listening(_, nil), .over: turns.count
        }
    }

    /// What the caller's microphone hears in the frame that begins at `begin`; nil: the caller hangs up.
    ///
    /// - Parameter agent: Where the agent was audible before `begin`.
    public mutating func nextFrame(at begin: Int, agent: VoicedSpans) -> ArraySlice<UInt8>? {
        if case .listening(let since, let said) = state { listen(since, said, begin, agent) }
        switch state {
        case .over: return nil
        case .listening: return []
        case .speaking(let began, let spoken):
            let utterance = utterances[next % utterances.count]
            let end = min(spoken + Self.frame, utterance.count)
            if end == utterance.count {
                next += 1
                state = .listening(since: began, said: began..<began + utterance.count)
            } else {
                state = .speaking(began: began, spoken: end)
            }
            return utterance[spoken..<end]
        }
    }

    private mutating func listen(_ since: Int, _ said: Range<Int>?, _ now: Int, _ agent: VoicedSpans) {
        let heard = agent.firstVoiced(since: since)
        let spokenUntil = said?.upperBound ?? since
        guard let heard, let lastHeard = agent.lastEnd else {
            if now - spokenUntil >= Self.patience { finish(said, .noReply, now) }
            return
        }
        let isCutIn = heard < spokenUntil
        let wanted = isCutIn && said != nil ? Self.silenceAfterCutIn : Self.silence
        guard now - max(lastHeard, spokenUntil) >= wanted || now - spokenUntil >= Self.longestReply else { return }
        finish(said, isCutIn ? .cutIn : .answered(gap: heard - spokenUntil), now)
    }

    /// The line is dead. A reply that had begun counts; a turn without one stays without an outcome.
    ///
    /// - Parameter agent: Where the agent was audible to the end.
    public mutating func lineDied(agent: VoicedSpans) {
        guard case .listening(let since, .some(let said)) = state, let heard = agent.firstVoiced(since: since) else {
            return
        }
        finish(said, heard < said.upperBound ? .cutIn : .answered(gap: heard - said.upperBound), said.upperBound)
        state = .over
    }

    private mutating func finish(_ said: Range<Int>?, _ outcome: CallerTurn.Outcome, _ now: Int) {
        if let said {
            turns.append(CallerTurn(began: said.lowerBound, ended: said.upperBound, outcome: outcome))
        }
        state = turns.count < mostTurns ? .speaking(began: now, spoken: 0) : .over
    }
}
