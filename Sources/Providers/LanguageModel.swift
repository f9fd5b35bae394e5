/// A streaming language model with tools. One value serves every call; it keeps nothing between requests.
public protocol LanguageModel: Sendable {
    /// A short name for journals and `parley doctor`: `scripted`.
    var name: String { get }
    /// Starts a reply. Ending the iteration early cancels the request.
    ///
    /// The stream ends after exactly one `.finished`, or throws a `ProviderError`.
    func reply(to request: ModelRequest) -> AsyncThrowingStream<ModelEvent, any Error>
    /// A call has begun: a model behind a network may open its connection now. Returns at once.
    func warmUp()
}

extension LanguageModel {
    public func warmUp() {}
}

public struct ModelRequest: Sendable, Equatable {
    /// The persona and the rules: the system prompt.
    public var instructions: String
    /// The conversation so far, oldest first. What the assistant says in it is what the caller *heard*.
    public var messages: [ModelMessage]
    public var tools: [ToolDescription]
    /// The civil time at the agent's place, for "tomorrow" and "next Tuesday".
    public var now: CivilDateTime

    public init(
        instructions: String, messages: [ModelMessage], tools: [ToolDescription] = [], now: CivilDateTime
    ) {
        self.instructions = instructions
        self.messages = messages
        self.tools = tools
        self.now = now
    }
}

public enum ModelMessage: Sendable, Equatable {
    /// What the caller said. `text` is empty when speech was heard but not understood.
    case caller(text: String)
    /// What the agent said, as far as it was heard, and the tools it called. `wasInterrupted`: the caller cut it short.
    case agent(text: String, toolCalls: [ToolCall] = [], wasInterrupted: Bool = false)
    /// The answer to one tool call, a JSON object.
    case toolResult(callID: String, name: String, json: String)
}

public struct ToolCall: Sendable, Equatable {
    /// Unique within the call.
    public var id: String
    public var name: String
    /// A JSON object.
    public var arguments: String

    public init(id: String, name: String, arguments: String) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}

public enum ModelEvent: Sendable, Equatable {
    /// The next piece of the reply's text, as fine as the model streams it.
    case text(String)
    case toolCall(ToolCall)
    /// The flow's step that this reply asks for, where the model knows (nil: nothing in particular).
    case expects(step: String?)
    case finished(FinishReason)
    /// A provider in line failed; what follows is the next one's. For the journal; nothing was said of the failed one.
    case fellBack(ProviderError)

    public enum FinishReason: String, Sendable { case stop, toolCalls, length }
}
