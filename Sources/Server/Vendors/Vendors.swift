import AgentFile
import CallRuntime
import CallStore
import CallTime
import Foundation
import LocalProviders
import ProviderClients
import Providers

/// The vendors of a server, each with one circuit breaker for all agents and calls.
final class Vendors: Sendable {
    private let settings: ServerSettings
    private let metrics: Metrics
    private let environment: [String: String]
    private let breakers: [String: CircuitBreaker]
    /// Of the process: a client must be shut down before it is released, and agents hold on to their tools.
    private static let webToolClient = HTTPToolClient()

    init(
        settings: ServerSettings, metrics: Metrics,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.settings = settings
        self.metrics = metrics
        self.environment = environment
        breakers = Dictionary(
            uniqueKeysWithValues: ["openai", "elevenlabs", "aura"].map { ($0, CircuitBreaker()) })
    }

    /// Makes what the agent's calls need. The local recogniser, dialogue and voice are the last in every line.
    func serve(_ file: AgentFile, store: CallStore) async throws -> ServedAgent {
        let local = try await Agent(file, store: store)
        let (voices, fixed) = try voices(file, local: local.providers.voices)
        let providers = CallProviders(
            speechToText: try recogniser(file, local: local.providers.speechToText),
            languageModel: try model(file, local: local.providers.languageModel), voices: voices,
            tools: local.providers.tools + (try webTools(file)))
        return ServedAgent(file: file, providers: providers, fixedLines: fixed)
    }

    /// The agent's tools over HTTP; what it says of the environment is looked up here.
    private func webTools(_ file: AgentFile) throws -> [any CallTool] {
        try file.httpTools.map { tool in
            func value(of name: String) throws -> String {
                guard let value = environment[name], !value.isEmpty else {
                    throw ConfigurationError(
                        field: "http_tools.\(tool.name)", given: "env:\(name), which is not set",
                        allowed: "a variable of the environment")
                }
                return value
            }
            var configuration = HTTPTool.Configuration(
                name: tool.name, purpose: tool.purpose, parametersJSON: tool.parametersJSON,
                method: HTTPTool.Method(rawValue: tool.method.rawValue) ?? .post, url: tool.url)
            configuration.headers = try tool.headers.map { header in
                switch header.value {
                case .text(let text): .init(name: header.name, value: text)
                case .variable(let name): .init(name: header.name, value: try value(of: name))
                }
            }
            configuration.secret = try tool.secretVariable.map { [UInt8](try value(of: $0).utf8) }
            configuration.timeout = tool.timeout
            configuration.isIdempotent = tool.isIdempotent
            configuration.retries = tool.retries
            return try HTTPTool(configuration, client: Self.webToolClient)
        }
    }

    private func breaker(_ vendor: String) -> CircuitBreaker { breakers[vendor] ?? CircuitBreaker() }

    // MARK: Recogniser

    private func recogniser(_ file: AgentFile, local: any SpeechToText) throws -> any SpeechToText {
        guard file.providers.speechToText.contains("deepgram") else { return local }
        var configuration = DeepgramRecogniser.Configuration(
            apiKey: settings.deepgram.key, baseURL: try VendorURL(settings.deepgram.baseURL))
        configuration.language = file.language
        configuration.model = file.deepgram.model
        configuration.keyterms = file.deepgram.keyterms
        if let endpointing = file.deepgram.endpointing { configuration.endpointingMs = Int(endpointing.milliseconds) }
        return RecogniserChain(try DeepgramRecogniser(configuration), local)
    }

    // MARK: Model

    private func model(_ file: AgentFile, local: any LanguageModel) throws -> any LanguageModel {
        guard file.providers.languageModel.contains("openai") else { return local }
        var configuration = try OpenAIModel.Configuration(
            key: settings.openAI.key, base: VendorURL(settings.openAI.baseURL))
        configuration.model = file.openAI.model
        configuration.temperature = file.openAI.temperature
        configuration.mostTokens = file.openAI.maxTokens
        configuration.tokenLimitField =
            file.openAI.maxTokensField == .maxTokens ? .maxTokens : .maxCompletionTokens
        configuration.sendsStrictSchemas = file.openAI.usesStrictTools
        configuration.onUsage = { [metrics] usage in
            metrics.modelTokens.add(.prompt, by: Double(usage.promptTokens))
            metrics.modelTokens.add(.cached, by: Double(usage.cachedTokens))
            metrics.modelTokens.add(.completion, by: Double(usage.completionTokens))
        }
        // Short, since a caller waits: what is later than this is asked for again.
        configuration.firstTokenDeadline = .milliseconds(1_500)
        configuration.chunkDeadline = .milliseconds(1_500)
        return ModelChain([
            .init(try OpenAIModel(configuration), breaker: breaker("openai"), firstEvent: .milliseconds(1_200)),
            .init(local, firstEvent: .seconds(2), tries: 1),
        ])
    }

    // MARK: Voice

    private func voices(
        _ file: AgentFile, local: [any TextToSpeech]
    ) throws -> (voices: [any TextToSpeech], fixed: [FixedLines]) {
        var links: [VoiceChain.Link] = []
        var fixed: [FixedLines] = []
        for name in file.providers.textToSpeech {
            guard let (voice, identity) = try cloudVoice(name, file) else { continue }
            let lines = FixedLines(
                voice, texts: ServedAgent.fixedTexts(of: file), folder: settings.dataFolder + "/lines",
                identity: identity)
            links.append(.init(lines, breaker: breaker(name)))
            fixed.append(lines)
        }
        guard !links.isEmpty else { return (local, []) }
        links += local.map { .init($0, firstAudio: .seconds(3)) }
        return ([VoiceChain(links)], fixed)
    }

    private func cloudVoice(_ name: String, _ file: AgentFile) throws -> (voice: any TextToSpeech, identity: String)? {
        switch name {
        case "elevenlabs":
            let options = file.elevenLabs
            var configuration = try ElevenLabsVoice.Configuration(
                key: settings.elevenLabs.key, base: VendorURL(settings.elevenLabs.baseURL))
            configuration.voice = options.voice ?? configuration.voice
            configuration.model = options.model
            configuration.transport = options.transport == .http ? .http : .webSocket
            configuration.stability = options.stability ?? configuration.stability
            configuration.similarity = options.similarityBoost ?? configuration.similarity
            configuration.speed = options.speed ?? configuration.speed
            return (try ElevenLabsVoice(configuration), "elevenlabs \(configuration.model) \(configuration.voice)")
        case "aura":
            var configuration = try AuraVoice.Configuration(
                key: settings.deepgram.key, base: VendorURL(settings.deepgram.baseURL))
            configuration.model = file.aura.model
            return (try AuraVoice(configuration), "aura \(configuration.model)")
        default: return nil
        }
    }
}
