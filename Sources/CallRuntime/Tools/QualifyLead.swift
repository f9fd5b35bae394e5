import AgentFile
import CallStore
import Providers

/// `qualify_lead`: judges a caller's answers by the agent's criteria and stores both.
///
/// Takes `{"answers":{slot:value}}`, values being texts, numbers or yes/no. Answers `{"qualified":true,"reasons":[]}`, or
/// `{"qualified":false,"reasons":[...]}` with a reason for each criterion that is not met. Without criteria every lead
/// is a good one. The same tool call again gets the judgement of the first time, and so does another one of the same call
/// with the same answers.
public struct QualifyLead: StoreTool {
    let store: CallStore
    let agent: String
    let criteria: [AgentFile.LeadCriterion]

    public init(store: CallStore, agent: String, criteria: [AgentFile.LeadCriterion]) {
        self.store = store
        self.agent = agent
        self.criteria = criteria
    }

    public var description: ToolDescription {
        ToolDescription(
            name: "qualify_lead",
            purpose: "Judges and stores what the caller answered. Use it once every question was answered.",
            parametersJSON: """
                {"type":"object","properties":{"answers":{"type":"object","description":\(slotsText),\
                "additionalProperties":{"type":["string","number","boolean"]}}},"required":["answers"]}
                """)
    }

    /// As JSON. A model that has no flow to follow learns here what to ask for.
    private var slotsText: String {
        let slots = criteria.map(\.slot).joined(separator: ", ")
        return JSONValue.string(
            "The caller's answers by slot" + (slots.isEmpty ? "" : ": \(slots), name and whatever else was asked")
        ).text
    }

    func answer(_ arguments: ToolArguments, context: ToolContext) async throws -> JSONValue {
        let given = try arguments.value("answers")
        guard case .object(let members) = given else {
            throw ToolComplaint("answers", given: given.text, allowed: "an object of slots and values")
        }
        var answers: [String: String] = [:]
        for member in members where member.value != .null {
            guard let text = member.value.plainText else {
                throw ToolComplaint(
                    "answers.\(member.name)", given: member.value.text, allowed: "a text, number or yes/no")
            }
            answers[member.name] = text.trimmingSpaces
        }
        let reasons = criteria.compactMap { $0.objection(to: answers[$0.slot]) }
        let lead = try await store.addLead(
            agent: agent, isQualified: reasons.isEmpty, name: answers["name"] ?? "", answers: answers,
            reasons: reasons, context: context)
        return .object(["qualified": .bool(lead.isQualified), "reasons": .strings(lead.reasons)])
    }
}

extension AgentFile.LeadCriterion {
    /// What speaks against `answer`, as `slot: given X, wanted Y`; nil when nothing does.
    func objection(to answer: String?) -> String? {
        guard let answer, !answer.isEmpty else { return "\(slot): not answered, wanted \(wish)" }
        return isMet(by: answer) ? nil : "\(slot): given \(answer), wanted \(wish)"
    }

    private func isMet(by answer: String) -> Bool {
        switch rule {
        case .isYes: Self.yesNo(answer) == true
        case .isNo: Self.yesNo(answer) == false
        case .equals(let wanted): Self.isSame(answer, wanted)
        case .oneOf(let wanted): wanted.contains { Self.isSame(answer, $0) }
        case .atLeast(let least): Self.number(answer).map { $0 >= least } ?? false
        case .atMost(let most): Self.number(answer).map { $0 <= most } ?? false
        }
    }

    private var wish: String {
        switch rule {
        case .isYes: "yes"
        case .isNo: "no"
        case .equals(let wanted): wanted
        case .oneOf(let wanted): wanted.joined(separator: " or ")
        case .atLeast(let least): "at least " + Self.plain(least)
        case .atMost(let most): "at most " + Self.plain(most)
        }
    }

    private static func yesNo(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "yes", "true": true
        case "no", "false": false
        default: nil
        }
    }

    private static func isSame(_ a: String, _ b: String) -> Bool {
        a.trimmingSpaces.lowercased() == b.trimmingSpaces.lowercased()
    }

    /// The first number in a text, also with thousands separated: `$1,200.50`, `150 dollars`, `-3`.
    private static func number(_ text: String) -> Double? {
        let digits = Array(text.utf8.filter { $0 != UInt8(ascii: ",") })
        func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        guard let first = digits.firstIndex(where: isDigit) else { return nil }
        let number = digits[first...].prefix { isDigit($0) || $0 == UInt8(ascii: ".") }
        let isNegative = first > 0 && digits[first - 1] == UInt8(ascii: "-")
        // A full stop that ends the sentence is none of the number's.
        let text = String(decoding: number.last == UInt8(ascii: ".") ? number.dropLast() : number, as: UTF8.self)
        return Double(text).map { isNegative ? -$0 : $0 }
    }

    private static func plain(_ number: Double) -> String { JSONValue.number(number).text }
}
