import AsyncHTTPClient
import CallTime
import NIOCore
import NIOHTTP1
import Providers

/// A voice of ElevenLabs, over one WebSocket a call or over HTTP.
///
/// - Output: mu-law at 8 kHz, linear samples at the other rates it has; words with their places, over the WebSocket.
/// - Sockets: opened at `callBegan`, kept warm, replaced when found dead, gone at `callEnded`. Requests without a call
///   share one. Each request is a context of its own; a socket never has more than four that are not acknowledged.
/// - Errors: `rejected` for a key, a voice, a quota or too much at once (the last is retryable); a request that meets a
///   dead socket before it had any audio is tried once more on a fresh one, within its deadline.
public struct ElevenLabsVoice: TextToSpeech {
    static let providerName = "elevenlabs"

    public struct Configuration: Sendable {
        public var base: VendorURL
        public var key: String
        /// Where a request names none.
        public var voice = "21m00Tcm4TlvDq8ikWAM"
        public var model = "eleven_flash_v2_5"
        /// 0...1: low is livelier.
        public var stability = 0.5
        /// 0...1: how near to the original speaker.
        public var similarity = 0.75
        /// 0.7...1.2.
        public var speed = 1.0
        public var transport = Transport.webSocket
        /// From the request to its first audio, connecting included.
        public var firstAudioDeadline: Duration = .milliseconds(1_200)
        /// Between two pieces of one request's audio.
        public var chunkDeadline: Duration = .seconds(2)
        /// An idle socket of a call is written to this often; the vendor closes one after a silence.
        public var keepAliveInterval: Duration = .seconds(10)

        public init(key: String, base: VendorURL? = nil) throws(ConfigurationError) {
            self.key = key
            if let base { self.base = base } else { self.base = try VendorURL("https://api.elevenlabs.io") }
        }

        func checked() throws(ConfigurationError) -> Configuration {
            for (field, value, allowed) in [
                ("stability", stability, 0.0...1.0), ("similarity", similarity, 0.0...1.0), ("speed", speed, 0.7...1.2),
            ] where !allowed.contains(value) {
                throw ConfigurationError(
                    field: field, given: "\(value)", allowed: "\(allowed.lowerBound) to \(allowed.upperBound)")
            }
            guard Self.isName(voice), Self.isName(model) else {
                throw ConfigurationError(
                    field: "voice or model", given: "\(voice), \(model)", allowed: "letters, digits, - and _")
            }
            guard !key.isEmpty, key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw ConfigurationError(field: "key", given: "something else", allowed: "visible ASCII")
            }
            guard firstAudioDeadline > .zero, chunkDeadline > .zero, keepAliveInterval > .zero else {
                throw ConfigurationError(field: "deadlines", given: "0 s or less", allowed: "more than 0 s")
            }
            return self
        }

        static func isName(_ text: String) -> Bool {
            !text.isEmpty && text.utf8.count <= 64
                && text.utf8.allSatisfy {
                    switch $0 {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
                    default: false
                    }
                }
        }
    }

    public enum Transport: String, Sendable { case webSocket, http }

    public let name = ElevenLabsVoice.providerName
    private let configuration: Configuration
    private let client: HTTPClient
    let lines: VoiceLines<SocketVoiceLine<ElevenLabsSockets>>

    /// - Parameter client: For HTTP; nil for the one that the process shares.
    public init(_ configuration: Configuration, client: HTTPClient? = nil) throws(ConfigurationError) {
        let configuration = try configuration.checked()
        self.configuration = configuration
        self.client = client ?? ProviderHTTP.client
        lines = VoiceLines { SocketVoiceLine(configuration, isShared: $0) }
    }

    public func callBegan(_ callID: String) {
        if configuration.transport == .webSocket { lines.begin(callID) }
    }

    public func callEnded(_ callID: String) { lines.end(callID) }

    public func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<SpeechEvent, any Error> {
        if let refusal = refusal(of: request) { return AsyncThrowingStream { $0.finish(throwing: refusal) } }
        switch configuration.transport {
        case .webSocket: return lines.line(of: request.callID).stream(request)
        case .http: return overHTTP(request)
        }
    }

    private func refusal(of request: SpeechRequest) -> ProviderError? {
        func rejected(_ detail: String) -> ProviderError {
            ProviderError(provider: name, kind: .rejected, detail: detail)
        }
        if !request.voice.isEmpty, !Configuration.isName(request.voice) { return rejected("no voice has such a name") }
        if Self.format(request.sampleRate) == nil { return rejected("no audio at \(request.sampleRate.hz) Hz") }
        // Five thousand characters are the most that the fast models take at once.
        if request.text.utf8.count > 5_000 { return rejected("a text of more than 5,000 bytes") }
        return nil
    }

    /// The vendor's name of an audio format; nil where it has none at that rate.
    static func format(_ rate: SampleRate) -> String? {
        switch rate.hz {
        case 8_000: "ulaw_8000"
        case 16_000, 22_050, 24_000, 32_000, 44_100, 48_000: "pcm_\(rate.hz)"
        default: nil
        }
    }

    // MARK: HTTP

    private func overHTTP(_ request: SpeechRequest) -> AsyncThrowingStream<SpeechEvent, any Error> {
        let (stream, continuation) = AsyncThrowingStream<SpeechEvent, any Error>.makeStream()
        guard request.hasWords else {
            continuation.finish()
            return stream
        }
        var body = JSONText()
        body.object { json in
            json.member("text", request.text)
            json.member("model_id", configuration.model)
            json.name("voice_settings")
            configuration.writeSettings(&json)
        }
        let url = configuration.base.http(
            path: "/v1/text-to-speech/\(configuration.voice(of: request))/stream",
            query: [("output_format", Self.format(request.sampleRate) ?? "")])
        let headers: HTTPHeaders = ["xi-api-key": configuration.key, "Content-Type": "application/json"]
        guard let call = try? HTTPClient.Request(url: url, method: .POST, headers: headers, body: .bytes(body.bytes))
        else {
            continuation.finish(
                throwing: ProviderError(provider: name, kind: .unavailable, detail: "the address cannot be used"))
            return stream
        }
        let exchange = HTTPExchange(client: client)
        continuation.onTermination = { if case .cancelled = $0 { exchange.cancel() } }
        exchange.start(
            call, to: .init(name: name, first: "audio", secret: configuration.key),
            deadlines: .init(first: configuration.firstAudioDeadline, between: configuration.chunkDeadline)
        ) {
            SpeechBodyReader(isMuLaw: request.sampleRate == .narrowband, continuation)
        }
        return stream
    }
}

extension ElevenLabsVoice.Configuration {
    func voice(of request: SpeechRequest) -> String { request.voice.isEmpty ? voice : request.voice }

    func writeSettings(_ json: inout JSONText) {
        json.object {
            $0.member("stability", stability)
            $0.member("similarity_boost", similarity)
            $0.member("speed", speed)
        }
    }
}

/// A body that is nothing but audio.
private final class SpeechBodyReader: HTTPAnswerReader {
    private let continuation: SpeechTicket.Continuation
    private var audio: SpeechAudioReader

    init(isMuLaw: Bool, _ continuation: SpeechTicket.Continuation) {
        audio = SpeechAudioReader(isMuLaw: isMuLaw)
        self.continuation = continuation
    }

    func read(_ bytes: [UInt8]) throws(ProviderError) -> HTTPAnswerProgress {
        guard let payload = audio.take(bytes) else { return .waiting }
        guard audio.sampleCount <= SpeechAudioReader.mostSamples else {
            throw ProviderError(provider: ElevenLabsVoice.providerName, kind: .malformed, detail: "endless audio")
        }
        continuation.yield(.audio(payload))
        return .answering
    }

    func end() throws(ProviderError) { continuation.finish() }
    func fail(_ error: ProviderError) { continuation.finish(throwing: error) }
}
