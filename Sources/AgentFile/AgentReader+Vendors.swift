import Conversation
import Yams

extension AgentReader {
    func providers(_ root: Fields) -> AgentFile.ProviderPreferences {
        var preferences = AgentFile.ProviderPreferences()
        guard let fields = root.section("providers", section: "providers") else { return preferences }
        func names(_ key: String, of allowed: [String], _ usual: [String]) -> [String] {
            guard fields.has(key) else { return usual }
            if case .sequence(let items)? = fields.node(key), items.isEmpty {
                fields.note(key, given: "an empty list", allowed: "at least one provider")
            }
            return words(fields, key, most: 10, of: allowed, each: "provider")
        }
        preferences.speechToText = names(
            "speech_to_text", of: AgentKeys.speechToText, preferences.speechToText)
        preferences.languageModel = names(
            "language_model", of: AgentKeys.languageModel, preferences.languageModel)
        preferences.textToSpeech = names(
            "text_to_speech", of: AgentKeys.textToSpeech, preferences.textToSpeech)
        return preferences
    }

    /// Words of a closed list, each once. Others are noted; they are returned nonetheless.
    func words(_ fields: Fields, _ key: String, most: Int, of allowed: [String], each kind: String) -> [String] {
        var seen: [String] = []
        for item in fields.list(key, most: most) {
            guard let name = fields.text(item.node, field: item.path) else { continue }
            if !allowed.contains(name) {
                problems.add(
                    line: item.node.line, field: item.path, given: name,
                    allowed: AgentKeys.hint(for: name, in: allowed))
            } else if seen.contains(name) {
                problems.add(
                    line: item.node.line, field: item.path, given: "\(name) a second time",
                    allowed: "each \(kind) once")
            }
            seen.append(name)
        }
        return seen
    }

    // MARK: Vendors

    func deepgram(_ root: Fields) -> AgentFile.DeepgramOptions {
        var options = AgentFile.DeepgramOptions()
        guard let fields = root.section("deepgram", section: "deepgram") else { return options }
        options.model = fields.string("model") ?? options.model
        options.keyterms = fields.strings("keyterms", most: 100) ?? []
        options.endpointing = fields.integer("endpointing_ms", in: 10...3_000).map { .milliseconds($0) }
        return options
    }

    func openAI(_ root: Fields) -> AgentFile.OpenAIOptions {
        var options = AgentFile.OpenAIOptions()
        guard let fields = root.section("openai", section: "openai") else { return options }
        options.model = fields.string("model") ?? options.model
        options.temperature = fields.number("temperature", in: 0...2) ?? options.temperature
        options.maxTokens = fields.integer("max_tokens", in: 1...4_096) ?? options.maxTokens
        options.maxTokensField = fields.choice("max_tokens_field") ?? options.maxTokensField
        options.usesStrictTools = fields.bool("strict_tools") ?? options.usesStrictTools
        return options
    }

    func elevenLabs(_ root: Fields) -> AgentFile.ElevenLabsOptions {
        var options = AgentFile.ElevenLabsOptions()
        guard let fields = root.section("elevenlabs", section: "elevenlabs") else { return options }
        options.voice = fields.string("voice")
        options.model = fields.string("model") ?? options.model
        options.transport = fields.choice("transport") ?? options.transport
        options.stability = fields.number("stability", in: 0...1)
        options.similarityBoost = fields.number("similarity_boost", in: 0...1)
        options.speed = fields.number("speed", in: 0.7...1.2)
        return options
    }

    func aura(_ root: Fields) -> AgentFile.AuraOptions {
        var options = AgentFile.AuraOptions()
        guard let fields = root.section("aura", section: "aura") else { return options }
        options.model = fields.string("model") ?? options.model
        return options
    }
}
