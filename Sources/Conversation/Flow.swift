/// The order of an agent's questions: what it wants to know, and what it does once it knows.
public struct Flow: Sendable, Equatable {
    public var steps: [Step]
    /// Words or phrases with which a caller asks for this flow ("appointment", "book"). Empty: anything starts it.
    public var startsOn: [String]
    /// A tool that is asked as soon as its slots are known, before the remaining questions.
    public var check: Check?
    /// The line that reads every slot back, with `{slot}` placeholders; a yes to it commits. nil: nothing to commit.
    public var readBack: String?
    /// What is done once every slot is known and, where there is a read-back, confirmed.
    public var completion: Completion?

    public init(
        steps: [Step] = [], startsOn: [String] = [], check: Check? = nil, readBack: String? = nil,
        completion: Completion? = nil
    ) {
        self.steps = steps
        self.startsOn = startsOn
        self.check = check
        self.readBack = readBack
        self.completion = completion
    }

    public func step(_ id: String) -> Step? { steps.first { $0.id == id } }

    /// One question and the slot its answer fills.
    public struct Step: Sendable, Equatable {
        /// Unique in the flow; also the slot's name.
        public var id: String
        public var expects: ExpectedAnswer
        /// What the agent says to ask for it.
        public var ask: String
        /// How it asks once more, in order, when the answer was not understood.
        public var askAgain: [String]
        /// Silence to wait after the caller's last speech sample while this answer is expected; nil: the profile's.
        public var endpointDelay: Duration?

        public init(
            id: String, expects: ExpectedAnswer, ask: String, askAgain: [String] = [], endpointDelay: Duration? = nil
        ) {
            self.id = id
            self.expects = expects
            self.ask = ask
            self.askAgain = askAgain
            self.endpointDelay = endpointDelay
        }
    }

    /// A question to a tool about the slots known so far: is that hour free?
    public struct Check: Sendable, Equatable {
        /// `check_availability`, asked once the date and the time are known.
        public var tool: String
        /// Said before the next question when the answer is yes; nil: nothing.
        public var available: String?
        /// Said when the answer is no; `{slot}` placeholders and `{reason}`.
        public var unavailable: String
        /// Said with the times the tool offers instead: `{alternatives}`.
        public var alternatives: String
        /// Said when the tool offers none, or the caller wants none of them.
        public var noAlternatives: String
        /// What `{reason}` becomes, per reason the tool gives.
        public var reasons: [ReasonLine]

        public init(
            tool: String, available: String? = nil, unavailable: String, alternatives: String, noAlternatives: String,
            reasons: [ReasonLine] = []
        ) {
            self.tool = tool
            self.available = available
            self.unavailable = unavailable
            self.alternatives = alternatives
            self.noAlternatives = noAlternatives
            self.reasons = reasons
        }
    }

    /// How one reason of a tool is put into words: `closed` as "we are closed then".
    public struct ReasonLine: Sendable, Equatable {
        public var reason: String
        public var say: String

        public init(reason: String, say: String) {
            self.reason = reason
            self.say = say
        }
    }

    /// The tool that finishes the flow and what is said of its answer.
    public struct Completion: Sendable, Equatable {
        /// `book_appointment`, `qualify_lead` or `lookup_order`.
        public var tool: String
        /// Booked, qualified, found. `{slot}` placeholders, and for an order its columns.
        public var success: String
        /// Not booked, not qualified, not found.
        public var failure: String

        public init(tool: String, success: String, failure: String) {
            self.tool = tool
            self.success = success
            self.failure = failure
        }
    }
}

/// The kind of answer a question expects.
public enum ExpectedAnswer: Sendable, Equatable {
    case yesNo
    case digits(count: Int?)
    case phoneNumber
    case email
    case date
    case time
    case name
    case number
    case choice([String])
    case open
}

// MARK: - Questions that are not steps

extension Flow {
    /// Questions a dialogue asks besides its steps, named so that a recogniser can be told of them.
    ///
    /// No step may have one of these ids.
    public enum Question: String, Sendable, CaseIterable {
        /// "Is that right?" after the read-back: yes, no, or a correction.
        case confirm
        /// "I could do ten or eleven": one of them, "the first", or another date or time.
        case alternatives
        /// Another date or time, after the wanted one was not free.
        case otherTime = "other_time"
        /// "What should I change?"
        case change
        /// "Shall I put you through to a person?"
        case person
        /// "Anything else?"
        case anythingElse = "anything_else"
    }

    /// What the question named `id`, a step's or one of `Question`, expects; nil for an unknown one.
    public func expectedAnswer(of id: String) -> ExpectedAnswer? {
        if let step = step(id) { return step.expects }
        switch Question(rawValue: id) {
        case .confirm, .person, .anythingElse: return .yesNo
        case .alternatives, .otherTime: return .time
        case .change: return .open
        case nil: return nil
        }
    }
}
