import Conversation

/// An agent as its YAML file describes it: what it is, what it says, and what it needs.
///
/// Read with `load(path:)`; docs/agent-file.md has every field.
public struct AgentFile: Sendable, Equatable {
    /// Whom the caller has reached: "Brightside Dental".
    public var name: String
    /// BCP 47, `en-US`.
    public var language: String
    /// Called numbers that this agent answers, in E.164: `+15550100001`.
    public var numbers: [String]
    /// The voice's name as the provider knows it; empty for its default.
    public var voice: String
    /// The persona and the rules: a language model's system prompt.
    public var instructions: String
    /// How long silence must last before a turn counts as over.
    public var endpointing: Endpointing
    /// Greeting, disclosure, flow, knowledge, lines, limits, escalation and goodbye.
    ///
    /// A flow without steps is that of an agent that talks freely through a language model.
    public var script: DialogueScript
    /// Present where the agent books appointments.
    public var calendar: AppointmentCalendar?
    /// What makes a lead a good one; empty where there is none to judge.
    public var leadCriteria: [LeadCriterion]
    /// Present where the agent looks up orders.
    public var orders: OrderTable?
    /// Names of the tools the agent may use, those of `httpTools` among them.
    public var tools: [String]
    public var httpTools: [HTTPToolDescription]
    public var providers: ProviderPreferences
    /// What the providers by these names are asked for.
    public var deepgram: DeepgramOptions
    public var openAI: OpenAIOptions
    public var elevenLabs: ElevenLabsOptions
    public var aura: AuraOptions
    public var outbound: Outbound
    /// Left on an answering machine after its tone; nil: nothing, and the call ends.
    public var voicemail: String?
    /// Names of callers, added to what the recogniser knows.
    public var names: [String]

    /// The profiles of the endpointer, by name.
    public enum Endpointing: String, Sendable, CaseIterable { case fast, balanced, patient }

    /// When appointments may begin.
    public struct AppointmentCalendar: Sendable, Equatable {
        public var openingHours: OpeningHours
        /// Appointments begin every so many minutes from the start of each range, and last as long.
        public var slotMinutes: Int
    }

    /// What is different in the calls that the agent places.
    public struct Outbound: Sendable, Equatable {
        /// Said instead of the script's greeting; nil: that one. May hold the disclosure's placeholder as well.
        public var greeting: String?
        /// The greeting waits this long at most for word whether a person or a machine answered.
        public var holdGreeting: Duration = .seconds(4)
    }

    /// Providers by name, most wanted first. The runtime puts the local ones last where they are not named.
    public struct ProviderPreferences: Sendable, Equatable {
        public var speechToText: [String] = ["pocketsphinx"]
        public var languageModel: [String] = ["scripted"]
        public var textToSpeech: [String] = ["flite"]
    }

    /// One condition on one slot of a lead.
    public struct LeadCriterion: Sendable, Equatable {
        public var slot: String
        public var rule: Rule

        public enum Rule: Sendable, Equatable {
            case isYes
            case isNo
            case equals(String)
            case atLeast(Double)
            case atMost(Double)
            case oneOf([String])
        }
    }
}

extension AgentFile {
    /// The script of calls that the agent places: with the greeting of `outbound`, if it has one.
    public var outboundScript: DialogueScript {
        var script = script
        if let greeting = outbound.greeting { script.greeting = greeting }
        return script
    }
}

// MARK: - Loading

extension AgentFile {
    /// Reads and checks the file at `path`. Files it names (orders) are sought beside it.
    ///
    /// - Throws: every problem of the file at once.
    public static func load(path: String) throws(AgentFileError) -> AgentFile {
        let problems = ProblemList(file: path)
        let bytes: [UInt8]
        switch FileBytes.read(path: path, most: YAMLGuard.mostBytes) {
        case .success(let read): bytes = read
        case .failure(let trouble):
            problems.add(line: 1, field: "file", given: trouble.given, allowed: trouble.allowed)
            throw problems.error!
        }
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        return try load(bytes: bytes, directory: directory.isEmpty ? "/" : directory, problems: problems)
    }

    /// Checks a file's text.
    ///
    /// - Parameters:
    ///   - name: The file's name in messages.
    ///   - directory: Where the files that the text names are sought.
    public static func load(
        yaml: String, name: String = "agent.yaml", directory: String = "."
    ) throws(AgentFileError) -> AgentFile {
        try load(bytes: Array(yaml.utf8), directory: directory, problems: ProblemList(file: name))
    }

    /// As `load(yaml:)`, from bytes that may not even be text.
    public static func load(
        bytes: [UInt8], name: String, directory: String = "."
    ) throws(AgentFileError) -> AgentFile {
        try load(bytes: bytes, directory: directory, problems: ProblemList(file: name))
    }

    private static func load(
        bytes: [UInt8], directory: String, problems: ProblemList
    ) throws(AgentFileError) -> AgentFile {
        let agent = AgentReader(problems: problems, directory: directory).read(bytes)
        if let error = problems.error { throw error }
        guard let agent else { preconditionFailure("a file without an agent has a problem") }
        return agent
    }
}
