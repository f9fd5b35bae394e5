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
    private let breakers: [String: CircuitBreaker]

    init(settings: ServerSettings) {
        self.settings = settings
        breakers = Dictionary(
            uniqueKeysWithValues: ["deepgram", "openai", "elevenlabs", "aura"].map { ($0, CircuitBreaker()) })
    }

    /// Makes what the agent's calls need. The local recogniser, dialogue and voice are the last in every line.
    func serve(_ file: AgentFile, store: CallStore) async throws -> ServedAgent {
        let local = try await Agent(file, store: store)
        let (voices, fixed) = try voices(file, local: local.providers.voices)
        let providers = CallProviders(
            speechToText: try recogniser(file, local: local.providers.speechToText),
            languageModel: try model(file, local: local.providers.languageModel), voices: voices,
            tools: local.providers.tools)
        return ServedAgent(file: file, providers: providers, fixedLines: fixed)
    }

    private func breaker(_ vendor: String) -> CircuitBreaker { breakers[vendor] ?? CircuitBreaker() }

    // MARK: Recogniser

    private func recogniser(_ file: AgentFile, local: any SpeechToText) throws -> any SpeechToText {
        guard file.providers.speechToText.contains("deepgram") else { return local }
        var configuration = DeepgramRecogniser.Configuration(
            apiKey: settings.deepgram.key, baseURL: try VendorURL(settings.deepgram.baseURL))
        configuration.language = file.language
        return RecogniserChain(try DeepgramRecogniser(configuration), local)
    }

    // MARK: Model

    private func model(_ file: AgentFile, local: any LanguageModel) throws -> any LanguageModel {
        guard file.providers.languageModel.contains("openai") else { return local }
        var configuration = try OpenAIModel.Configuration(
            key: settings.openAI.key, base: VendorURL(settings.openAI.baseURL))
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
            let configuration = try ElevenLabsVoice.Configuration(
                key: settings.elevenLabs.key, base: VendorURL(settings.elevenLabs.baseURL))
            return (try ElevenLabsVoice(configuration), "elevenlabs \(configuration.model) \(configuration.voice)")
        case "aura":
            let configuration = try AuraVoice.Configuration(
                key: settings.deepgram.key, base: VendorURL(settings.deepgram.baseURL))
            return (try AuraVoice(configuration), "aura \(configuration.model)")
        default: return nil
        }
    }
}
