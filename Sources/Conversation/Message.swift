/// One entry of the conversation as the model is told it.
///
/// What the agent says in it is what the caller heard, not what was planned.
public enum Message: Sendable, Equatable {
    /// What the caller said; empty when speech was heard but not understood.
    case caller(String)
    case agent(String, toolCalls: [ToolRequest], wasInterrupted: Bool)
    case toolResult(callID: String, name: String, json: String)
}

/// A tool the model asked for. `arguments` is a JSON object, passed on as it came.
public struct ToolRequest: Sendable, Equatable {
    public var id: String
    public var name: String
    public var arguments: String

    public init(id: String, name: String, arguments: String) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }

    /// The tool that ends the call once the goodbye has been played. It is obeyed here; nobody runs it.
    public static let endCall = "end_call"
    /// The tool that asks for a person. When its answer says `"accepted":true`, the call is handed off after what is
    /// being said has been played.
    public static let escalate = "escalate_to_human"
}
