import Conversation
import Foundation
import Testing

@testable import AgentFile

let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
let exampleNames = ["appointment-desk", "lead-qualifier", "order-status"]

@Suite struct AgentFileTests {
    @Test(arguments: exampleNames) func anExampleLoads(_ name: String) throws {
        let agent = try AgentFile.load(path: repository + "/Examples/\(name).yaml")
        #expect(!agent.script.flow.steps.isEmpty)
        #expect(agent.script.escalation != nil)
        #expect(agent.script.opening.contains { $0.isDisclosure })
    }

    @Test func theAppointmentDeskIsReadWhole() throws {
        let agent = try AgentFile.load(path: repository + "/Examples/appointment-desk.yaml")
        #expect(agent.name == "Brightside Dental")
        #expect(agent.language == "en-US")
        #expect(agent.endpointing == .balanced)
        #expect(agent.script.flow.steps.map(\.id) == ["date", "time", "name"])
        #expect(agent.script.flow.steps.map(\.expects) == [.date, .time, .name])
        #expect(agent.script.flow.steps[2].endpointDelay == .milliseconds(900))
        #expect(agent.script.flow.completion?.tool == "book_appointment")
        #expect(agent.calendar?.slotMinutes == 30)
        #expect(
            agent.calendar?.openingHours.days[0] == [
                .init(fromMinute: 540, toMinute: 720), .init(fromMinute: 780, toMinute: 1_020),
            ])
        #expect(agent.calendar?.openingHours.days[5].isEmpty == true)
        #expect(agent.script.openingHours == agent.calendar?.openingHours)
        #expect(agent.tools == ["check_availability", "book_appointment", "escalate_to_human", "end_call"])
        #expect(agent.providers == .init())
        #expect(agent.script.limits.deadAir.map(\.after) == [.seconds(6), .seconds(8)])
        #expect(agent.script.knowledge.map(\.id) == ["parking", "address", "price", "insurance", "hours"])
        #expect(
            agent.script.opening.map(\.text)
                == [
                    "Hello, this is Brightside Dental.", "I'm an automated assistant, not a person.",
                    "How can I help you?",
                ])
    }

    @Test func theOthersBringTheirCriteriaAndOrders() throws {
        let leads = try AgentFile.load(path: repository + "/Examples/lead-qualifier.yaml")
        #expect(
            leads.leadCriteria == [
                .init(slot: "owns_house", rule: .isYes), .init(slot: "monthly_bill", rule: .atLeast(80)),
                .init(slot: "start", rule: .oneOf(["within three months", "within a year"])),
            ])
        #expect(leads.script.opening[1].isProtected)
        // Without a list, the tools are those that the flow needs.
        #expect(leads.tools == ["qualify_lead", "escalate_to_human", "end_call"])
        let orders = try AgentFile.load(path: repository + "/Examples/order-status.yaml")
        #expect(orders.orders?.columns == ["number", "item", "status", "note"])
        #expect(orders.orders?.row("45678")?[3] == "We sent you the invoice by e-mail, so please have a look.")
        #expect(orders.orders?.row("11111") == nil)
    }

    @Test func theShortestFileIsNameGreetingAndOneStep() throws {
        let agent = try AgentFile.load(yaml: Self.shortest)
        #expect(agent.tools == ["end_call"])
        #expect(agent.script.limits == DialogueLimits())
        #expect(agent.script.lines == DialogueLines())
        #expect(agent.script.opening.map(\.text) == ["Hello."])
    }

    static let shortest = """
        name: Desk
        greeting: Hello.
        flow:
          steps:
            - {id: topic, expects: open, ask: What is it about?}

        """

    @Test func theDisclosureComesFirstWhereTheGreetingHasNoPlaceForIt() throws {
        let agent = try AgentFile.load(
            yaml: Self.shortest + "disclosure: {policy: greeting, text: I am a machine., protected: true}\n")
        #expect(
            agent.script.opening == [
                .init(text: "I am a machine.", isDisclosure: true, isProtected: true), .init(text: "Hello."),
            ])
    }

    // MARK: The schema

    private func schema() throws -> [String: Any] {
        let data = try Data(contentsOf: URL(filePath: repository + "/docs/agent.schema.json"))
        return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// The schema's node for a section's path; `oneOf` is searched for the object among its branches.
    private func section(_ path: String, in schema: [String: Any]) -> [String: Any]? {
        var node = schema
        for part in path.split(separator: ".") {
            let isList = part.hasSuffix("[]")
            let name = isList ? String(part.dropLast(2)) : String(part)
            guard let next = (node["properties"] as? [String: Any])?[name] as? [String: Any] else { return nil }
            node = isList ? next["items"] as? [String: Any] ?? [:] : next
            if let branches = node["oneOf"] as? [[String: Any]] {
                node = branches.first { $0["properties"] != nil } ?? node
            }
        }
        return node
    }

    @Test func theSchemaAndTheLoaderKnowTheSameKeys() throws {
        let schema = try self.schema()
        for section in AgentKeys.sections {
            let node = try #require(self.section(section.path, in: schema), "\(section.path)")
            let keys = try #require(node["properties"] as? [String: Any], "\(section.path)").keys
            #expect(keys.sorted() == section.keys.sorted(), "\(section.path)")
            #expect(node["additionalProperties"] as? Bool == false, "\(section.path)")
        }
    }

    @Test func theLoaderKnowsEverySectionOfTheSchema() throws {
        var paths: [String] = []
        func walk(_ node: [String: Any], _ path: String) {
            for branch in node["oneOf"] as? [[String: Any]] ?? [] { walk(branch, path) }
            if let items = node["items"] as? [String: Any] { walk(items, path + "[]") }
            guard let properties = node["properties"] as? [String: Any] else { return }
            paths.append(path)
            for (key, value) in properties {
                walk(value as? [String: Any] ?? [:], path.isEmpty ? key : path + "." + key)
            }
        }
        walk(try self.schema(), "")
        #expect(paths.sorted() == AgentKeys.sections.map(\.path).sorted())
    }

    @Test func theManualNamesEveryKey() throws {
        let manual = try String(contentsOfFile: repository + "/docs/agent-file.md", encoding: .utf8)
        for section in AgentKeys.sections {
            for key in section.keys {
                // In code marks, alone or as `{digits: 5}`.
                let isNamed = manual.contains("`\(key)`") || manual.contains("`{\(key): ")
                #expect(isNamed, "\(section.path) \(key)")
            }
        }
    }
}
