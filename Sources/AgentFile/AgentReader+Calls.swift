import Conversation
import Yams

extension AgentReader {
    /// Called numbers, each once.
    func numbers(_ root: Fields) -> [String] {
        var seen: [String] = []
        for item in root.list("numbers", most: 100) {
            let given = item.node.plain ?? item.node.kindText
            guard Self.isE164(given) else {
                problems.add(line: item.node.line, field: item.path, given: given, allowed: "a number as +15550100001")
                continue
            }
            if seen.contains(given) {
                problems.add(
                    line: item.node.line, field: item.path, given: "\(given) a second time", allowed: "each number once"
                )
            }
            seen.append(given)
        }
        return seen
    }

    /// A plus sign and 7 to 15 digits, the first not 0 (ITU-T E.164 has no shorter bound; no country has shorter ones).
    static func isE164(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst()
        return text.utf8.first == UInt8(ascii: "+") && (7...15).contains(digits.count)
            && digits.allSatisfy { (48...57).contains($0) } && digits.first != UInt8(ascii: "0")
    }

    func voicemail(_ root: Fields) -> String? {
        root.section("voicemail", section: "voicemail").flatMap { $0.string("message", isRequired: true) }
    }

    func outbound(_ root: Fields) -> AgentFile.Outbound {
        var outbound = AgentFile.Outbound()
        guard let fields = root.section("outbound", section: "outbound") else { return outbound }
        noteGreeting(fields)
        outbound.greeting = fields.string("greeting")
        outbound.holdGreeting = fields.seconds("hold_greeting_s", in: 0...10) ?? outbound.holdGreeting
        return outbound
    }

    /// A scripted dialogue has nothing to say without a flow, unless there are questions it knows the answers to.
    func noteMissingFlow(_ root: Fields, _ agent: AgentFile) {
        guard agent.script.flow.steps.isEmpty, agent.script.knowledge.isEmpty,
            !agent.providers.languageModel.contains("openai"),
            // Steps that could not be read are no missing ones.
            !problems.found.contains(where: { $0.field.hasPrefix("flow") || $0.field.hasPrefix("providers") })
        else { return }
        root.note(
            "flow", given: root.has("flow") ? "no steps" : "nothing",
            allowed: "steps to go through, or a language model that talks freely: providers.language_model: [openai]")
    }
}
