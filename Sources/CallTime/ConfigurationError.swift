/// A setting that came from a person and cannot be used: which, what was given, what is allowed.
///
/// It lives here because every stage throws it at `init`, and this is the one module they all import.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    public var field: String
    public var given: String
    public var allowed: String

    public init(field: String, given: String, allowed: String) {
        self.field = field
        self.given = given
        self.allowed = allowed
    }

    public var description: String { "\(field): given \(given), allowed \(allowed)" }
}
