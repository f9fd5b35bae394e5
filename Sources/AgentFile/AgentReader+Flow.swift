import Conversation
import Yams

extension AgentReader {
    /// - Parameter orderColumns: What `complete.success` may name besides slots.
    func flow(_ root: Fields, orderColumns: [String]) -> Flow {
        guard let fields = root.section("flow", section: "flow") else { return Flow() }
        var flow = Flow(steps: steps(fields), startsOn: fields.strings("starts_on", most: 50) ?? [])
        let slots = flow.steps.map(\.id)
        flow.check = check(fields, flow: flow)
        flow.readBack = fields.string("confirm")
        notePlaceholders("confirm", fields, allowed: slots)
        flow.completion = completion(fields, flow: flow, orderColumns: orderColumns)
        if let tool = flow.completion?.tool, ["book_appointment", "qualify_lead"].contains(tool) {
            fields.required("confirm", allowed: "a line that reads the slots back, as \(tool) needs a yes to it")
            noteMissingSlots(fields, slots)
        }
        return flow
    }

    /// What is committed must have been read back whole.
    private func noteMissingSlots(_ flow: Fields, _ slots: [String]) {
        guard let line = flow.node("confirm")?.plain else { return }
        let named = line.split(separator: "{").map { String($0.prefix { $0 != "}" }) }
        for slot in slots where !named.contains(slot) {
            flow.note("confirm", given: "a line without {\(slot)}", allowed: "a line that reads every slot back")
        }
    }

    // MARK: Steps

    private func steps(_ flow: Fields) -> [Flow.Step] {
        if let key = ["starts_on", "check", "confirm", "complete"].first(where: { flow.has($0) }) {
            let allowed = "at least one step, as the flow has \(key)"
            flow.required("steps", allowed: allowed)
            if case .sequence(let items)? = flow.node("steps"), items.isEmpty {
                flow.note("steps", given: "an empty list", allowed: allowed)
            }
        }
        var seen: [String] = []
        return flow.list("steps", most: 30).compactMap { item in
            guard let fields = Fields(item.node, path: item.path, section: "flow.steps[]", problems: problems)
            else { return nil }
            let id = stepID(fields, seen: &seen)
            let expects = expects(fields)
            let ask = fields.string("ask", isRequired: true)
            let again = fields.strings("ask_again", most: 10) ?? []
            let delay = fields.integer("endpoint_delay_ms", in: 100...3_000)
            guard let id, let expects, let ask else { return nil }
            return Flow.Step(
                id: id, expects: expects, ask: ask, askAgain: again, endpointDelay: delay.map { .milliseconds($0) })
        }
    }

    private func stepID(_ fields: Fields, seen: inout [String]) -> String? {
        guard let id = fields.string("id", isRequired: true) else { return nil }
        let reserved = Flow.Question.allCases.map(\.rawValue)
        let isWord = id.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
        guard isWord, id.utf8.count <= 40 else {
            fields.note("id", given: id, allowed: "at most 40 small letters, digits and underscores")
            return nil
        }
        guard !reserved.contains(id) else {
            fields.note("id", given: id, allowed: "any id but \(reserved.joined(separator: ", "))")
            return nil
        }
        noteDuplicate(id, in: &seen, fields: fields, key: "id")
        return id
    }

    private func expects(_ step: Fields) -> ExpectedAnswer? {
        step.required("expects", allowed: AgentKeys.answers.joined(separator: ", "))
        guard let node = step.node("expects") else { return nil }
        if case .mapping = node {
            guard let fields = step.section("expects", section: "flow.steps[].expects") else { return nil }
            return parameterised(fields)
        }
        guard let kind = step.string("expects") else { return nil }
        switch kind {
        case "yes_no": return .yesNo
        case "digits": return .digits(count: nil)
        case "phone_number": return .phoneNumber
        case "email": return .email
        case "date": return .date
        case "time": return .time
        case "name": return .name
        case "number": return .number
        case "open": return .open
        case "choice": step.note("expects", given: "choice without options", allowed: "{choice: [one, another]}")
        default:
            step.note("expects", given: kind, allowed: AgentKeys.hint(for: kind, in: AgentKeys.answers))
        }
        return nil
    }

    private func parameterised(_ fields: Fields) -> ExpectedAnswer? {
        if fields.has("digits"), !fields.has("choice") {
            return fields.integer("digits", in: 1...30).map { .digits(count: $0) }
        }
        guard fields.has("choice"), !fields.has("digits") else {
            fields.problems.add(
                line: fields.line, field: fields.path, given: "not exactly one of digits and choice",
                allowed: "{digits: 5} or {choice: [one, another]}")
            return nil
        }
        guard let options = fields.strings("choice", most: 20) else { return nil }
        guard options.count >= 2, Set(options.map { $0.lowercased() }).count == options.count else {
            fields.note("choice", given: options.joined(separator: ", "), allowed: "at least 2 different options")
            return nil
        }
        return .choice(options)
    }

    // MARK: Tools of the flow

    private func check(_ flow: Fields, flow read: Flow) -> Flow.Check? {
        guard let fields = flow.section("check", section: "flow.check") else { return nil }
        let tool = fields.choice("tool", of: ["check_availability"], isRequired: true)
        if tool != nil { noteKinds([.date, .time], wanted: "check_availability", fields, read) }
        let slots = read.steps.map(\.id)
        notePlaceholders("available", fields, allowed: slots)
        notePlaceholders("unavailable", fields, allowed: slots + ["reason"])
        notePlaceholders("alternatives", fields, allowed: slots + ["alternatives"])
        notePlaceholders("no_alternatives", fields, allowed: slots)
        var reasons: [Flow.ReasonLine] = []
        if let lines = fields.section("reasons", section: "flow.check.reasons") {
            for reason in AgentKeys.keys(of: "flow.check.reasons") {
                if let say = lines.string(reason) { reasons.append(.init(reason: reason, say: say)) }
            }
        }
        return Flow.Check(
            tool: tool ?? "", available: fields.string("available"),
            unavailable: fields.string("unavailable", isRequired: true) ?? "",
            alternatives: fields.string("alternatives", isRequired: true) ?? "",
            noAlternatives: fields.string("no_alternatives", isRequired: true) ?? "", reasons: reasons)
    }

    private func completion(_ flow: Fields, flow read: Flow, orderColumns: [String]) -> Flow.Completion? {
        guard let fields = flow.section("complete", section: "flow.complete") else { return nil }
        let tools = ["book_appointment", "qualify_lead", "lookup_order"]
        let tool = fields.choice("tool", of: tools, isRequired: true) ?? ""
        switch tool {
        case "book_appointment": noteKinds([.date, .time, .name], wanted: tool, fields, read)
        case "lookup_order": noteKinds([.digits(count: nil)], wanted: tool, fields, read)
        default: break
        }
        let slots = read.steps.map(\.id)
        notePlaceholders("success", fields, allowed: slots + (tool == "lookup_order" ? orderColumns : []))
        notePlaceholders("failure", fields, allowed: slots)
        return Flow.Completion(
            tool: tool, success: fields.string("success", isRequired: true) ?? "",
            failure: fields.string("failure", isRequired: true) ?? "")
    }

    private func noteKinds(_ kinds: [ExpectedAnswer], wanted tool: String, _ fields: Fields, _ flow: Flow) {
        guard !flow.steps.isEmpty else { return }
        for kind in kinds {
            let isThere = flow.steps.contains { step in
                if case .digits = kind, case .digits = step.expects { return true }
                return step.expects == kind
            }
            if !isThere {
                let name = "\(kind)".split(separator: "(").first.map(String.init) ?? ""
                fields.note("tool", given: "\(tool) in a flow without a step for a \(name)", allowed: "such a step")
            }
        }
    }

    private func notePlaceholders(_ key: String, _ fields: Fields, allowed: [String]) {
        guard !allowed.isEmpty, let text = fields.node(key)?.plain else { return }
        for piece in text.split(separator: "{", omittingEmptySubsequences: false).dropFirst() {
            guard let end = piece.firstIndex(of: "}") else {
                fields.note(key, given: "{ without }", allowed: "{slot}")
                continue
            }
            let name = String(piece[..<end])
            if !allowed.contains(name) {
                fields.note(key, given: "{\(name)}", allowed: allowed.map { "{\($0)}" }.joined(separator: ", "))
            }
        }
    }
}
