import Conversation
import Yams

/// Reads one agent file: text, then YAML, then every section, noting each problem on the way.
struct AgentReader {
    let problems: ProblemList
    /// Where the files that this one names are sought.
    let directory: String

    func read(_ bytes: [UInt8]) -> AgentFile? {
        guard let text = text(bytes), YAMLGuard.accepts(text, into: problems), let root = compose(text),
            let fields = Fields(root, path: "", section: "", problems: problems)
        else { return nil }
        return agent(fields)
    }

    // MARK: Text and YAML

    private func text(_ bytes: [UInt8]) -> String? {
        guard bytes.count <= YAMLGuard.mostBytes else {
            noteFile(given: "more than \(YAMLGuard.mostBytes) bytes", allowed: "at most \(YAMLGuard.mostBytes) bytes")
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            noteFile(given: "bytes that are not UTF-8", allowed: "UTF-8 text")
            return nil
        }
        return text
    }

    private func compose(_ text: String) -> Node? {
        do {
            if let node = try Yams.compose(yaml: text) { return node }
            noteFile(given: "nothing", allowed: "a mapping that describes an agent")
        } catch let error as YamlError {
            note(error)
        } catch {
            noteFile(given: "no YAML", allowed: "YAML")
        }
        return nil
    }

    private func noteFile(line: Int = 1, given: String, allowed: String) {
        problems.add(line: line, field: "file", given: given, allowed: allowed)
    }

    private func note(_ error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            problems.add(line: max(1, mark.line), field: "yaml", given: problem, allowed: "well-formed YAML")
        case .duplicatedKeysInMapping(let keys, let context):
            problems.add(
                line: max(1, context.mark.line), field: keys.joined(separator: ", "), given: "the same key twice",
                allowed: "each key once")
        case .reader(let problem, _, _, _): noteFile(given: problem, allowed: "printable UTF-8 text")
        default: noteFile(given: "no YAML", allowed: "well-formed YAML")
        }
    }

    // MARK: Sections

    private func agent(_ root: Fields) -> AgentFile? {
        let orders = orders(root)
        let flow = flow(root, orderColumns: orders?.columns ?? [])
        let calendar = calendar(root)
        noteGreeting(root)
        let httpTools = httpTools(root)
        let script = DialogueScript(
            greeting: root.string("greeting", isRequired: true) ?? "", disclosure: disclosure(root), flow: flow,
            knowledge: knowledge(root), openingHours: calendar?.openingHours ?? OpeningHours(), lines: lines(root),
            escalation: escalation(root), goodbye: root.string("goodbye") ?? "Thank you for calling. Goodbye.",
            limits: limits(root))
        let agent = AgentFile(
            name: root.string("name", isRequired: true) ?? "", language: language(root),
            numbers: numbers(root), voice: root.string("voice") ?? "", instructions: instructions(root),
            endpointing: root.choice("endpointing", of: AgentFile.Endpointing.allCases.map(\.rawValue))
                .flatMap(AgentFile.Endpointing.init) ?? .balanced,
            script: script, calendar: calendar, leadCriteria: leadCriteria(root, flow: flow), orders: orders,
            tools: tools(root, script: script, httpTools: httpTools), httpTools: httpTools,
            providers: providers(root), deepgram: deepgram(root), openAI: openAI(root), elevenLabs: elevenLabs(root),
            aura: aura(root), outbound: outbound(root), voicemail: voicemail(root), names: names(root))
        noteMissingSections(root, agent)
        noteMissingFlow(root, agent)
        return agent
    }

    /// Longer than a spoken line: they are read by a language model, not said.
    static let mostInstructionCharacters = 20_000

    private func instructions(_ root: Fields) -> String {
        guard let node = root.node("instructions") else { return "" }
        return root.text(node, field: "instructions", most: Self.mostInstructionCharacters) ?? ""
    }

    private func language(_ root: Fields) -> String {
        guard let given = root.string("language") else { return "en-US" }
        let parts = given.split(separator: "-", omittingEmptySubsequences: false)
        let isTag =
            (2...3).contains(parts[0].count)
            && parts.allSatisfy { (2...8).contains($0.count) && $0.utf8.allSatisfy(\.isASCIIAlphanumeric) }
        if !isTag { root.note("language", given: given, allowed: "a language tag such as en-US") }
        return given
    }

    func noteGreeting(_ fields: Fields) {
        guard let greeting = fields.node("greeting")?.plain else { return }
        let placeholder = DialogueScript.disclosurePlaceholder
        let places = greeting.split(separator: "{", omittingEmptySubsequences: false).dropFirst()
        if places.count > 1 || places.contains(where: { !("{" + $0).hasPrefix(placeholder) }) {
            fields.note("greeting", given: greeting, allowed: "no placeholder but \(placeholder), once")
        }
    }

    private func disclosure(_ root: Fields) -> Disclosure {
        var disclosure = Disclosure()
        guard let fields = root.section("disclosure", section: "disclosure") else { return disclosure }
        let policies = Disclosure.Policy.allCases.map(\.rawValue)
        disclosure.policy =
            fields.choice("policy", of: policies, isRequired: true).flatMap(Disclosure.Policy.init)
            ?? .onRequest
        if disclosure.policy != .none { fields.required("text", allowed: "what the agent says it is") }
        disclosure.text = fields.string("text") ?? disclosure.text
        disclosure.isProtected = fields.bool("protected") ?? false
        return disclosure
    }

    private func knowledge(_ root: Fields) -> [KnowledgeEntry] {
        var seen: [String] = []
        return root.list("knowledge", most: 200).compactMap { item in
            guard let fields = Fields(item.node, path: item.path, section: "knowledge[]", problems: problems)
            else { return nil }
            let id = fields.string("id", isRequired: true)
            if let id { noteDuplicate(id, in: &seen, fields: fields, key: "id") }
            fields.required("questions", allowed: "a list of questions")
            let questions = fields.strings("questions", most: 30)
            if let questions, questions.isEmpty, case .sequence = fields.node("questions") {
                fields.note("questions", given: "an empty list", allowed: "at least one question")
            }
            guard let id, let questions, let answer = fields.string("answer", isRequired: true) else { return nil }
            return KnowledgeEntry(id: id, questions: questions, answer: answer)
        }
    }

    func noteDuplicate(_ value: String, in seen: inout [String], fields: Fields, key: String) {
        if seen.contains(value) { fields.note(key, given: "\(value) a second time", allowed: "each \(key) once") }
        seen.append(value)
    }

    private func limits(_ root: Fields) -> DialogueLimits {
        var limits = DialogueLimits()
        guard let fields = root.section("limits", section: "limits") else { return limits }
        limits.longestCall = fields.seconds("longest_call_s", most: 14_400) ?? limits.longestCall
        limits.mostTurns = fields.integer("most_turns", in: 1...1_000) ?? limits.mostTurns
        limits.repeats = fields.integer("repeats", in: 1...5) ?? limits.repeats
        if let after = fields.integer("filler_after_ms", in: 100...5_000) { limits.fillerAfter = .milliseconds(after) }
        if fields.has("dead_air") {
            limits.deadAir = fields.list("dead_air", most: 10).compactMap { item in
                guard let rung = Fields(item.node, path: item.path, section: "limits.dead_air[]", problems: problems)
                else { return nil }
                rung.required("after_s", allowed: "seconds")
                guard let after = rung.seconds("after_s", most: 120), let say = rung.string("say", isRequired: true)
                else { return nil }
                return DeadAirPrompt(after: after, say: say)
            }
        }
        return limits
    }

    private func escalation(_ root: Fields) -> Escalation? {
        guard let fields = root.section("escalation", section: "escalation") else { return nil }
        let target = fields.string("target", isRequired: true) ?? ""
        let announce = fields.string("announce") ?? "I'll put you through to a colleague. One moment, please."
        return Escalation(
            target: target, announce: announce, reason: fields.string("reason") ?? "caller asked for a person",
            unanswered: fields.string("unanswered") ?? Escalation.usualUnanswered,
            timeout: fields.seconds("timeout_s", in: 5...120) ?? .seconds(20))
    }

    private func names(_ root: Fields) -> [String] {
        root.list("names", most: 500).compactMap { item in
            guard let name = root.text(item.node, field: item.path, most: 60) else { return nil }
            guard name.allSatisfy({ $0.isLetter || " '-.".contains($0) }) else {
                problems.add(
                    line: item.node.line, field: item.path, given: name, allowed: "letters, spaces, ' and -")
                return nil
            }
            return name
        }
    }
}

extension UInt8 {
    var isASCIIAlphanumeric: Bool {
        (48...57).contains(self) || (65...90).contains(self) || (97...122).contains(self)
    }
}
