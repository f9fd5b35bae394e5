/// A tool that is an HTTP endpoint, as the agent file describes it. Nothing secret is in it, only the names of variables.
public struct HTTPToolDescription: Sendable, Equatable {
    /// Unlike those of the built-in tools.
    public var name: String
    /// What it does and when to use it, for the model.
    public var purpose: String
    /// JSON Schema of the arguments, an object.
    public var parametersJSON: String
    public var method: Method
    /// `http` or `https`; `{argument}` placeholders stand in its path and query only, each a required argument.
    public var url: String
    /// In the order of the file.
    public var headers: [Header]
    /// The environment variable with the key that requests are signed with; nil: they are not.
    public var secretVariable: String?
    /// For one try, from connecting to the last byte of the answer.
    public var timeout: Duration
    /// Whether a request that may have arrived may be sent once more.
    public var isIdempotent: Bool
    /// Tries after the first, where `isIdempotent`.
    public var retries: Int

    public enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"

        /// RFC 9110, 9.2.2.
        public var isUsuallyIdempotent: Bool { self == .get || self == .put || self == .delete }
    }

    public struct Header: Sendable, Equatable {
        public var name: String
        public var value: Value

        public enum Value: Sendable, Equatable {
            case text(String)
            /// The value is that of the environment variable with this name.
            case variable(String)
        }
    }
}
