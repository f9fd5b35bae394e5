/// What went wrong at a provider, whose fault it is, and whether another try may help.
public struct ProviderError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// It could not be reached, or is not installed.
        case unavailable
        /// It refused us: key, quota, or a request it does not take.
        case rejected
        /// It said nothing within its deadline.
        case timedOut
        /// It answered with something that is not its protocol.
        case malformed
        /// We gave up the request ourselves.
        case cancelled
    }

    public var provider: String
    public var kind: Kind
    public var detail: String
    public var isRetryable: Bool

    public init(provider: String, kind: Kind, detail: String, isRetryable: Bool = false) {
        self.provider = provider
        self.kind = kind
        self.detail = detail
        self.isRetryable = isRetryable
    }

    public var description: String { "\(provider): \(kind.rawValue): \(detail)" }
}
