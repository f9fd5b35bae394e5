/// What an agent asks of the vendors' services. Keys and addresses are the server's configuration, not the agent's.
extension AgentFile {
    /// Speech-to-text by the provider `deepgram`.
    public struct DeepgramOptions: Sendable, Equatable {
        public var model = "nova-3"
        /// Words and phrases the recogniser should listen for.
        public var keyterms: [String] = []
        /// Silence after which the service calls a segment finished; nil: what its client usually asks for.
        public var endpointing: Duration?
    }

    /// A language model by the provider `openai`, or one that speaks its protocol.
    public struct OpenAIOptions: Sendable, Equatable {
        public var model = "gpt-4o"
        /// 0...2.
        public var temperature = 0.4
        public var maxTokens = 300
        public var maxTokensField = MaxTokensField.maxCompletionTokens
        /// Whether tools are described in strict mode, which imitators of the service may not know.
        public var usesStrictTools = true

        /// The request's field for `maxTokens`; imitators of the service may know only the older one.
        public enum MaxTokensField: String, Sendable, CaseIterable {
            case maxCompletionTokens = "max_completion_tokens"
            case maxTokens = "max_tokens"
        }
    }

    /// Text-to-speech by the provider `elevenlabs`. What is nil is left to the voice's own settings.
    public struct ElevenLabsOptions: Sendable, Equatable {
        /// The voice's id; nil: the client's usual one.
        public var voice: String?
        public var model = "eleven_flash_v2_5"
        public var transport = Transport.websocket
        /// 0...1.
        public var stability: Double?
        /// 0...1.
        public var similarityBoost: Double?
        /// 0.7...1.2, 1 being as the voice was recorded.
        public var speed: Double?

        public enum Transport: String, Sendable, CaseIterable { case websocket, http }
    }

    /// Text-to-speech by the provider `aura`.
    public struct AuraOptions: Sendable, Equatable {
        public var model = "aura-2-thalia-en"
    }
}
