import Foundation
import Providers
import Testing

@testable import ProviderClients

@Suite("A request's bytes")
struct OpenAIRequestTests {
    private static let monday = CivilDateTime("2026-03-02T09:05:00")!

    private func body(
        _ messages: [ModelMessage], tools: [ToolDescription] = [],
        _ change: (inout OpenAIModel.Configuration) -> Void = { _ in }
    ) throws -> String {
        var configuration = try OpenAIModel.Configuration(key: "k")
        change(&configuration)
        let request = ModelRequest(instructions: "Be brief.", messages: messages, tools: tools, now: Self.monday)
        return String(decoding: ChatRequest(configuration: configuration).body(request), as: UTF8.self)
    }

    /// Role, and what else matters, of every message after the first.
    private func outline(_ messages: [ModelMessage]) throws -> [String] {
        let object = try JSONSerialization.jsonObject(with: Data(try body(messages).utf8)) as? [String: Any]
        let list = try #require(object?["messages"] as? [[String: Any]])
        return list.dropFirst().map { message in
            let content = message["content"] as? String ?? "null"
            let calls = (message["tool_calls"] as? [[String: Any]])?.compactMap { $0["id"] as? String } ?? []
            let id = message["tool_call_id"] as? String
            return ([message["role"] as? String ?? "?", content] + (id.map { [$0] } ?? []) + calls).joined(
                separator: "|")
        }
    }

    @Test("The bytes are these, and the same each time")
    func bytes() throws {
        let tool = ToolDescription(
            name: "book", purpose: "Books.", parametersJSON: #"{"type":"object","properties":{}}"#)
        let wanted =
            #"{"model":"gpt-4o","messages":[{"role":"system","content":"Be brief.\nIt is now Monday, 2026-03-02, 09:05."},"#
            + #"{"role":"assistant","content":"Hi \"Zoë\""},{"role":"user","content":"hello"}],"stream":true,"#
            + #""stream_options":{"include_usage":true,"include_obfuscation":false},"temperature":0.4,"#
            + #""max_completion_tokens":300,"tools":[{"type":"function","function":{"name":"book","description":"Books.","#
            + #""parameters":{"type":"object","properties":{},"required":[],"additionalProperties":false},"strict":true}}],"#
            + #""parallel_tool_calls":false}"#
        for _ in 0..<3 {
            #expect(
                try body([.agent(text: "Hi \"Zoë\"", wasInterrupted: true), .caller(text: "hello")], tools: [tool])
                    == wanted)
        }
    }

    @Test("What a server does not know can be left out")
    func options() throws {
        let text = try body([.caller(text: "x")]) {
            $0.asksForUsage = false
            $0.tokenLimitField = .maxTokens
            $0.model = "llama"
        }
        #expect(text.hasSuffix(#""stream":true,"temperature":0.4,"max_tokens":300}"#))
        #expect(!text.contains("tools") && !text.contains("stream_options"))
        let other = try body([], { $0.base = try! VendorURL("http://localhost:8000/v1") })
        #expect(other.contains(#""stream_options":{"include_usage":true}"#))
    }

    @Test("Each answer of a tool stands straight after the call, wherever it came")
    func order() throws {
        let calls = [ToolCall(id: "a", name: "x", arguments: "{}"), ToolCall(id: "b", name: "y", arguments: "")]
        #expect(
            try outline([
                .caller(text: "hi"), .agent(text: "Moment.", toolCalls: calls), .caller(text: ""),
                .toolResult(callID: "b", name: "y", json: #"{"n":2}"#),
            ]) == [
                "user|hi", "assistant|Moment.|a|b", "tool|\(ChatRequest.noAnswer)|a", #"tool|{"n":2}|b"#,
                "user|\(ChatRequest.notUnderstood)",
            ])
    }

    @Test("Answers to no call, empty words and doubled calls are left out")
    func repairs() throws {
        let call = ToolCall(id: "a", name: "x", arguments: "{}")
        #expect(
            try outline([
                .toolResult(callID: "a", name: "x", json: "{}"), .agent(text: ""), .agent(text: " "),
                .agent(text: "", toolCalls: [call, call]), .toolResult(callID: "a", name: "x", json: "[1]"),
                .toolResult(callID: "z", name: "x", json: "[2]"), .agent(text: "", toolCalls: [call]),
            ]) == ["assistant|null|a", "tool|[1]|a", "assistant|null|a", "tool|\(ChatRequest.noAnswer)|a"])
    }

    @Test("Every history, cut and shuffled at random, is legal")
    func randomHistories() async throws {
        var seed: UInt64 = 7
        func next(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % bound
        }
        for round in 0..<500 {
            await Task.yield()
            let messages: [ModelMessage] = (0..<next(12)).map { _ in
                switch next(4) {
                case 0: .caller(text: ["", "yes"][next(2)])
                case 1: .agent(text: ["", "Well."][next(2)])
                case 2:
                    .agent(
                        text: ["", "Well."][next(2)],
                        toolCalls: (0..<1 + next(2)).map { _ in ToolCall(id: "c\(next(4))", name: "x", arguments: "{}")
                        })
                default: .toolResult(callID: "c\(next(4))", name: "x", json: "{}")
                }
            }
            var open: [Substring] = []
            for line in try outline(messages) {
                let parts = line.split(separator: "|", omittingEmptySubsequences: false)
                if parts[0] == "tool" {
                    #expect(open.first == parts.last, "round \(round): \(messages)")
                    if !open.isEmpty { open.removeFirst() }
                } else {
                    #expect(open.isEmpty, "round \(round): \(messages)")
                    open = parts[0] == "assistant" ? Array(parts.dropFirst(2)) : []
                    if parts[0] == "assistant" { #expect(parts[1] != "null" || !open.isEmpty, "round \(round)") }
                }
            }
            #expect(open.isEmpty, "round \(round): \(messages)")
        }
    }

    @Test(
        "A schema is enforced where every part of it can be",
        arguments: [
            (
                #"{"type":"object","properties":{"a":{"type":"string","default":null},"b":{"type":"integer","enum":[1,2]}},"required":["b"]}"#,
                #"{"type":"object","properties":{"a":{"type":["string","null"]},"b":{"type":"integer","enum":[1,2]}},"required":["a","b"],"additionalProperties":false}"#
            ),
            (
                #"{"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{"x":{"type":"string","enum":["p"]}}}}},"required":["a"]}"#,
                #"{"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{"x":{"type":["string","null"],"enum":["p",null]}},"required":["x"],"additionalProperties":false}}},"required":["a"],"additionalProperties":false}"#
            ),
            (
                #"{"type":"object","properties":{"a":{"allOf":[{"type":"number","minimum":1}],"description":"n"}},"required":["a"]}"#,
                #"{"type":"object","properties":{"a":{"description":"n","type":"number","minimum":1}},"required":["a"],"additionalProperties":false}"#
            ),
            (
                #"{"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"number"}]}}}"#,
                #"{"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"number"},{"type":"null"}]}},"required":["a"],"additionalProperties":false}"#
            ),
            ("{}", #"{"type":"object","properties":{},"required":[],"additionalProperties":false}"#),
            (#"{"type":"object","additionalProperties":true}"#, nil),
            (#"{"type":"object","properties":{"a":{"$ref":"b"}}}"#, nil),
            (#"{"type":"object","properties":{"a":{"type":"string","minLength":2}}}"#, nil),
            (#"{"type":"object","properties":{"a":{"oneOf":[]}}}"#, nil),
            (#"{"type":"object","properties":{"a":{}}}"#, nil),
            (#"{"type":"string"}"#, nil),
        ] as [(String, String?)])
    func strict(given: String, wanted: String?) throws {
        var json = JSONText()
        StrictSchema.convert(try #require(JSONTree(given)))?.write(to: &json)
        #expect(json.text == wanted ?? "")
        let body = try body([], tools: [ToolDescription(name: "t", purpose: "", parametersJSON: given)])
        #expect(body.contains(#""strict":true"#) == (wanted != nil))
        #expect(
            !(try self.body([], tools: [ToolDescription(name: "t", purpose: "", parametersJSON: given)]) {
                $0.sendsStrictSchemas = false
            }).contains("strict"))
    }
}
