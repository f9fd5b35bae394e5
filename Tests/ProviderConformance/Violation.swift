/// One way in which a provider breaks its protocol's promises.
public struct Violation: Sendable, Equatable, CustomStringConvertible {
    /// The situation in which a provider is watched.
    public enum Situation: String, Sendable, CaseIterable {
        /// It is asked and answers.
        case normal
        /// The answer, or whoever waits for it, comes late.
        case late
        /// There is nothing to answer: silence, no text, no message, no argument.
        case empty
        /// The same is asked twice.
        case doubled
        /// Nobody wants the answer any more.
        case cancelled
        /// It cannot do what is asked.
        case failing
        /// Older and newer requests cross.
        case outOfOrder
        /// It did not answer within the suite's limit.
        case hanging
    }

    public var situation: Situation
    /// What was promised and what was seen.
    public var detail: String

    public init(_ situation: Situation, _ detail: String) {
        self.situation = situation
        self.detail = detail
    }

    public var description: String { "\(situation.rawValue): \(detail)" }
}
