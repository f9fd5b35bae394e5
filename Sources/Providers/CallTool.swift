/// Something the agent can do during a call: look up, book, store.
public protocol CallTool: Sendable {
    var description: ToolDescription { get }
    /// Runs once. `arguments` is a JSON object; so is what comes back.
    ///
    /// A refusal ("that hour is taken") is an answer, not an error.
    func run(_ arguments: String, context: ToolContext) async throws(ProviderError) -> String
}

public struct ToolDescription: Sendable, Equatable {
    public var name: String
    /// What it does and when to use it, for the model.
    public var purpose: String
    /// JSON Schema of the arguments.
    public var parametersJSON: String
    /// It changes nothing: asked again with the same arguments it runs again. Any other runs once for the same arguments
    /// in one call.
    public var isReadOnly: Bool

    public init(name: String, purpose: String, parametersJSON: String, isReadOnly: Bool = false) {
        self.name = name
        self.purpose = purpose
        self.parametersJSON = parametersJSON
        self.isReadOnly = isReadOnly
    }
}

/// What a tool may know of the call it runs in.
public struct ToolContext: Sendable, Equatable {
    public var callID: String
    /// Unique within the call: a tool that changes something uses it to do so at most once.
    public var toolCallID: String
    public var now: CivilDateTime

    public init(callID: String, toolCallID: String, now: CivilDateTime) {
        self.callID = callID
        self.toolCallID = toolCallID
        self.now = now
    }
}
