import CallStore
import Providers

/// `escalate_to_human`: stores a caller's wish for a person and says whether there is one to take the call.
///
/// Takes `{"reason":"..."}`, and `"summary"`, what the call was about so far, if it is given. Answers `{"accepted":true}`
/// or `{"accepted":false}`; the same for the same arguments in the same call. Moving the call is the runtime's part.
public struct EscalateToHuman: StoreTool {
    let store: CallStore
    let isSomeoneThere: Bool

    /// Longer summaries are cut: a person reads it while the caller waits.
    static let longestSummary = 2_000

    public init(store: CallStore, isSomeoneThere: Bool) {
        self.store = store
        self.isSomeoneThere = isSomeoneThere
    }

    public var description: ToolDescription {
        ToolDescription(
            name: "escalate_to_human",
            purpose: "Hands the caller to a person. Use it when the caller asks for one or you cannot help.",
            parametersJSON: """
                {"type":"object","properties":{"reason":{"type":"string","description":"Why, in a few words"},\
                "summary":{"type":"string","description":"What was said and done so far, for the person"}},\
                "required":["reason"]}
                """)
    }

    func answer(_ arguments: ToolArguments, context: ToolContext) async throws -> JSONValue {
        let reason = try arguments.text("reason")
        let summary = try arguments.optionalText("summary")
        let handoff = try await store.addHandoff(
            reason: reason, summary: summary.map { String($0.prefix(Self.longestSummary)) }, isAccepted: isSomeoneThere,
            context: context)
        return .object(["accepted": .bool(handoff.isAccepted)])
    }
}
