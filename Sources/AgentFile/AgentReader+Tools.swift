import Conversation
import Yams

extension AgentReader {
    // MARK: Calendar

    func calendar(_ root: Fields) -> AgentFile.AppointmentCalendar? {
        guard let fields = root.section("calendar", section: "calendar") else { return nil }
        fields.required("opening_hours", allowed: "ranges per weekday")
        let minutes = fields.integer("slot_minutes", in: 5...480) ?? 30
        var hours = OpeningHours()
        if let week = fields.section("opening_hours", section: "calendar.opening_hours") {
            for (index, day) in AgentKeys.weekdays.enumerated() { hours.days[index] = ranges(week, day: day) }
            if hours.isEmpty, problems.error == nil {
                fields.note("opening_hours", given: "a week without open hours", allowed: "at least one range")
            }
        }
        return .init(openingHours: hours, slotMinutes: minutes)
    }

    private func ranges(_ week: Fields, day: String) -> [OpeningHours.Range] {
        var ranges: [OpeningHours.Range] = []
        for item in week.list(day, most: 10) {
            let given = item.node.plain ?? item.node.kindText
            guard let range = Self.range(given) else {
                problems.add(line: item.node.line, field: item.path, given: given, allowed: "a range as 09:00-12:30")
                continue
            }
            if let last = ranges.last, range.fromMinute < last.toMinute {
                problems.add(
                    line: item.node.line, field: item.path, given: "\(given), which overlaps the range before",
                    allowed: "ranges in order that do not overlap")
                continue
            }
            ranges.append(range)
        }
        return ranges
    }

    /// `09:00-12:30`; nil for anything else, also when it ends before it begins.
    static func range(_ text: String) -> OpeningHours.Range? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { minute(String($0).trimmed) }
        guard ends.count == 2, let from = ends[0], let to = ends[1], from < to else { return nil }
        return .init(fromMinute: from, toMinute: to)
    }

    private static func minute(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour < 24 || (hour == 24 && minute == 0)
        else { return nil }
        return hour * 60 + minute
    }

    // MARK: Leads

    func leadCriteria(_ root: Fields, flow: Flow) -> [AgentFile.LeadCriterion] {
        guard let leads = root.section("leads", section: "leads") else { return [] }
        leads.required("criteria", allowed: "a list of criteria")
        return leads.list("criteria", most: 30).compactMap { item in
            guard let fields = Fields(item.node, path: item.path, section: "leads.criteria[]", problems: problems),
                let slot = fields.string("slot", isRequired: true)
            else { return nil }
            // Who talks freely asks what the criteria name.
            if flow.steps.isEmpty {
                return freeRule(fields).map { AgentFile.LeadCriterion(slot: slot, rule: $0) }
            }
            guard let step = flow.step(slot) else {
                let slots = flow.steps.map(\.id)
                fields.note("slot", given: slot, allowed: "a step of the flow: \(slots.joined(separator: ", "))")
                return nil
            }
            return rule(fields, step: step).map { AgentFile.LeadCriterion(slot: slot, rule: $0) }
        }
    }

    /// The key of the one rule that a criterion has.
    private func ruleKey(_ fields: Fields) -> String? {
        let given = ["equals", "at_least", "at_most", "one_of"].filter { fields.has($0) }
        if given.count == 1 { return given.first }
        problems.add(
            line: fields.line, field: fields.path, given: given.isEmpty ? "no rule" : given.joined(separator: ", "),
            allowed: "exactly one of equals, at_least, at_most, one_of")
        return nil
    }

    /// A rule for a slot of which nothing is known.
    private func freeRule(_ fields: Fields) -> AgentFile.LeadCriterion.Rule? {
        switch ruleKey(fields) {
        case "at_least": fields.number("at_least").map { .atLeast($0) }
        case "at_most": fields.number("at_most").map { .atMost($0) }
        case "one_of": fields.strings("one_of", most: 30).map { .oneOf($0) }
        case "equals":
            if let flag = fields.node("equals")?.boolean {
                flag ? .isYes : .isNo
            } else {
                fields.string("equals").map { .equals($0) }
            }
        default: nil
        }
    }

    private func rule(_ fields: Fields, step: Flow.Step) -> AgentFile.LeadCriterion.Rule? {
        guard let rule = ruleKey(fields) else { return nil }
        switch rule {
        case "at_least", "at_most":
            guard step.expects == .number else {
                fields.note(rule, given: "a limit for \(step.id)", allowed: "a slot that expects a number")
                return nil
            }
            return fields.number(rule).map { rule == "at_least" ? .atLeast($0) : .atMost($0) }
        case "one_of":
            guard let values = fields.strings("one_of", most: 30) else { return nil }
            for value in values { noteOption(value, step, fields, key: "one_of") }
            return .oneOf(values)
        default:
            if step.expects == .yesNo { return fields.bool("equals").map { $0 ? .isYes : .isNo } }
            guard let value = fields.string("equals") else { return nil }
            noteOption(value, step, fields, key: "equals")
            return .equals(value)
        }
    }

    private func noteOption(_ value: String, _ step: Flow.Step, _ fields: Fields, key: String) {
        guard case .choice(let options) = step.expects, !options.contains(value) else { return }
        fields.note(key, given: value, allowed: options.joined(separator: ", "))
    }

    // MARK: Orders

    func orders(_ root: Fields) -> OrderTable? {
        guard let fields = root.section("orders", section: "orders") else { return nil }
        let file = fields.string("file", isRequired: true)
        let key = fields.string("key", isRequired: true)
        guard let file, let key else { return nil }
        let path = file.hasPrefix("/") ? file : directory + "/" + file
        switch OrderTable.load(path: path, key: key) {
        case .success(let table): return table
        case .failure(let trouble):
            fields.note(trouble.isAboutKey ? "key" : "file", given: trouble.given, allowed: trouble.allowed)
            return nil
        }
    }

    // MARK: Tools

    /// The tools the file lists; without a list, those that the flow, or an agent that talks freely, and every call
    /// need. Tools of its own are always among them.
    func tools(_ root: Fields, script: DialogueScript, httpTools: [HTTPToolDescription]) -> [String] {
        let needed = [script.flow.check?.tool, script.flow.completion?.tool].compactMap(\.self).filter { !$0.isEmpty }
        let own = httpTools.map(\.name)
        guard root.has("tools") else {
            let used = script.flow.steps.isEmpty ? toolsOfSections(root) : needed
            return used + (script.escalation == nil ? [] : ["escalate_to_human"]) + own + ["end_call"]
        }
        let listed = words(root, "tools", most: 50, of: AgentKeys.tools + own, each: "tool")
        for tool in needed where !listed.contains(tool) {
            root.note("tools", given: "a list without \(tool)", allowed: "every tool that the flow uses")
        }
        return listed + own.filter { !listed.contains($0) }
    }

    private func toolsOfSections(_ root: Fields) -> [String] {
        (root.has("calendar") ? ["check_availability", "book_appointment"] : [])
            + (root.has("leads") ? ["qualify_lead"] : []) + (root.has("orders") ? ["lookup_order"] : [])
    }

    /// What a tool cannot work without.
    func noteMissingSections(_ root: Fields, _ agent: AgentFile) {
        let flow = agent.script.flow
        let flowTools = [flow.check?.tool, flow.completion?.tool]
        func require(_ section: String, _ what: String, for tools: [String], _ deed: String) {
            if flowTools.contains(where: { $0.map(tools.contains) ?? false }) {
                root.required(section, allowed: "\(what), as the flow \(deed)")
            } else if let tool = tools.first(where: agent.tools.contains) {
                root.required(section, allowed: "\(what), as the tools include \(tool)")
            }
        }
        require(
            "calendar", "opening hours", for: ["check_availability", "book_appointment"], "books appointments")
        require("orders", "a file of orders", for: ["lookup_order"], "looks them up")
        require("leads", "criteria", for: ["qualify_lead"], "qualifies leads")
        require("escalation", "a target", for: ["escalate_to_human"], "hands over")
    }
}
