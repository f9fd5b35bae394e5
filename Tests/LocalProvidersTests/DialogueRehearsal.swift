import AgentFile
import Conversation
import Foundation
import Providers

@testable import LocalProviders

/// Plays a caller's lines against the scripted dialogue of an example agent, with tools that answer at once.
struct DialogueRehearsal {
    /// Monday, 2 March 2026, nine in the morning.
    static let now = CivilDateTime(year: 2026, month: 3, dayOfMonth: 2, hour: 9)!
    static let examples = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Examples").path

    static func agent(_ name: String) -> AgentFile {
        do { return try AgentFile.load(path: examples + "/" + name + ".yaml") } catch { fatalError("\(error)") }
    }

    let model: ScriptedDialogue
    var messages: [ModelMessage]
    /// Set: messages are taken in as they come instead of all of them for every reply. The replies are the same.
    var state: DialogueState?
    /// Answers a tool call: its name and arguments.
    var tool: (String, String) -> String
    /// `>` the caller, `<` the agent, `~` a tool call, `=` its answer where it is no plain success.
    var transcript: [String] = []
    var hasEnded = false
    var expected: String?

    init(_ agent: AgentFile, tool: ((String, String) -> String)? = nil) {
        let orders = agent.orders
        model = ScriptedDialogue(script: agent.script)
        messages = []
        self.tool = tool ?? { name, arguments in Self.usual(name, arguments, orders) }
        append(.agent(text: agent.script.opening.map(\.text).joined(separator: " ")))
    }

    mutating func append(_ message: ModelMessage) {
        messages.append(message)
        state?.advance(message)
    }

    /// From here on messages are taken in one by one.
    mutating func goStepwise() {
        var state = DialogueState(script: model.script, now: Self.now)
        for message in messages { state.advance(message) }
        self.state = state
    }

    private func events() -> [ModelEvent] {
        guard let reply = state?.reply else { return model.events(for: request) }
        var events: [ModelEvent] = [.text(reply.text)]
        guard let tool = reply.tool else { return events + [.expects(step: reply.expects)] }
        events.append(.toolCall(ToolCall(id: "t\(messages.count)", name: tool, arguments: reply.arguments)))
        return events
    }

    var request: ModelRequest { ModelRequest(instructions: "", messages: messages, now: Self.now) }

    /// The caller says `text`; the agent's words are heard up to `heardWords` of its last piece (nil: all).
    mutating func caller(_ text: String, heardWords: Int? = nil) {
        append(.caller(text: text))
        transcript.append("> " + text)
        var replies = 1
        while step(heardWords: heardWords), replies < 6 { replies += 1 }
    }

    /// One reply; true when a tool was called, so that another is due.
    private mutating func step(heardWords: Int?) -> Bool {
        var text = ""
        var calls: [ToolCall] = []
        for event in events() {
            switch event {
            case .fellBack: break
            case .text(let piece): text += piece
            case .toolCall(let call): calls.append(call)
            case .expects(let step): expected = step
            case .finished: break
            }
        }
        let words = text.split(separator: " ")
        let heard = heardWords.map { words.prefix($0).joined(separator: " ") } ?? text
        if !text.isEmpty { transcript.append("< " + heard + (heard == text ? "" : " --")) }
        append(.agent(text: heard, toolCalls: calls, wasInterrupted: heard != text))
        for call in calls {
            transcript.append("~ \(call.name) \(call.arguments)")
            let answer = tool(call.name, call.arguments)
            append(.toolResult(callID: call.id, name: call.name, json: answer))
            if call.name == "end_call" || (call.name == "escalate_to_human" && answer.contains("true")) {
                hasEnded = true
            }
        }
        return !calls.isEmpty && !hasEnded
    }

    static func run(_ agent: String, _ lines: [String], tool: ((String, String) -> String)? = nil) -> String {
        var rehearsal = DialogueRehearsal(Self.agent(agent), tool: tool)
        for line in lines where !rehearsal.hasEnded { rehearsal.caller(line) }
        return rehearsal.transcript.joined(separator: "\n")
    }

    // MARK: Tools

    /// Every weekday hour is free but Tuesday the third at three; orders come from the file.
    static func usual(_ name: String, _ arguments: String, _ orders: OrderTable?) -> String {
        switch name {
        case "check_availability":
            if arguments == #"{"date":"2026-03-03","time":"15:00"}"# {
                return #"{"available":false,"reason":"taken","alternatives":["2026-03-03T15:30","2026-03-03T16:00"]}"#
            }
            return #"{"available":true}"#
        case "book_appointment": return #"{"booked":true,"id":"A1"}"#
        case "qualify_lead": return #"{"qualified":true,"reasons":[]}"#
        case "lookup_order":
            let number = arguments.filter(\.isNumber)
            guard let orders, let row = orders.row(number) else { return #"{"found":false}"# }
            let members = zip(orders.columns, row).map { "\"\($0)\":\"\($1)\"" }
            return #"{"found":true,"order":{"# + members.joined(separator: ",") + "}}"
        case "escalate_to_human": return #"{"accepted":true}"#
        default: return "{}"
        }
    }
}
