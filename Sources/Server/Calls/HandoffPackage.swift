import CallRuntime
import Conversation

/// What a person who takes a call over is told: who called, why, what was said, what was found out and done.
struct HandoffPackage {
    let json: JSONValue
    /// The tool call that asked for the person.
    let toolCallID: String?

    init(call: PhoneCall, history: [Message]) {
        var asked: ToolRequest?
        var slots: [JSONValue.Member] = []
        var results: [JSONValue] = []
        var transcript: [JSONValue] = []
        for message in history {
            switch message {
            case .caller(let text): transcript.append(Self.line("caller", text))
            case .agent(let text, let calls, _):
                if !text.isEmpty { transcript.append(Self.line("agent", text)) }
                for request in calls {
                    if request.name == ToolRequest.escalate { asked = request }
                    guard request.name != ToolRequest.escalate,
                        case .object(let members) = JSONValue(request.arguments)
                    else { continue }
                    // The latest value of a slot is the one that was agreed on.
                    slots.removeAll { slot in members.contains { $0.name == slot.name } }
                    slots += members
                }
            case .toolResult(_, let name, let json):
                guard name != ToolRequest.escalate else { continue }
                results.append(.object(["tool": .string(name), "result": JSONValue(json) ?? .string(json)]))
            }
        }
        let arguments = asked.flatMap { JSONValue($0.arguments) }
        toolCallID = asked?.id
        json = .object([
            "call": .string(call.id), "caller": .string(call.caller), "called": .string(call.called),
            "agent": .string(call.agent.file.name),
            "reason": .optional(arguments?["reason"]?.plainText ?? call.agent.file.script.escalation?.reason),
            "summary": .optional(arguments?["summary"]?.plainText), "slots": .object(slots),
            "tool_results": .array(results), "transcript": .array(transcript),
        ])
    }

    private static func line(_ speaker: String, _ text: String) -> JSONValue {
        .object(["speaker": .string(speaker), "text": .string(text)])
    }
}
