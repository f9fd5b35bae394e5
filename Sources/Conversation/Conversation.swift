import CallTime

/// Turn-taking: who may speak when, as one pure value. Events go in with their instant, actions come out.
///
/// It has no clock, no task and no randomness: the same events at the same instants give the same actions, always.
/// Whoever drives it performs the actions in their order and brings what comes of them back as events; an answer to
/// something that is no longer wanted is recognised by its tag and dropped.
///
/// What it keeps to, whatever happens outside:
/// - one voice at a time: nothing of a turn is played before its commit, and nothing of it after a flush;
/// - whatever is awaited has a deadline, and something is said when it passes;
/// - the history holds what was heard;
/// - a tool runs only once the turn that asked for it is committed, and then once.
public struct Conversation: Sendable {
    /// The caller's side.
    enum Caller: Sendable, Equatable {
        case silent
        case speaking(utterance: Int)
        /// The turn may be over: a reply is being prepared on it, unheard.
        case mayBeDone(utterance: Int)
    }

    /// The agent's side.
    enum Agent: Sendable, Equatable {
        case awaitingMedia
        case listening
        /// The endpoint has come, the transcript has not.
        case awaitingTranscript
        /// A committed reply is being made; nothing of it is audible yet.
        case awaitingReply
        case speaking
        /// Playout is held while we find out whether the caller takes the turn.
        case holding(since: CallInstant, position: PlayoutPosition?)
        case ended
    }

    /// The caller's utterance in progress or just over.
    struct Utterance: Sendable, Equatable {
        var number: Int
        var onset: CallInstant
        var lastSpeech: CallInstant
        var probableEnd: CallInstant
        var endpoint: CallInstant?
        /// Of the transcript: ascends with each `finalizeTranscript`.
        var revision = 0
        var interim = ""
        var final: Final?
        var hasEnded: Bool { endpoint != nil }

        struct Final: Sendable, Equatable {
            var revision: Int
            var text: String
            var wasRejected: Bool
            var arrived: CallInstant
        }
    }

    public let configuration: Configuration
    /// What was said and heard so far, as the model is told it.
    public internal(set) var history: [Message] = []

    var caller = Caller.silent
    var agent = Agent.awaitingMedia
    var utterance: Utterance?
    /// The agent's turn under way: prepared, spoken or held.
    var reply: Reply?
    /// Words of the caller's that no reply has answered aloud: a further utterance joins them.
    var unanswered: String?
    /// An utterance that was judged to take no turn; its transcript starts nothing.
    var ignoredUtterance: Int?
    /// A reply due to `callerText` waits for tools of an interrupted turn, so that the history stays legal.
    var awaitsTools = false
    var deadAirStep = 0
    var turnsTaken = 0
    var failuresInARow = 0
    var saidWaitLine = false
    /// An utterance whose transcript came after the next had begun.
    var lateUtterance: Int?
    var answeredUtterance = 0
    /// Ids of tools that were run, so that none runs twice.
    var startedTools: Set<String> = []

    /// Keys the model has not been told of.
    var pendingKeys = ""
    /// The question being asked, as it was last made known.
    var expectedStep: String?
    var keysAreWhole = false
    /// What happens once it is known how much was heard of the turn that is broken off.
    var breakingOff: BreakingOff?

    private var lastTurn = 0
    private var lastRequest = 0
    private var lastSegment = 0

    /// - Parameter history: What was said before, where a call comes back to the agent.
    public init(_ configuration: Configuration, history: [Message] = []) {
        self.configuration = configuration
        self.history = history
    }

    /// Takes one event and appends what is to be done about it.
    public mutating func handle(_ event: Event, at now: CallInstant, into actions: inout [Action]) {
        if agent == .ended { return }
        switch event {
        case .mediaStarted: begin(now, &actions)
        case .callerHungUp: breakOff(.callerLeft, now, &actions)

        case .speechStarted(let utterance, let onset): speechStarted(utterance, onset: onset, now, &actions)
        case .speechProbablyEnded(let utterance, let last): speechMayHaveEnded(utterance, last, now, &actions)
        case .speechResumed(let utterance): speechResumed(utterance, now, &actions)
        case .speechEnded(let utterance, let last): speechEnded(utterance, last, now, &actions)

        case .interimTranscript(let utterance, let text): interimTranscript(utterance, text, now, &actions)
        case .finalTranscript(let utterance, let revision, let text, let wasRejected):
            finalTranscript(utterance, revision, text, wasRejected, now, &actions)
        case .transcriptFailed(let reason): transcriptFailed(reason, now, &actions)

        case .replyText(let request, let text): replyText(request, text, now, &actions)
        case .replyToolCall(let request, let call): replyToolCall(request, call, now, &actions)
        case .replyExpects(let request, let step): replyExpects(request, step: step, &actions)
        case .replyFinished(let request): replyFinished(request, now, &actions)
        case .replyFailed(let request, let reason): replyFailed(request, reason, now, &actions)

        case .audioArrived(let segment): audioArrived(segment, now, &actions)
        case .wordTimes(let segment, let words): reply?.updateSegment(segment) { $0.words = words }
        case .audioFinished(let segment, let samples): audioFinished(segment, samples, now, &actions)
        case .voiceFailed(let segment, let reason): voiceFailed(segment, reason, now, &actions)

        case .playoutStarted(let segment, let audible): playoutStarted(segment, audible, now, &actions)
        case .playoutFinished(let segment): playoutFinished(segment, now, &actions)
        case .playoutHeld(let position): playoutHeld(position, now, &actions)

        case .toolFinished(let call, let json): toolFinished(call, json, now, &actions)
        case .timerFired(let timer): timerFired(timer, now, &actions)

        case .keyPressed(let key): keyPressed(key, now, &actions)
        case .endRequested(let line, let reason): wrapUp(line, ending: reason, now, &actions)
        case .machineAnswered(let message): machineAnswered(message, now, &actions)
        }
    }

    // MARK: Beginning and end

    private mutating func begin(_ now: CallInstant, _ actions: inout [Action]) {
        guard agent == .awaitingMedia else { return }
        agent = .listening
        actions.append(.armTimer(.longestCall, at: now + configuration.longestCall))
        expectedStep = configuration.openingExpects
        actions.append(.expectAnswer(step: configuration.openingExpects, endpointDelay: nil))
        guard !configuration.opening.isEmpty else { return armDeadAir(now, &actions) }
        actions.append(.note(.greetingStarted))
        sayFixedLines(configuration.opening, now, &actions)
        reply?.expects = configuration.openingExpects
        reply?.namesExpectation = true
    }

    mutating func end(_ reason: CallEnd, _ actions: inout [Action]) {
        agent = .ended
        for timer in TimerID.allCases { actions.append(.disarmTimer(timer)) }
        actions.append(.hangUp(reason))
    }

    // MARK: Numbers

    mutating func nextTurn() -> Int {
        lastTurn += 1
        return lastTurn
    }

    mutating func nextRequest() -> Int {
        lastRequest += 1
        return lastRequest
    }

    mutating func nextSegment() -> Int {
        lastSegment += 1
        return lastSegment
    }
}
