import AgentFile
import CallStore
import CallTime
import Conversation
import LocalProviders
import Providers
import VoiceActivity

/// An agent ready to take calls: its file, its providers, its tools. Made once, shared by its calls.
public struct Agent: Sendable {
    public let file: AgentFile
    public let providers: CallProviders

    /// With providers of somebody else's choice.
    public init(_ file: AgentFile, providers: CallProviders) {
        self.file = file
        self.providers = providers
    }

    /// - Throws: `ProviderError` when a provider the file names cannot be had, `CallStoreError` when its orders cannot
    ///   be stored.
    public init(_ file: AgentFile, store: CallStore) async throws {
        self.file = file
        providers = CallProviders(
            speechToText: try Self.recogniser(file), languageModel: ScriptedDialogue(script: file.script),
            voices: try Self.voices(file), tools: try await BuiltInTools.make(for: file, store: store))
    }

    /// What one call needs to know; `now` is the civil time at the agent's place when it begins.
    public func settings(callID: String, now: CivilDateTime) -> CallSettings {
        var settings = CallSettings(
            callID: callID, agentName: file.name, conversation: Conversation.Configuration(file.script), start: now)
        settings.endpointDelay =
            EndpointingProfile(rawValue: file.endpointing.rawValue)?.endpointDelay
            ?? settings.endpointDelay
        settings.instructions = file.instructions
        settings.tools = providers.tools.map(\.description)
        settings.voice = file.voice
        return settings
    }

    private static func recogniser(_ file: AgentFile) throws -> any SpeechToText {
        try PocketSphinxRecogniser(script: file.script, names: file.names)
    }

    private static func voices(_ file: AgentFile) throws -> [any TextToSpeech] {
        [try FliteVoice(voice: file.voice.isEmpty ? "kal" : file.voice)]
    }
}
