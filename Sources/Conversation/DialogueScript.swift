/// Everything a scripted dialogue says and follows: the flow, what it knows, its lines and its limits.
///
/// A value without behaviour: `AgentFile` reads it from YAML, a scripted dialogue follows it.
public struct DialogueScript: Sendable, Equatable {
    /// What the agent says first; spoken by the runtime when the call opens.
    public var greeting: String
    public var disclosure: Disclosure
    public var flow: Flow
    public var knowledge: [KnowledgeEntry]
    /// When the place is open; decides whether "three" is in the afternoon. Empty: the usual office hours.
    public var openingHours: OpeningHours
    public var lines: DialogueLines
    /// Where a caller goes who wants a person; nil: there is nobody.
    public var escalation: Escalation?
    public var goodbye: String
    public var limits: DialogueLimits

    public init(
        greeting: String = "", disclosure: Disclosure = Disclosure(), flow: Flow, knowledge: [KnowledgeEntry] = [],
        openingHours: OpeningHours = OpeningHours(), lines: DialogueLines = DialogueLines(),
        escalation: Escalation? = nil, goodbye: String = "Thank you for calling. Goodbye.",
        limits: DialogueLimits = DialogueLimits()
    ) {
        self.greeting = greeting
        self.disclosure = disclosure
        self.flow = flow
        self.knowledge = knowledge
        self.openingHours = openingHours
        self.lines = lines
        self.escalation = escalation
        self.goodbye = goodbye
        self.limits = limits
    }
}

/// Saying what we are: when, in which words, and whether the caller may talk over it.
public struct Disclosure: Sendable, Equatable {
    public enum Policy: String, Sendable, CaseIterable {
        /// Never on our own; a direct question is still answered honestly.
        case none
        /// With the greeting, before anything else.
        case greeting
        /// When the caller asks.
        case onRequest = "on_request"
    }

    public var policy: Policy
    public var text: String
    /// The caller may not interrupt it.
    public var isProtected: Bool

    public init(
        policy: Policy = .onRequest, text: String = "I'm an automated assistant, not a person.",
        isProtected: Bool = false
    ) {
        self.policy = policy
        self.text = text
        self.isProtected = isProtected
    }
}

/// One thing the agent can answer, and questions by which it is recognised.
public struct KnowledgeEntry: Sendable, Equatable {
    public var id: String
    public var questions: [String]
    public var answer: String

    public init(id: String, questions: [String], answer: String) {
        self.id = id
        self.questions = questions
        self.answer = answer
    }
}

/// Handing a caller to a person.
public struct Escalation: Sendable, Equatable {
    /// A telephone number or address, as the carrier takes it.
    public var target: String
    /// Said to the caller before the handoff.
    public var announce: String
    /// The reason given where the dialogue has no better one.
    public var reason: String
    /// Said when nobody took the call and the caller is back with the agent.
    public var unanswered: String
    /// How long it may ring.
    public var timeout: Duration

    public static let usualUnanswered =
        "I'm sorry, nobody is free right now. Is there anything else I can do for you?"

    public init(
        target: String, announce: String, reason: String = "caller asked for a person",
        unanswered: String = Self.usualUnanswered, timeout: Duration = .seconds(20)
    ) {
        self.target = target
        self.announce = announce
        self.reason = reason
        self.unanswered = unanswered
        self.timeout = timeout
    }
}

/// What bounds a call.
public struct DialogueLimits: Sendable, Equatable {
    /// The call ends after this, whatever happens.
    public var longestCall: Duration
    /// Caller turns before the agent wraps up.
    public var mostTurns: Int
    /// How often one question is asked again before the agent offers a person.
    public var repeats: Int
    /// Prompts for a silent line, in order; after the last comes the goodbye.
    public var deadAir: [DeadAirPrompt]
    /// A tool that takes longer has `DialogueLines.filler` said while it works.
    public var fillerAfter: Duration

    public init(
        longestCall: Duration = .seconds(600), mostTurns: Int = 60, repeats: Int = 2,
        deadAir: [DeadAirPrompt] = [
            DeadAirPrompt(after: .seconds(6), say: "Are you still there?"),
            DeadAirPrompt(after: .seconds(8), say: "I can't hear you at the moment. Please say something."),
        ],
        fillerAfter: Duration = .milliseconds(700)
    ) {
        self.longestCall = longestCall
        self.mostTurns = mostTurns
        self.repeats = repeats
        self.deadAir = deadAir
        self.fillerAfter = fillerAfter
    }
}

/// One rung of the ladder that ends dead air.
public struct DeadAirPrompt: Sendable, Equatable {
    /// Silence since the last sound of either party, or since the rung before.
    public var after: Duration
    public var say: String

    public init(after: Duration, say: String) {
        self.after = after
        self.say = say
    }
}
