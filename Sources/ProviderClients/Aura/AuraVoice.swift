import CallTime
import NIOCore
import NIOPosix
import Providers

/// Deepgram's Aura voices, over one WebSocket a call.
///
/// - Output: mu-law at 8 kHz, linear samples at the other rates it has. No words: the runtime spreads them.
/// - Sockets: opened at `callBegan`, gone at `callEnded`. The texts of one call are spoken one after another, since audio
///   bears no name; requests without a call share sockets, each with one text at a time.
/// - Errors: as the vendor's close codes and status say; a request that meets a dead socket before it had any audio is
///   tried once more on a fresh one.
public struct AuraVoice: TextToSpeech {
    static let providerName = "aura"

    public struct Configuration: Sendable {
        public var base: VendorURL
        public var key: String
        /// The voice, where a request names none.
        public var model = "aura-2-thalia-en"
        /// From the moment at which a text is the next to be spoken to its first audio, connecting included.
        public var firstAudioDeadline: Duration = .milliseconds(1_200)
        /// Between two pieces of one text's audio.
        public var chunkDeadline: Duration = .seconds(2)

        public init(key: String, base: VendorURL? = nil) throws(ConfigurationError) {
            self.key = key
            if let base { self.base = base } else { self.base = try VendorURL("https://api.deepgram.com") }
        }

        func checked() throws(ConfigurationError) -> Configuration {
            guard ElevenLabsVoice.Configuration.isName(model) else {
                throw ConfigurationError(field: "model", given: model, allowed: "letters, digits, - and _")
            }
            guard !key.isEmpty, key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw ConfigurationError(field: "key", given: "something else", allowed: "visible ASCII")
            }
            guard firstAudioDeadline > .zero, chunkDeadline > .zero else {
                throw ConfigurationError(field: "deadlines", given: "0 s or less", allowed: "more than 0 s")
            }
            return self
        }
    }

    /// The most that the vendor takes at once.
    public static let longestText = 2_400

    public let name = AuraVoice.providerName
    let lines: VoiceLines<SocketVoiceLine<AuraSockets>>

    public init(_ configuration: Configuration) throws(ConfigurationError) {
        let configuration = try configuration.checked()
        lines = VoiceLines { SocketVoiceLine(configuration, isShared: $0) }
    }

    public func callBegan(_ callID: String) { lines.begin(callID) }
    public func callEnded(_ callID: String) { lines.end(callID) }

    public func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<SpeechEvent, any Error> {
        if let refusal = refusal(of: request) { return AsyncThrowingStream { $0.finish(throwing: refusal) } }
        return lines.line(of: request.callID).stream(request)
    }

    private func refusal(of request: SpeechRequest) -> ProviderError? {
        func rejected(_ detail: String) -> ProviderError {
            ProviderError(provider: name, kind: .rejected, detail: detail)
        }
        if !request.voice.isEmpty, !ElevenLabsVoice.Configuration.isName(request.voice) {
            return rejected("no voice has such a name")
        }
        guard [8_000, 16_000, 24_000, 32_000, 48_000].contains(request.sampleRate.hz) else {
            return rejected("no audio at \(request.sampleRate.hz) Hz")
        }
        if request.text.count > Self.longestText {
            return rejected("a text of more than \(Self.longestText) characters")
        }
        return nil
    }
}
