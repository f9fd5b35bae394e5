import CallStore
import Providers

/// `escalate_to_human`: stores a caller's wish for a person and says whether there is one to take the call.
///
/// Takes `{"reason":"..."}`. Answers `{"accepted":true}` or `{"accepted":false}`. Moving the call is the runtime's part.
public struct EscalateToHuman: StoreTool {
    let store: CallStore
    let isSomeoneThere: Bool

    public init(store: CallStore, isSomeoneThere: Bool) {
        self.store = store
        self.isSomeoneThere = isSomeoneThere
    }

    public var description: ToolDescription {
        ToolDescription(
            name: "escalate_to_human",
            purpose: "Hands the caller to a person. Use it when the caller asks for one or you cannot help.",
            parametersJSON: """
                {"type":"object","properties":{"reason":{"type":"string","description":"Why, in a few words"}},\
                "required":["reason"]}
                """)
    }

    func answer(_ arguments: ToolArguments, context: ToolContext) async throws -> JSONValue {
        let reason = try arguments.text("reason")
        let handoff = try await store.addHandoff(reason: reason, isAccepted: isSomeoneThere, context: context)
        return .object(["accepted": .bool(handoff.isAccepted)])
    }
}
