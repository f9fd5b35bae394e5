/// The order of an agent's questions: what it wants to know, and what it does once it knows.
public struct Flow: Sendable, Equatable {
    public var steps: [Step]
    public init(steps: [Step] = []) { self.steps = steps }

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
