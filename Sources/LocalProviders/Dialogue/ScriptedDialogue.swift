import Conversation
import Providers

/// A language model that needs no network: it follows an agent's flow and knows nothing beyond it.
///
/// It keeps nothing between requests. Each `reply` takes the request's messages in from the first one on, so the same
/// request always gives the same events, and a reply that was begun in vain leaves no trace.
///
/// - Text comes word by word, as a model streams it; at most one tool is called in a reply.
/// - A tool that changes something is called only after a plain yes to a read-back whose values were all heard.
/// - Work is linear in the length of the conversation.
public struct ScriptedDialogue: LanguageModel {
    public let name = "scripted"
    public let script: DialogueScript

    private let knowledge: KnowledgeIndex

    public init(script: DialogueScript) {
        self.script = script
        knowledge = KnowledgeIndex(script.knowledge)
    }

    public func reply(to request: ModelRequest) -> AsyncThrowingStream<ModelEvent, any Error> {
        let events = events(for: request)
        return AsyncThrowingStream { continuation in
            for event in events { continuation.yield(event) }
            continuation.finish()
        }
    }

    /// Everything that `reply` streams, at once.
    public func events(for request: ModelRequest) -> [ModelEvent] {
        let reply = plan(for: request)
        var events = Self.words(reply.text).map(ModelEvent.text)
        if let tool = reply.tool {
            // The place in the conversation names the call: it grows with every message, and a request that is made
            // again names its call alike.
            let id = Self.callID(request.messages)
            events.append(.toolCall(ToolCall(id: id, name: tool, arguments: reply.arguments)))
            return events + [.finished(.toolCalls)]
        }
        if !reply.text.isEmpty { events.append(.expects(step: reply.expects)) }
        return events + [.finished(.stop)]
    }

    /// What is due after the messages of `request`.
    public func plan(for request: ModelRequest) -> DialogueReply {
        var state = DialogueState(script: script, knowledge: knowledge, now: request.now)
        for message in request.messages { state.advance(message) }
        switch request.messages.last {
        case nil: state.greet()
        case .agent: state.askOnce()
        case .caller, .toolResult: break
        }
        return state.reply
    }

    /// Words with the space that follows them, as a model's tokens.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        for character in text {
            word.append(character)
            if character == " " {
                words.append(word)
                word = ""
            }
        }
        return word.isEmpty ? words : words + [word]
    }

    private static func callID(_ messages: [ModelMessage]) -> String {
        let taken = messages.flatMap { message -> [String] in
            if case .agent(_, let calls, _) = message { return calls.map(\.id) }
            return []
        }
        var number = messages.count
        while taken.contains("scripted-\(number)") { number += 1 }
        return "scripted-\(number)"
    }
}

extension DialogueState {
    /// Asked for the first words of the call.
    mutating func greet() {
        planned = ""
        lastLine = ""
        say(script.opening.map(\.text), asking: nil)
    }

    /// Asked to speak though the caller said nothing since our own words: the open question, in a line of its own.
    mutating func askOnce() {
        guard !isOver else { return }
        lastLine = planned
        planned = ""
        if open == .start { return say([script.lines.whatElse], asking: nil) }
        goOn([])
    }
}
