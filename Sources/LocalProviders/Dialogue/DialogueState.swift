import Conversation
import Providers

/// Where a scripted dialogue stands. Built anew for every request by taking its messages in one by one.
///
/// What was planned is not a fact: only what the caller said, what was heard of the agent, the tools it called and their
/// answers move the state. So a reply that was cancelled, or cut before its tool was called, changes nothing.
struct DialogueState: Sendable {
    let script: DialogueScript
    let knowledge: KnowledgeIndex
    let now: CivilDateTime

    /// By step, in the order of the flow.
    var slots: [SlotValue?]
    var open: OpenQuestion = .start
    var isStarted = false
    /// The flow came to its end: booked, qualified, found.
    var isDone = false
    /// Misunderstandings in a row.
    var failures = 0
    /// Digits heard so far of a number that was begun.
    var begunDigits = ""
    /// Orders not found in a row.
    var misses = 0
    var turns = 0

    /// The newest answer of the flow's check.
    var check: CheckOutcome?
    /// A clean yes to a read-back that was heard, of the slots as they are.
    var isConfirmed = false
    /// A tool that changes something was called, and has not refused.
    var isCommitted = false
    var pending: [ToolCall] = []
    /// A goodbye or handoff that was planned and not yet begun.
    var leaving: Leaving?
    /// Why a person was offered.
    var personReason = ""
    /// The call was handed over or ended: nothing is left to say.
    var isOver = false

    /// The reply due now.
    var reply = DialogueReply()
    /// What was planned and what was heard since the caller last spoke.
    var planned = ""
    var heard = ""
    /// What the caller must have heard of the planned text for a yes to count, and what follows it.
    var readBack: ReadBack?
    var isReadBackHeard = false
    /// A result that is told again if it was cut off.
    var mustHear: (line: String, core: String, tries: Int)?
    var repeatsAsked = 0
    /// The agent's previous words, for "repeat that" and against saying a line twice.
    var lastLine = ""

    init(script: DialogueScript, knowledge: KnowledgeIndex? = nil, now: CivilDateTime) {
        self.script = script
        self.knowledge = knowledge ?? KnowledgeIndex(script.knowledge)
        self.now = now
        slots = Array(repeating: nil, count: script.flow.steps.count)
        planned = script.opening.map(\.text).joined(separator: " ")
        lastLine = planned
    }

    /// What the agent's newest words ask for.
    enum OpenQuestion: Sendable, Equatable {
        case start
        case step(Int)
        case confirm
        case alternatives
        case otherTime
        case change
        case person
        case anythingElse
    }

    struct CheckOutcome: Sendable, Equatable {
        var place: ToolAnswer.CivilMinute
        /// nil: it could not be found out.
        var isFree: Bool?
        var reason = ""
        var alternatives: [ToolAnswer.CivilMinute] = []
        var wasTold = false
    }

    struct ReadBack: Sendable, Equatable {
        var core: String
        var rest: String
    }

    enum Leaving: Sendable, Equatable {
        case goodbye
        case person(reason: String)
    }

    // MARK: Taking messages in

    mutating func advance(_ message: ModelMessage) {
        switch message {
        case .caller(let text):
            settleHeard()
            if !planned.isEmpty { lastLine = planned }
            heard = ""
            planned = ""
            turns += 1
            takeCaller(text)
        case .agent(let text, let toolCalls, _):
            heard += heard.isEmpty || text.isEmpty ? text : " " + text
            for call in toolCalls {
                pending.append(call)
                if Self.commits(call.name) { isCommitted = true }
                if ["escalate_to_human", "end_call"].contains(call.name) { leaving = nil }
            }
            reply = DialogueReply()
        case .toolResult(let callID, let name, let json):
            let arguments = pending.first { $0.id == callID }?.arguments ?? "{}"
            pending.removeAll { $0.id == callID }
            takeTool(name, ToolAnswer(tool: name, json: json), arguments: arguments)
        }
    }

    /// Whether a tool leaves something behind that cannot be taken back.
    static func commits(_ tool: String) -> Bool {
        !["check_availability", "lookup_order", "escalate_to_human", "end_call"].contains(tool)
    }

    /// Judges what was heard before the caller spoke again.
    private mutating func settleHeard() {
        let heardWords = Self.plainWords(heard)
        if let readBack {
            // Once heard it stays heard while nothing but our own "is that right?" was said since: a yes to words that
            // someone else put in answers those.
            let isOurs = isReadBackHeard && Self.plainWords(planned).starts(with: heardWords)
            isReadBackHeard = isOurs || Self.covers(heardWords, readBack)
        }
        if let told = mustHear, Self.contains(heardWords, Self.plainWords(told.core)) { mustHear = nil }
    }

    /// Whether the values were all heard, and nothing followed but the question that belongs to them.
    private static func covers(_ heard: [String], _ readBack: ReadBack) -> Bool {
        let core = plainWords(readBack.core)
        guard !core.isEmpty, core.count <= heard.count else { return false }
        for start in stride(from: heard.count - core.count, through: 0, by: -1)
        where heard[start..<(start + core.count)].elementsEqual(core) {
            return plainWords(readBack.rest).starts(with: heard[(start + core.count)...])
        }
        return false
    }

    private static func contains(_ heard: [String], _ wanted: [String]) -> Bool {
        guard wanted.count <= heard.count else { return false }
        return (0...(heard.count - wanted.count)).contains { heard[$0..<($0 + wanted.count)].elementsEqual(wanted) }
    }

    /// Letters and digits only, so that punctuation a runtime drops changes nothing.
    static func plainWords(_ text: String) -> [String] {
        text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "'") }.map(String.init)
    }
}

/// What a dialogue wants said and done now.
public struct DialogueReply: Sendable, Equatable {
    public var text = ""
    /// The tool's name and its arguments, a JSON object.
    public var tool: String?
    public var arguments = "{}"
    /// The step or `Flow.Question` that the text asks for.
    public var expects: String?
}
