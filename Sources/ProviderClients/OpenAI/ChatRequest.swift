import CallTime
import Providers

/// Writes a request's body. The same request gives the same bytes.
struct ChatRequest {
    private static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    /// Said to the model where the caller spoke and nothing was understood.
    static let notUnderstood = "[The caller said something that could not be understood.]"
    /// Stands for the answer of a tool whose answer is not in the history: every call must have one.
    static let noAnswer = #"{"error":"no answer of this tool is known"}"#

    let configuration: OpenAIModel.Configuration

    func body(_ request: ModelRequest) -> [UInt8] {
        var json = JSONText()
        json.object { json in
            json.member("model", configuration.model)
            json.name("messages")
            json.array { writeMessages(request, &$0) }
            json.member("stream", true)
            if configuration.asksForUsage {
                json.name("stream_options")
                json.object {
                    $0.member("include_usage", true)
                    // Padding against eavesdroppers who measure packets; others than OpenAI may not know the option.
                    if configuration.base == OpenAIModel.Configuration.openAI {
                        $0.member("include_obfuscation", false)
                    }
                }
            }
            json.member("temperature", configuration.temperature)
            json.member(configuration.tokenLimitField.rawValue, Double(configuration.mostTokens))
            guard !request.tools.isEmpty else { return }
            json.name("tools")
            json.array { json in for tool in request.tools { write(tool, &json) } }
            json.member("parallel_tool_calls", false)
        }
        return json.bytes
    }

    // MARK: Messages

    /// In the order servers demand: each call's answer straight after the message that made it.
    ///
    /// Answers that came later are moved there, calls without one get `noAnswer`, and answers nobody asked for are left
    /// out, so that no history, however it was cut, makes every later turn fail.
    private func writeMessages(_ request: ModelRequest, _ json: inout JSONText) {
        json.object {
            $0.member("role", "system")
            $0.member("content", system(request))
        }
        var answers = AnswersByCall(request.messages)
        for (place, message) in request.messages.enumerated() {
            switch message {
            case .caller(let text):
                json.object {
                    $0.member("role", "user")
                    $0.member("content", text.isEmpty ? Self.notUnderstood : text)
                }
            case .agent(let text, let calls, _):
                var seen: Set<String> = []
                let calls = calls.filter { seen.insert($0.id).inserted }
                if calls.isEmpty, text.allSatisfy(\.isWhitespace) { continue }
                write(agentText: text, calls: calls, &json)
                for call in calls {
                    let answer = answers.take(call.id, after: place)
                    json.object {
                        $0.member("role", "tool")
                        $0.member("tool_call_id", call.id)
                        $0.member("content", answer ?? Self.noAnswer)
                    }
                }
            case .toolResult: break
            }
        }
    }

    private func write(agentText text: String, calls: [ToolCall], _ json: inout JSONText) {
        json.object { json in
            json.member("role", "assistant")
            if text.isEmpty {
                json.name("content")
                json.raw("null")
            } else {
                json.member("content", text)
            }
            if calls.isEmpty { return }
            json.name("tool_calls")
            json.array { json in
                for call in calls {
                    json.object { json in
                        json.member("id", call.id)
                        json.member("type", "function")
                        json.name("function")
                        json.object {
                            $0.member("name", call.name)
                            $0.member("arguments", call.arguments.isEmpty ? "{}" : call.arguments)
                        }
                    }
                }
            }
        }
    }

    private func system(_ request: ModelRequest) -> String {
        let now = request.now
        let line = "It is now \(Self.weekdays[now.weekday]), \(now.dateText), \(now.timeText)."
        return request.instructions.isEmpty ? line : request.instructions + "\n" + line
    }

    // MARK: Tools

    private func write(_ tool: ToolDescription, _ json: inout JSONText) {
        let schema = JSONTree(tool.parametersJSON) ?? .object([])
        let strict = configuration.sendsStrictSchemas ? StrictSchema.convert(schema) : nil
        json.object { json in
            json.member("type", "function")
            json.name("function")
            json.object { json in
                json.member("name", tool.name)
                json.member("description", tool.purpose)
                json.name("parameters")
                (strict ?? StrictSchema.completed(schema)).write(to: &json)
                if strict != nil { json.member("strict", true) }
            }
        }
    }
}

/// The tools' answers of a history, each to be taken once, by the id of its call.
private struct AnswersByCall {
    private var answers: [String: [(place: Int, json: String)]] = [:]

    init(_ messages: [ModelMessage]) {
        for (place, message) in messages.enumerated() {
            if case .toolResult(let id, _, let json) = message { answers[id, default: []].append((place, json)) }
        }
    }

    mutating func take(_ id: String, after place: Int) -> String? {
        guard let found = answers[id]?.firstIndex(where: { $0.place > place }) else { return nil }
        return answers[id]?.remove(at: found).json
    }
}
