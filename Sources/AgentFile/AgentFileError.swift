/// Everything that is wrong with one agent file, reported together.
public struct AgentFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// In the order of their lines; never empty.
    public var problems: [Problem]

    public init(problems: [Problem]) {
        precondition(!problems.isEmpty, "an error names at least one problem")
        self.problems = problems
    }

    /// One thing that cannot be used: where it stands, what it says, what it may say.
    public struct Problem: Sendable, Equatable, CustomStringConvertible {
        public var file: String
        /// Counted from 1; 1 also for what concerns the file as a whole.
        public var line: Int
        /// Dotted, with list places in brackets: `flow.steps[2].expects`.
        public var field: String
        public var given: String
        public var allowed: String

        public init(file: String, line: Int, field: String, given: String, allowed: String) {
            self.file = file
            self.line = line
            self.field = field
            self.given = given
            self.allowed = allowed
        }

        /// `desk.yaml:12: flow.steps[2].expects: given dates, allowed date, time, ...`
        public var description: String { "\(file):\(line): \(field): given \(given), allowed \(allowed)" }
    }

    /// One line a problem.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// Collects problems while a file is read. Local to one load.
final class ProblemList {
    /// More would bury the first; the rest appears once these are mended.
    static let most = 100
    let file: String
    private(set) var found: [AgentFileError.Problem] = []

    init(file: String) { self.file = file }

    func add(line: Int, field: String, given: String, allowed: String) {
        guard found.count < Self.most else { return }
        found.append(.init(file: file, line: line, field: field, given: Self.shown(given), allowed: allowed))
    }

    /// The problems by line, in the order they were found within one.
    var error: AgentFileError? {
        guard !found.isEmpty else { return nil }
        let ordered = found.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
        return AgentFileError(problems: ordered.map(\.element))
    }

    /// One line of at most 60 characters: a message is for reading.
    static func shown(_ text: String) -> String {
        let line = String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
        return line.count <= 60 ? line : line.prefix(57) + "..."
    }
}
