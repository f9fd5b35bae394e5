import AsyncHTTPClient
import CallTime
import NIOCore
import NIOHTTP1
import Providers
import Synchronization

/// A language model behind OpenAI's chat completions, or behind a server that speaks the same: vLLM, Ollama, llama.cpp.
///
/// - Input: the conversation as `ModelRequest` has it; whatever was cut out of it, the request is one servers accept.
/// - Output: text as it streams, tool calls when all of the answer is known, one `.finished`.
/// - Deadlines: `firstTokenDeadline` bounds connecting and waiting together, `chunkDeadline` each pause after it.
/// - Cancelling: ending the iteration closes the connection, which is the only way to stop a server.
/// - Errors: `rejected` for a key, a quota or a request it does not take; `unavailable` and `timedOut` are worth another
///   try, unless some of the answer was spoken already.
public struct OpenAIModel: LanguageModel {
    static let providerName = "openai"

    public struct Configuration: Sendable {
        static let openAI = try? VendorURL("https://api.openai.com/v1")

        /// With the version, as in `https://api.openai.com/v1`.
        public var base: VendorURL
        /// Empty: none is sent.
        public var key: String
        public var model = "gpt-4o"
        public var temperature = 0.4
        /// Longer answers are cut, and nobody listens to them on a telephone.
        public var mostTokens = 300
        public var tokenLimitField = TokenLimitField.maxCompletionTokens
        /// Whether tools' schemas are enforced where they can be (see `StrictSchema`).
        public var sendsStrictSchemas = true
        public var asksForUsage = true
        /// From the request to the first text or tool call, connecting included.
        public var firstTokenDeadline: Duration = .seconds(2)
        /// Between two pieces of an answer.
        public var chunkDeadline: Duration = .milliseconds(2_500)
        /// Told once for each answer whose server counts, when the answer is complete.
        public var onUsage: (@Sendable (Usage) -> Void)?

        public init(key: String, base: VendorURL? = nil) throws(ConfigurationError) {
            self.key = key
            if let base { self.base = base } else { self.base = try VendorURL("https://api.openai.com/v1") }
        }

        func checked() throws(ConfigurationError) -> Configuration {
            guard !model.isEmpty else { throw ConfigurationError(field: "model", given: "nothing", allowed: "a name") }
            guard (0...2).contains(temperature) else {
                throw ConfigurationError(field: "temperature", given: "\(temperature)", allowed: "0 to 2")
            }
            guard (1...100_000).contains(mostTokens) else {
                throw ConfigurationError(field: "mostTokens", given: "\(mostTokens)", allowed: "1 to 100000")
            }
            guard firstTokenDeadline > .zero, chunkDeadline > .zero else {
                throw ConfigurationError(
                    field: "deadlines", given: "\(firstTokenDeadline), \(chunkDeadline)", allowed: "more than 0 s")
            }
            guard key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw ConfigurationError(field: "key", given: "something else", allowed: "visible ASCII")
            }
            return self
        }
    }

    public enum TokenLimitField: String, Sendable {
        case maxCompletionTokens = "max_completion_tokens"
        /// The older name, and the only one that many servers know.
        case maxTokens = "max_tokens"
    }

    public struct Usage: Sendable, Equatable {
        public var promptTokens = 0
        public var completionTokens = 0
        /// Of the prompt's, those that were cheaper.
        public var cachedTokens = 0
        public init() {}
    }

    public let name = OpenAIModel.providerName
    private let configuration: Configuration
    private let client: HTTPClient
    private let warmth = Warmth()

    /// - Parameter client: Nil for the one that the process shares.
    public init(_ configuration: Configuration, client: HTTPClient? = nil) throws(ConfigurationError) {
        self.configuration = try configuration.checked()
        self.client = client ?? ProviderHTTP.client
    }

    public func reply(to request: ModelRequest) -> AsyncThrowingStream<ModelEvent, any Error> {
        let body = ChatRequest(configuration: configuration).body(request)
        let (stream, continuation) = AsyncThrowingStream<ModelEvent, any Error>.makeStream()
        let call: HTTPClient.Request
        do { call = try httpRequest(.POST, "/chat/completions", body: body) } catch {
            continuation.finish(
                throwing: ProviderError(provider: name, kind: .unavailable, detail: "the address cannot be used"))
            return stream
        }
        let answer = ChatAnswer(
            takenIDs: request.toolCallIDs, offersTools: !request.tools.isEmpty, secret: configuration.key)
        let exchange = HTTPExchange(client: client)
        continuation.onTermination = { if case .cancelled = $0 { exchange.cancel() } }
        exchange.start(
            call, to: .init(name: name, first: "first token", secret: configuration.key),
            deadlines: .init(first: configuration.firstTokenDeadline, between: configuration.chunkDeadline)
        ) { [onUsage = configuration.onUsage] in
            ChatAnswerReader(answer, continuation, onUsage: onUsage)
        }
        return stream
    }

    /// Opens a connection by a small request, unless that was done lately; what is answered does not matter.
    public func warmUp() {
        guard warmth.isDue(), let call = try? httpRequest(.HEAD, "/models") else { return }
        client.execute(request: call, deadline: .now() + .milliseconds(1_500)).whenComplete { _ in }
    }

    private func httpRequest(_ method: HTTPMethod, _ path: String, body: [UInt8]? = nil) throws -> HTTPClient.Request {
        var headers = HTTPHeaders()
        if !configuration.key.isEmpty { headers.add(name: "Authorization", value: "Bearer \(configuration.key)") }
        if body != nil {
            headers.add(name: "Content-Type", value: "application/json")
            headers.add(name: "Accept", value: "text/event-stream")
        }
        return try HTTPClient.Request(
            url: configuration.base.http(path: path), method: method, headers: headers, body: body.map { .bytes($0) })
    }
}

extension ModelRequest {
    fileprivate var toolCallIDs: Set<String> {
        var ids: Set<String> = []
        for message in messages {
            switch message {
            case .agent(_, let calls, _): ids.formUnion(calls.map(\.id))
            case .toolResult(let id, _, _): ids.insert(id)
            case .caller: break
            }
        }
        return ids
    }
}

/// When a connection was last opened for its own sake.
private final class Warmth: Sendable {
    /// Half the time for which an idle connection is kept.
    private static let interval = TimeAmount.seconds(30)
    private let last = Mutex<NIODeadline?>(nil)

    func isDue() -> Bool {
        let now = NIODeadline.now()
        return last.withLock { last in
            if let last, now < last + Self.interval { return false }
            last = now
            return true
        }
    }
}

/// Hands an answer's events to the stream, on the event loop on which its bytes arrive.
private final class ChatAnswerReader: HTTPAnswerReader {
    /// How long a server may take between the reason for the end and the end; pieces that come after all are still read.
    private static let settling = Duration.milliseconds(100)

    private var answer: ChatAnswer
    private let continuation: AsyncThrowingStream<ModelEvent, any Error>.Continuation
    private let onUsage: (@Sendable (OpenAIModel.Usage) -> Void)?
    private var events: [ModelEvent] = []

    init(
        _ answer: ChatAnswer, _ continuation: AsyncThrowingStream<ModelEvent, any Error>.Continuation,
        onUsage: (@Sendable (OpenAIModel.Usage) -> Void)?
    ) {
        self.answer = answer
        self.continuation = continuation
        self.onUsage = onUsage
    }

    func read(_ bytes: [UInt8]) throws(ProviderError) -> HTTPAnswerProgress {
        // What came before an error is told before it.
        defer { handOn() }
        switch try answer.read(bytes, into: &events) {
        case .waiting: return .waiting
        case .answering: return .answering
        case .finishing: return .settling(Self.settling)
        case .over:
            finish()
            return .complete
        }
    }

    func end() throws(ProviderError) {
        defer { handOn() }
        try answer.end(into: &events)
        finish()
    }

    func fail(_ error: ProviderError) { continuation.finish(throwing: error) }

    private func handOn() {
        for event in events { continuation.yield(event) }
        events.removeAll(keepingCapacity: true)
    }

    private func finish() {
        handOn()
        if let usage = answer.usage { onUsage?(usage) }
        continuation.finish()
    }
}
