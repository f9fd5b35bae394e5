import Providers

/// The providers one call uses. Voices stand in the order of preference: the next is tried when one fails.
public struct CallProviders: Sendable {
    public var speechToText: any SpeechToText
    public var languageModel: any LanguageModel
    public var voices: [any TextToSpeech]
    public var tools: [any CallTool]

    public init(
        speechToText: any SpeechToText, languageModel: any LanguageModel, voices: [any TextToSpeech],
        tools: [any CallTool] = []
    ) {
        precondition(!voices.isEmpty, "a call needs a voice")
        self.speechToText = speechToText
        self.languageModel = languageModel
        self.voices = voices
        self.tools = tools
    }

    func voice(attempt: Int) -> any TextToSpeech { voices[min(max(1, attempt), voices.count) - 1] }

    func tool(_ name: String) -> (any CallTool)? { tools.first { $0.description.name == name } }

    /// Runs the tool that `call` names. Whatever goes wrong becomes an answer the model can speak about.
    func run(_ call: ToolCall, context: ToolContext) async -> String {
        guard let tool = tool(call.name) else {
            return JSONValue.object(["error": .string("there is no tool named \(call.name)")]).text
        }
        do throws(ProviderError) {
            return try await tool.run(call.arguments, context: context)
        } catch {
            return JSONValue.object(["error": .string(error.description)]).text
        }
    }
}

extension ProviderError {
    /// What a stream threw, as ours.
    init(_ error: any Error, from provider: String) {
        if let known = error as? ProviderError {
            self = known
        } else if error is CancellationError {
            self.init(provider: provider, kind: .cancelled, detail: "cancelled")
        } else {
            self.init(provider: provider, kind: .malformed, detail: "\(error)")
        }
    }
}
