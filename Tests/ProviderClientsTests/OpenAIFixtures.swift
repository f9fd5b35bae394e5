import Providers
import Testing

@testable import ProviderClients

/// One answer as some server sends it, and what it means.
struct AnswerFixture: Sendable, CustomTestStringConvertible {
    var name: String
    var body: String
    var events: [ModelEvent]
    var testDescription: String { name }

    init(_ name: String, _ lines: [String], done: Bool = true, _ events: [ModelEvent]) {
        self.name = name
        body = lines.map { "data: \($0)\n\n" }.joined() + (done ? "data: [DONE]\n\n" : "")
        self.events = events
    }

    init(_ name: String, body: String, _ events: [ModelEvent]) {
        (self.name, self.body, self.events) = (name, body, events)
    }

    /// A chunk as OpenAI writes it.
    static func chunk(_ delta: String, _ reason: String? = nil) -> String {
        let reason = reason.map { "\"\($0)\"" } ?? "null"
        return #"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":"#
            + delta + #","logprobs":null,"finish_reason":"# + reason + #"}],"usage":null}"#
    }

    private static func opening(_ index: Int, _ id: String, _ name: String, _ arguments: String = "") -> String {
        #"{"role":"assistant","content":null,"tool_calls":[{"index":\#(index),"id":"\#(id)","type":"function","#
            + #""function":{"name":"\#(name)","arguments":"\#(arguments)"}}]}"#
    }

    private static func piece(_ index: Int, _ arguments: String) -> String {
        #"{"tool_calls":[{"index":\#(index),"function":{"arguments":"\#(arguments)"}}]}"#
    }

    private static let usage = #"{"choices":[],"usage":{"prompt_tokens":42,"completion_tokens":5,"total_tokens":47}}"#
    private static let book = ToolCall(id: "call_A", name: "book", arguments: #"{"day":"mon"}"#)
    private static let text: [ModelEvent] = [.text("Sure"), .text(", Zoë 🎉\n\"ok\"."), .finished(.stop)]
    private static let called: [ModelEvent] = [.toolCall(book), .finished(.toolCalls)]

    static let all: [AnswerFixture] = [
        AnswerFixture(
            "a text from OpenAI",
            [
                chunk(#"{"role":"assistant","content":"","refusal":null}"#), chunk(#"{"content":"Sure"}"#),
                chunk(#"{"content":", Zo\u00eb \ud83c\udf89\n\"ok\"."}"#), chunk("{}", "stop"), usage,
            ], text),
        AnswerFixture(
            "two calls from OpenAI, after a text",
            [
                chunk(#"{"content":"One moment."}"#), chunk(opening(0, "call_A", "book")),
                chunk(piece(0, #"{\"day\":"#)), chunk(piece(0, #"\"mon\"}"#)), chunk(opening(1, "call_B", "sms")),
                chunk(piece(1, "{}")), chunk("{}", "tool_calls"),
            ],
            [
                .text("One moment."), .toolCall(book), .toolCall(ToolCall(id: "call_B", name: "sms", arguments: "{}")),
                .finished(.toolCalls),
            ]),
        AnswerFixture(
            "vLLM: the reason's key is absent until the end",
            [#"{"choices":[{"index":0,"delta":{"content":"Hi"}}]}"#, chunk("{}", "stop")],
            [.text("Hi"), .finished(.stop)]),
        AnswerFixture(
            "vLLM: a call without an id",
            [
                chunk(#"{"tool_calls":[{"index":0,"function":{"name":"book","arguments":""}}]}"#),
                chunk(piece(0, #"{\"day\":\"mon\"}"#)), chunk("{}", "tool_calls"),
            ],
            [.toolCall(ToolCall(id: "call_1", name: "book", arguments: #"{"day":"mon"}"#)), .finished(.toolCalls)]),
        AnswerFixture(
            "vLLM: arguments that are null",
            [
                chunk(
                    #"{"tool_calls":[{"index":0,"id":"call_A","type":"function","function":{"name":"book","arguments":null}}]}"#
                ), chunk(piece(0, #"{\"day\":\"mon\"}"#)), chunk("{}", "tool_calls"),
            ], called),
        AnswerFixture(
            "vLLM: the last chunk's reason is null", [chunk(#"{"content":"Hi"}"#), chunk("{}")],
            [.text("Hi"), .finished(.stop)]),
        AnswerFixture(
            "vLLM: the last chunk repeats id and name, with arguments and the reason",
            [
                chunk(opening(0, "call_A", "book")), chunk(piece(0, #"{\"day\":"#)),
                chunk(opening(0, "call_A", "book", #"\"mon\"}"#), "tool_calls"),
            ], called),
        AnswerFixture(
            "vLLM: a named function ends with stop, its arguments in one piece",
            [chunk(opening(0, "call_A", "book", #"{\"day\":\"mon\"}"#)), chunk("{}", "stop")], called),
        AnswerFixture(
            "vLLM: stop_reason, no calls in text, and reasoning beside it",
            [
                chunk(#"{"reasoning_content":"Let me think","content":null,"tool_calls":[]}"#),
                chunk(#"{"content":"Hi","tool_calls":[]}"#),
                #"{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop","stop_reason":null}]}"#,
            ], [.text("Hi"), .finished(.stop)]),
        AnswerFixture(
            "Ollama: calls without index, each whole, ended with stop",
            [
                chunk(
                    #"{"tool_calls":[{"id":"call_A","function":{"name":"book","arguments":"{\"day\":\"mon\"}"}},"#
                        + #"{"id":"call_B","function":{"name":"book","arguments":"{}"}}]}"#), chunk("{}", "stop"),
            ],
            [
                .toolCall(book), .toolCall(ToolCall(id: "call_B", name: "book", arguments: "{}")),
                .finished(.toolCalls),
            ]),
        AnswerFixture(
            "Ollama: every index is 0",
            [
                chunk(opening(0, "call_A", "book", #"{\"day\":\"mon\"}"#)), chunk(opening(0, "call_B", "sms", "{}")),
                chunk("{}", "tool_calls"),
            ],
            [.toolCall(book), .toolCall(ToolCall(id: "call_B", name: "sms", arguments: "{}")), .finished(.toolCalls)]),
        AnswerFixture(
            "LiteLLM: arguments as an object, ids that change, index 0, stop",
            [
                chunk(
                    #"{"tool_calls":[{"index":0,"id":"call_A","function":{"name":"book","arguments":{"day":"mon"}}}]}"#),
                chunk(#"{"tool_calls":[{"index":0,"id":"call_Z","function":{"arguments":""}}]}"#), chunk("{}", "stop"),
            ], called),
        AnswerFixture(
            "llama.cpp: timings in the last chunk",
            [
                chunk(#"{"content":"Hi"}"#),
                #"{"choices":[{"finish_reason":"stop","index":0,"delta":{}}],"timings":{"prompt_n":1,"a":[1,{"b":"]}"}]}}"#,
            ], [.text("Hi"), .finished(.stop)]),
        AnswerFixture(
            "Gemini: stop with streamed calls",
            [chunk(opening(0, "call_A", "book", #"{\"day\":\"mon\"}"#), "stop")], called),
        AnswerFixture(
            "vmlx: empty deltas in between",
            [chunk(#"{"content":"Hi"}"#), chunk("{}"), chunk("{}"), chunk("{}", "stop")],
            [.text("Hi"), .finished(.stop)]),
        AnswerFixture(
            "Azure: a chunk without choices first, and a delta that is null",
            [
                #"{"choices":[],"prompt_filter_results":[{"a":1}]}"#, chunk("null"), chunk(#"{"content":"Hi"}"#),
                chunk("null", "stop"),
            ], [.text("Hi"), .finished(.stop)]),
        AnswerFixture(
            "many: no usage, no end mark, the role on every delta, comments",
            body: ": ping\n\ndata: " + chunk(#"{"role":"assistant","content":"Hi"}"#) + "\n\n: ping\n\ndata: "
                + chunk(#"{"role":"assistant","content":"!"}"#) + "\n\ndata: " + chunk("{}", "stop") + "\n\n",
            [.text("Hi"), .text("!"), .finished(.stop)]),
        AnswerFixture(
            "an answer that is not streamed",
            body: #"{"choices":[{"index":0,"message":{"role":"assistant","content":"Hi","tool_calls":[{"id":"call_A","#
                + #""type":"function","function":{"name":"book","arguments":"{\"day\":\"mon\"}"}}]},"#
                + #""finish_reason":"tool_calls"}],"usage":{"prompt_tokens":42,"completion_tokens":5}}"#,
            [.text("Hi")] + called),
        AnswerFixture(
            "a refusal is said", [chunk(#"{"refusal":"I can't."}"#), chunk("{}", "stop")],
            [.text("I can't."), .finished(.stop)]),
        AnswerFixture(
            "a call that the limit cut is not made",
            [chunk(#"{"content":"Hm"}"#), chunk(opening(0, "call_A", "book", #"{\"da"#)), chunk("{}", "length")],
            [.text("Hm"), .finished(.length)]),
        AnswerFixture(
            "a call without arguments", [chunk(opening(0, "call_A", "book")), chunk("{}", "tool_calls")],
            [.toolCall(ToolCall(id: "call_A", name: "book", arguments: "{}")), .finished(.toolCalls)]),
        AnswerFixture(
            "two lines that are no JSON",
            [#"{"choices":[{"delta":{"cont"#, chunk(#"{"content":"Hi"}"#), "oops", chunk("{}", "stop")],
            [.text("Hi"), .finished(.stop)]),
        AnswerFixture(
            "a text that only looks like a call at first",
            [chunk(#"{"content":"<tool"}"#), chunk(#"{"content":" shed>"}"#)],
            [.text("<tool shed>"), .finished(.stop)]),
    ]

    /// Bodies that end in an error, and its kind.
    static let failing: [(name: String, body: String, kind: ProviderError.Kind, isRetryable: Bool)] = [
        ("broken off", "data: \(chunk(#"{"content":"Hi"}"#))\n\n", .unavailable, true),
        ("broken off inside a line", "data: \(chunk(#"{"content":"Hi"}"#))\n\ndata: {\"cho", .unavailable, true),
        ("three lines that are no JSON", "data: {\n\ndata: {\n\ndata: {\n\n", .malformed, true),
        ("nothing but lines that are no JSON", "data: {\n\ndata: [DONE]\n\n", .malformed, true),
        ("a page", "<html><body>Bad gateway</body></html>\n", .malformed, true),
        ("half an object", #"{"choices":[{"message":"#, .malformed, true),
        (
            "a call as text",
            "data: \(chunk(#"{"content":"{\"na"}"#))\n\ndata: \(chunk(#"{"content":"me\": \"x\"}"}"#))\n\n", .malformed,
            true
        ),
        ("a call in tags", "data: \(chunk(#"{"content":"\n<tool_call>{}"}"#))\n\n", .malformed, true),
        ("a function tag", "data: \(chunk(#"{"content":"<function=book>"}"#))\n\n", .malformed, true),
        (
            "an error in the stream",
            "data: {\"error\":{\"message\":\"boom\",\"type\":\"server_error\",\"code\":500}}\n\n", .unavailable, true
        ),
        ("an error event", "event: error\ndata: {\"message\":\"boom\"}\n\n", .unavailable, true),
        ("no money", "data: {\"error\":{\"message\":\"pay\",\"code\":\"insufficient_quota\"}}\n\n", .rejected, false),
        (
            "a call without a name",
            "data: \(chunk(#"{"tool_calls":[{"index":0,"id":"a","function":{"arguments":"{}"}}]}"#, "tool_calls"))\n\ndata: [DONE]\n\n",
            .malformed, true
        ),
        ("an empty body", "", .unavailable, true),
    ]
}
