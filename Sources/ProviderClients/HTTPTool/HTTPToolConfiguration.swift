extension HTTPTool {
    /// An HTTP endpoint as a tool, with everything resolved: header values and the key are here in the clear, so that
    /// neither may be shown. `description` leaves them out, and so does `dump`.
    public struct Configuration: Sendable, Equatable {
        public var name: String
        public var purpose: String
        /// JSON Schema of the arguments; its top level is checked before anything is sent.
        public var parametersJSON: String
        public var method: Method
        /// `http` or `https`; `{argument}` placeholders in path and query only.
        public var url: String
        public var headers: [Header]
        /// The key of the signature; nil: unsigned.
        public var secret: [UInt8]?
        /// For one try, from connecting to the last byte of the answer.
        public var timeout: Duration
        /// Whether a request that may have arrived may be sent once more.
        public var isIdempotent: Bool
        /// Tries after the first, where `isIdempotent`.
        public var retries: Int

        public init(
            name: String, purpose: String, parametersJSON: String = #"{"type":"object","properties":{}}"#,
            method: Method = .post, url: String, headers: [Header] = [], secret: [UInt8]? = nil,
            timeout: Duration = .seconds(3), isIdempotent: Bool = false, retries: Int = 1
        ) {
            self.name = name
            self.purpose = purpose
            self.parametersJSON = parametersJSON
            self.method = method
            self.url = url
            self.headers = headers
            self.secret = secret
            self.timeout = timeout
            self.isIdempotent = isIdempotent
            self.retries = retries
        }
    }

    public enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"

        /// Whether arguments are its body; else they are the query.
        var hasBody: Bool { self == .post || self == .put || self == .patch }
    }

    public struct Header: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }
}

extension HTTPTool.Configuration: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(name): \(method.rawValue) \(url)" }
    public var customMirror: Mirror { Mirror(self, children: ["name": name, "method": method, "url": url]) }
}

extension HTTPTool.Header: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(name): ..." }
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
