import CallTime
import NIOCore
import NIOPosix
import Providers

/// Deepgram's streaming recognition: Nova on `/v1/listen`, Flux on `/v2/listen`.
///
/// Our own detector says what an utterance is; the vendor's ends of turns only answer sooner. `open` returns at once; the
/// connection is made when the first audio comes, which also says how it is encoded, and audio waits for it meanwhile.
public struct DeepgramRecogniser: SpeechToText {
    public struct Configuration: Sendable {
        public var baseURL: VendorURL
        public var apiKey: String
        /// A name that begins with `flux` is heard over `/v2/listen`.
        public var model = "nova-3"
        /// BCP 47; empty: the one the call was opened with. Not sent to Flux.
        public var language = ""
        /// Names and words of the trade to listen for, at most 100.
        public var keyterms: [String] = []
        /// Silence after which Nova ends a piece of speech by itself, 10...5,000 ms.
        public var endpointingMs = 300
        /// More query parameters, sent as they are: `("numerals", "true")`.
        public var extraQuery: [(name: String, value: String)] = []

        /// Flux: confidence at which a turn is over, 0.5...1.
        public var endOfTurnThreshold = 0.7
        /// Flux: confidence at which a turn is perhaps over, 0.3...0.9 and not above the other. Nil: not asked for.
        public var eagerEndOfTurnThreshold: Double? = 0.4
        /// Flux: silence that ends a turn whatever the confidence, 500...60,000 ms.
        public var endOfTurnTimeoutMs = 5_000
        /// Flux: whether `finalize` also ends the vendor's turn. Then a turn never spans two of our utterances.
        public var forcesTurnEnd = false

        /// When a `finalize` that got no answer is answered with what is known, 100...1,000 ms.
        public var finalDeadline: Duration = .milliseconds(700)
        public var connectDeadline: Duration = .milliseconds(1_500)
        public var pingInterval: Duration? = .seconds(2)

        public init(apiKey: String, baseURL: VendorURL = .deepgram) {
            self.apiKey = apiKey
            self.baseURL = baseURL
        }

        var isFlux: Bool { model.lowercased().hasPrefix("flux") }
    }

    static let providerName = "deepgram"
    public var name: String { Self.providerName }
    public let configuration: Configuration
    private let group: any EventLoopGroup

    /// - Throws: `ConfigurationError` for a value out of its range. The key is not repeated in it.
    public init(
        _ configuration: Configuration, eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) throws(ConfigurationError) {
        try configuration.validate()
        self.configuration = configuration
        group = eventLoopGroup
    }

    /// The session runs on one event loop, on which its events are delivered too.
    public func open(
        _ configuration: SpeechToTextConfiguration,
        onEvent: @escaping @Sendable (TranscriptEvent) -> Void
    ) async throws(ProviderError) -> any SpeechToTextSession {
        let rate = configuration.sampleRate.hz
        guard (8_000...48_000).contains(rate) else {
            throw ProviderError(
                provider: name, kind: .rejected, detail: "audio at 8000 to 48000 Hz needed, given \(rate) Hz")
        }
        return DeepgramSession(
            self.configuration, rate: configuration.sampleRate, language: configuration.language, on: group.next(),
            onEvent: onEvent)
    }
}

extension VendorURL {
    /// `https://api.deepgram.com`; other regions have hosts of their own.
    public static var deepgram: VendorURL {
        // A literal that parses; a test reads it.
        try! VendorURL("https://api.deepgram.com")
    }
}

extension DeepgramRecogniser.Configuration {
    func validate() throws(ConfigurationError) {
        func check(_ holds: Bool, _ field: String, _ given: Any, _ allowed: String) throws(ConfigurationError) {
            if !holds { throw ConfigurationError(field: field, given: "\(given)", allowed: allowed) }
        }
        let isKey = !apiKey.isEmpty && apiKey.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        try check(isKey, "api_key", apiKey.isEmpty ? "nothing" : "a text with spaces or control characters", "a key")
        try check(!model.isEmpty, "model", "nothing", "a model's name")
        try check(keyterms.count <= 100, "keyterms", keyterms.count, "at most 100")
        try check((10...5_000).contains(endpointingMs), "endpointing_ms", endpointingMs, "10...5000")
        try check((0.5...1).contains(endOfTurnThreshold), "eot_threshold", endOfTurnThreshold, "0.5...1")
        if let eager = eagerEndOfTurnThreshold {
            let isOrdered = (0.3...0.9).contains(eager) && eager <= endOfTurnThreshold
            try check(isOrdered, "eager_eot_threshold", eager, "0.3...0.9, not above eot_threshold")
        }
        try check((500...60_000).contains(endOfTurnTimeoutMs), "eot_timeout_ms", endOfTurnTimeoutMs, "500...60000")
        let isInTime = finalDeadline >= .milliseconds(100) && finalDeadline <= .seconds(1)
        try check(isInTime, "final_deadline", finalDeadline, "0.1...1 s")
    }

    /// Where to connect for audio of this kind.
    func endpoint(encoding: String, rate: SampleRate, language: String) -> WebSocketEndpoint {
        let spoken = self.language.isEmpty ? language : self.language
        var query = [("model", model), ("encoding", encoding), ("sample_rate", "\(rate.hz)")]
        if isFlux {
            query.append(("eot_threshold", "\(endOfTurnThreshold)"))
            if let eager = eagerEndOfTurnThreshold { query.append(("eager_eot_threshold", "\(eager)")) }
            query.append(("eot_timeout_ms", "\(endOfTurnTimeoutMs)"))
        } else {
            query += [
                ("channels", "1"), ("language", spoken), ("interim_results", "true"), ("smart_format", "true"),
                ("punctuate", "true"), ("endpointing", "\(endpointingMs)"), ("utterance_end_ms", "1000"),
            ]
        }
        // Models before Nova-3 know words with a weight instead.
        let hasKeyterms = isFlux || model.hasPrefix("nova-3")
        query += keyterms.map { (hasKeyterms ? "keyterm" : "keywords", $0) }
        query += extraQuery.map { ($0.name, $0.value) }
        var endpoint = WebSocketEndpoint(
            url: baseURL.webSocket(path: isFlux ? "/v2/listen" : "/v1/listen", query: query),
            provider: DeepgramRecogniser.providerName, headers: [("Authorization", "Token \(apiKey)")])
        endpoint.connectDeadline = connectDeadline
        endpoint.pingInterval = pingInterval
        return endpoint
    }
}
