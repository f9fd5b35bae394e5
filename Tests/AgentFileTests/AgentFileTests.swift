import Conversation
import Foundation
import Testing

@testable import AgentFile

let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
let exampleNames = ["appointment-desk", "lead-qualifier", "order-status"]
/// Those without a flow.
let freeExampleNames = ["crm-webhook", "world"]

@Suite struct AgentFileTests {
    @Test(arguments: exampleNames) func anExampleLoads(_ name: String) throws {
        let agent = try AgentFile.load(path: repository + "/Examples/\(name).yaml")
        #expect(!agent.script.flow.steps.isEmpty)
        #expect(agent.script.escalation != nil)
        #expect(agent.script.opening.contains { $0.isDisclosure })
    }

    @Test func everyExampleIsTested() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: repository + "/Examples")
        #expect(
            files.filter { $0.hasSuffix(".yaml") }.sorted()
                == (exampleNames + freeExampleNames).map { $0 + ".yaml" }.sorted())
    }

    @Test(arguments: freeExampleNames) func anExampleThatTalksFreelyLoads(_ name: String) throws {
        let agent = try AgentFile.load(path: repository + "/Examples/\(name).yaml")
        #expect(agent.script.flow == Flow())
        #expect(agent.providers.languageModel.first == "openai")
        #expect(agent.script.opening.contains { $0.isDisclosure })
        #expect(!agent.instructions.isEmpty)
    }

    @Test func theAgentForTheWorldIsReadWhole() throws {
        let agent = try AgentFile.load(path: repository + "/Examples/world.yaml")
        #expect(agent.providers.speechToText == ["deepgram", "pocketsphinx"])
        #expect(agent.providers.languageModel == ["openai", "scripted"])
        #expect(agent.providers.textToSpeech == ["elevenlabs", "flite"])
        #expect(
            agent.tools == [
                "check_availability", "book_appointment", "qualify_lead", "lookup_order", "escalate_to_human",
                "send_dtmf", "end_call",
            ])
        let day = [OpeningHours.Range(fromMinute: 480, toMinute: 1_080)]
        #expect(agent.calendar?.openingHours.days == Array(repeating: day, count: 5) + [[], []])
        #expect(agent.calendar?.slotMinutes == 30)
        #expect(agent.script.escalation?.target == "+15550100200")
        #expect(agent.orders?.row("12345") != nil)
        #expect(agent.voicemail != nil)
        let greeting = agent.script.opening.map(\.text).joined(separator: " ")
        #expect(greeting.count { ".?!".contains($0) } <= 2, "\(greeting)")
    }

    @Test func theWebhookExampleHasItsToolSigned() throws {
        let tool = try #require(
            try AgentFile.load(path: repository + "/Examples/crm-webhook.yaml").httpTools.first)
        #expect(tool.name == "post_lead")
        #expect(tool.url == "https://crm.example.com/leads")
        #expect(tool.secretVariable == "CRM_SECRET")
        #expect(tool.method == .post)
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

    static let free = "name: Desk\ngreeting: Hello.\nproviders: {language_model: [openai]}\n"

    @Test(arguments: ["", "flow: {}\n", "flow: {steps: []}\n", "flow:\n"])
    func anAgentWithoutStepsTalksFreely(_ flow: String) throws {
        let agent = try AgentFile.load(yaml: Self.free + flow)
        #expect(agent.script.flow == Flow())
        #expect(agent.tools == ["end_call"])
    }

    @Test func aScriptedAgentWithoutStepsNeedsSomethingToAnswer() throws {
        let agent = try AgentFile.load(
            yaml: "name: Desk\ngreeting: Hello.\nknowledge: [{id: a, questions: [b], answer: c}]\n")
        #expect(agent.script.flow.steps.isEmpty)
    }

    @Test func theCriteriaOfAnAgentThatTalksFreelyNameAnySlot() throws {
        let agent = try AgentFile.load(
            yaml: Self.free + """
                leads:
                  criteria:
                    - {slot: owner, equals: true}
                    - {slot: city, equals: Springfield}
                    - {slot: bill, at_least: 80}
                    - {slot: start, one_of: [now, soon]}
                calendar: {opening_hours: {monday: ["09:00-12:00"]}}

                """)
        #expect(agent.leadCriteria.map(\.slot) == ["owner", "city", "bill", "start"])
        #expect(
            agent.leadCriteria.map(\.rule) == [.isYes, .equals("Springfield"), .atLeast(80), .oneOf(["now", "soon"])])
        #expect(agent.tools == ["check_availability", "book_appointment", "qualify_lead", "end_call"])
    }

    @Test func whatIsNotSaidOfServicesAndCallsHasTheDocumentedDefaults() throws {
        let agent = try AgentFile.load(yaml: Self.shortest)
        #expect(agent.numbers == [])
        #expect(agent.deepgram == .init() && agent.deepgram.model == "nova-3")
        #expect(agent.openAI == .init() && agent.openAI.model == "gpt-4o" && agent.openAI.maxTokens == 300)
        #expect(agent.openAI.temperature == 0.4 && agent.openAI.usesStrictTools)
        #expect(agent.openAI.maxTokensField == .maxCompletionTokens)
        #expect(agent.elevenLabs == .init() && agent.elevenLabs.model == "eleven_flash_v2_5")
        #expect(agent.elevenLabs.transport == .websocket)
        #expect(agent.aura.model == "aura-2-thalia-en")
        #expect(agent.outbound == .init() && agent.outbound.holdGreeting == .seconds(4))
        #expect(agent.voicemail == nil)
        #expect(agent.outboundScript == agent.script)
        #expect(agent.script.lines.filler == "Let me check that for you.")
        #expect(agent.script.limits.fillerAfter == .milliseconds(700))
    }

    @Test func servicesAndCallsAreReadWhole() throws {
        let agent = try AgentFile.load(
            yaml: Self.shortest + """
                numbers: ["+15550100001", "+15550100002"]
                deepgram: {model: nova-2, keyterms: [Brightside], endpointing_ms: 300}
                openai: {model: llama, temperature: 0, max_tokens: 50, max_tokens_field: max_tokens, strict_tools: false}
                elevenlabs: {voice: abc, model: eleven_v3, transport: http, stability: 0.4, similarity_boost: 1, speed: 1.1}
                aura: {model: aura-2-orion-en}
                voicemail: {message: Please call us back.}
                disclosure: {policy: greeting, text: I am a machine.}
                outbound: {greeting: "This is the desk. {disclosure}", hold_greeting_s: 2.5}
                escalation: {target: "+15550100200", unanswered: Nobody is there., timeout_s: 30}
                lines: {filler: ""}
                limits: {filler_after_ms: 1200}

                """)
        #expect(agent.numbers == ["+15550100001", "+15550100002"])
        #expect(agent.deepgram.model == "nova-2" && agent.deepgram.keyterms == ["Brightside"])
        #expect(agent.deepgram.endpointing == .milliseconds(300))
        #expect(agent.openAI.model == "llama" && agent.openAI.temperature == 0 && agent.openAI.maxTokens == 50)
        #expect(agent.openAI.maxTokensField == .maxTokens && !agent.openAI.usesStrictTools)
        #expect(agent.elevenLabs.voice == "abc" && agent.elevenLabs.model == "eleven_v3")
        #expect(agent.elevenLabs.transport == .http && agent.elevenLabs.stability == 0.4)
        #expect(agent.elevenLabs.similarityBoost == 1 && agent.elevenLabs.speed == 1.1)
        #expect(agent.aura.model == "aura-2-orion-en")
        #expect(agent.voicemail == "Please call us back.")
        #expect(agent.outbound.holdGreeting == .milliseconds(2_500))
        #expect(agent.outboundScript.opening.map(\.text) == ["This is the desk.", "I am a machine."])
        #expect(agent.script.opening.map(\.text) == ["I am a machine.", "Hello."])
        #expect(agent.script.escalation?.unanswered == "Nobody is there.")
        #expect(agent.script.escalation?.timeout == .seconds(30))
        #expect(agent.script.lines.filler == "")
        #expect(agent.script.limits.fillerAfter == .milliseconds(1_200))
    }

    @Test func anEscalationSaysAndWaitsWhatTheManualSays() throws {
        let escalation = try #require(
            try AgentFile.load(yaml: Self.shortest + "escalation: {target: \"+15550100200\"}\n").script.escalation)
        #expect(escalation.timeout == .seconds(20))
        #expect(
            escalation.unanswered == "I'm sorry, nobody is free right now. Is there anything else I can do for you?")
    }

    // MARK: Tools of its own

    @Test func anHTTPToolIsReadWholeAndListedAmongTheTools() throws {
        let agent = try AgentFile.load(
            yaml: Self.shortest + """
                http_tools:
                  - name: order_note
                    purpose: Adds a note to an order.
                    parameters:
                      properties:
                        number: {type: string, description: "The order's \\\"number\\\""}
                        note: {type: string, maxLength: 200, enum: [1, "1", true, null, 1e3, 007]}
                      required: [number]
                    method: PUT
                    url: "https://shop.example:8443/orders/{number}?from=phone"
                    headers: {Authorization: "env:SHOP_KEY", X-From: phone}
                    secret_env: SHOP_SECRET
                    timeout_ms: 1500
                    retries: 2
                  - {name: ping, purpose: Pings., url: "http://localhost:80"}

                """)
        let schema =
            #"{"type":"object","properties":{"number":{"type":"string","description":"The order's \"number\""},"#
            + #""note":{"type":"string","maxLength":200,"enum":[1,"1",true,null,1e3,"007"]}},"required":["number"]}"#
        #expect(
            agent.httpTools == [
                HTTPToolDescription(
                    name: "order_note", purpose: "Adds a note to an order.", parametersJSON: schema, method: .put,
                    url: "https://shop.example:8443/orders/{number}?from=phone",
                    headers: [
                        .init(name: "Authorization", value: .variable("SHOP_KEY")),
                        .init(name: "X-From", value: .text("phone")),
                    ],
                    secretVariable: "SHOP_SECRET", timeout: .milliseconds(1_500), isIdempotent: true, retries: 2),
                HTTPToolDescription(
                    name: "ping", purpose: "Pings.", parametersJSON: #"{"type":"object","properties":{}}"#,
                    method: .post, url: "http://localhost:80", headers: [], secretVariable: nil,
                    timeout: .seconds(3), isIdempotent: false, retries: 1),
            ])
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(schema.utf8)) }
        #expect(agent.tools == ["order_note", "ping", "end_call"])
    }

    @Test func aListOfToolsMayNameOnesOwnAndNeedNot() throws {
        let tool = "http_tools: [{name: ping, purpose: Pings., url: \"http://a.example\"}]\n"
        for list in ["[ping, end_call]", "[end_call]"] {
            let agent = try AgentFile.load(yaml: Self.shortest + tool + "tools: \(list)\n")
            #expect(agent.tools.sorted() == ["end_call", "ping"])
        }
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

    @Test func theSchemaNamesTheSameProvidersAndTools() throws {
        let providers = try #require(section("providers", in: schema())?["properties"] as? [String: [String: Any]])
        func names(_ key: String) -> [String]? { (providers[key]?["items"] as? [String: Any])?["enum"] as? [String] }
        #expect(names("speech_to_text") == AgentKeys.speechToText)
        #expect(names("language_model") == AgentKeys.languageModel)
        #expect(names("text_to_speech") == AgentKeys.textToSpeech)
        let tools = try #require((try schema()["properties"] as? [String: [String: Any]])?["tools"])
        let branches = (tools["items"] as? [String: Any])?["anyOf"] as? [[String: Any]]
        #expect(branches?.first?["enum"] as? [String] == AgentKeys.tools)
    }

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
