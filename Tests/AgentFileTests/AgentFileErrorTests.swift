import Foundation
import Testing

@testable import AgentFile

@Suite struct AgentFileErrorTests {
    private func problems(_ yaml: String, directory: String = repository + "/Examples") -> [String] {
        do {
            _ = try AgentFile.load(yaml: yaml, name: "a.yaml", directory: directory)
            return []
        } catch { return error.problems.map(\.description) }
    }

    private let head = "name: Desk\ngreeting: Hello.\n"
    private let steps = "flow:\n  steps:\n    - {id: topic, expects: open, ask: What is it about?}\n"

    @Test func everyProblemIsReportedAtOnceEachOnItsLine() {
        let found = problems(
            """
            name: Desk
            greting: Hello.
            endpointing: quick
            flow:
              steps:
                - {id: day, expects: dates, ask: Which day?}
                - {id: time, expects: time, ask: 5, endpoint_delay_ms: 20}
            limits:
              most_turns: many
            """)
        #expect(
            found == [
                "a.yaml:1: greeting: given nothing, allowed text",
                "a.yaml:2: greting: given an unknown key, allowed greeting (did you mean that?)",
                "a.yaml:3: endpointing: given quick, allowed fast, balanced, patient",
                "a.yaml:6: flow.steps[0].expects: given dates, allowed date (did you mean that?)",
                "a.yaml:7: flow.steps[1].endpoint_delay_ms: given 20, allowed a whole number from 100 to 3000",
                "a.yaml:9: limits.most_turns: given many, allowed a whole number from 1 to 1000",
            ])
    }

    @Test(arguments: [
        ("greeting: [a]", "greeting: given a list, allowed text"),
        ("voice: \"\"", "voice: given empty text, allowed text of 1 to 2000 characters"),
        ("language: english!", "language: given english!, allowed a language tag such as en-US"),
        ("names: [Anna, 7up]", "names[1]: given 7up, allowed letters, spaces, ' and -"),
        ("names: Anna", "names: given Anna, allowed a list"),
        ("disclosure: {policy: always}", "disclosure.policy: given always, allowed none, greeting, on_request"),
        ("disclosure: {policy: greeting}", "disclosure.text: given nothing, allowed what the agent says it is"),
        ("disclosure: {policy: none, protected: maybe}", "disclosure.protected: given maybe, allowed true or false"),
        ("disclosure: yes", "disclosure: given yes, allowed a mapping of policy, text, protected"),
        ("tools: [end_cal]", "tools[0]: given end_cal, allowed end_call (did you mean that?)"),
        ("tools: [end_call, end_call]", "tools[1]: given end_call a second time, allowed each tool once"),
        (
            "tools: [escalate_to_human]",
            "escalation: given nothing, allowed a target, as the tools include escalate_to_human"
        ),
        (
            "providers: {speech_to_text: []}",
            "providers.speech_to_text: given an empty list, allowed at least one provider"
        ),
        (
            "knowledge: [{id: a, questions: [], answer: b}]",
            "knowledge[0].questions: given an empty list, allowed at least one question"
        ),
        (
            "knowledge: [{id: a, questions: [q], answer: b}, {id: a, questions: [q], answer: b}]",
            "knowledge[1].id: given a a second time, allowed each id once"
        ),
        (
            "limits: {longest_call_s: 0}",
            "limits.longest_call_s: given 0, allowed seconds, more than 0 and at most 14400"
        ),
        ("limits: {dead_air: [{say: hello}]}", "limits.dead_air[0].after_s: given nothing, allowed seconds"),
        (
            "calendar: {opening_hours: {monday: [\"09:00-12:00\", \"11:00-14:00\"]}}",
            "calendar.opening_hours.monday[1]: given 11:00-14:00, which overlaps the range before, allowed ranges in order that do not overlap"
        ),
        (
            "calendar: {opening_hours: {monday: [\"12:00-09:00\"]}}",
            "calendar.opening_hours.monday[0]: given 12:00-09:00, allowed a range as 09:00-12:30"
        ),
        (
            "calendar: {opening_hours: {munday: []}}",
            "calendar.opening_hours.munday: given an unknown key, allowed monday (did you mean that?)"
        ),
        (
            "leads: {criteria: [{slot: topik, equals: a}]}",
            "leads.criteria[0].slot: given topik, allowed a step of the flow: topic"
        ),
        (
            "leads: {criteria: [{slot: topic}]}",
            "leads.criteria[0]: given no rule, allowed exactly one of equals, at_least, at_most, one_of"
        ),
        (
            "leads: {criteria: [{slot: topic, at_least: 3}]}",
            "leads.criteria[0].at_least: given a limit for topic, allowed a slot that expects a number"
        ),
        ("numbers: [\"15550100001\"]", "numbers[0]: given 15550100001, allowed a number as +15550100001"),
        (
            "numbers: [+15550100001, +15550100001]",
            "numbers[1]: given +15550100001 a second time, allowed each number once"
        ),
        (
            "providers: {speech_to_text: [deepgramm]}",
            "providers.speech_to_text[0]: given deepgramm, allowed deepgram (did you mean that?)"
        ),
        (
            "providers: {language_model: [flite]}",
            "providers.language_model[0]: given flite, allowed openai, scripted"
        ),
        (
            "providers: {text_to_speech: [aura, aura]}",
            "providers.text_to_speech[1]: given aura a second time, allowed each provider once"
        ),
        ("deepgram: {endpointing_ms: 5}", "deepgram.endpointing_ms: given 5, allowed a whole number from 10 to 3000"),
        ("openai: {temperature: 2.5}", "openai.temperature: given 2.5, allowed a number from 0.0 to 2.0"),
        ("openai: {max_tokens: 0}", "openai.max_tokens: given 0, allowed a whole number from 1 to 4096"),
        (
            "openai: {max_tokens_field: tokens}",
            "openai.max_tokens_field: given tokens, allowed max_completion_tokens, max_tokens"
        ),
        ("openai: {key: x}", "openai.key: given an unknown key, allowed model, temperature"),
        ("elevenlabs: {transport: udp}", "elevenlabs.transport: given udp, allowed websocket, http"),
        ("elevenlabs: {speed: 2}", "elevenlabs.speed: given 2, allowed a number from 0.7 to 1.2"),
        ("aura: {model: []}", "aura.model: given a list, allowed text"),
        (
            "escalation: {target: \"+1\", timeout_s: 4}",
            "escalation.timeout_s: given 4, allowed seconds from 5 to 120"
        ),
        ("voicemail: {}", "voicemail.message: given nothing, allowed text"),
        ("outbound: {hold_greeting_s: 11}", "outbound.hold_greeting_s: given 11, allowed seconds from 0 to 10"),
        (
            "outbound: {greeting: \"Hi {name}\"}",
            "outbound.greeting: given Hi {name}, allowed no placeholder but {disclosure}, once"
        ),
        (
            "limits: {filler_after_ms: 50}", "limits.filler_after_ms: given 50, allowed a whole number from 100 to 5000"
        ),
        (
            "tools: [book_appointment]",
            "calendar: given nothing, allowed opening hours, as the tools include book_appointment"
        ),
        ("tools: [qualify_lead]", "leads: given nothing, allowed criteria, as the tools include qualify_lead"),
        ("orders: {file: orders.csv, key: nummer}", "orders.key: given nummer, allowed number, item, status, note"),
    ]) func aFieldThatCannotBeUsedIsNamed(_ line: String, _ problem: String) {
        let isGreeting = line.hasPrefix("greeting")
        let found = problems((isGreeting ? "name: Desk\n" : head) + line + "\n" + steps)
        #expect(
            found.contains("a.yaml:\(isGreeting ? 2 : 3): \(problem)") || found.contains { $0.hasSuffix(problem) }
                || (problem.hasPrefix("openai.key") && found.contains { $0.contains(problem) }),
            "\(found)")
    }

    @Test(arguments: [
        ("name: Post", "name: given Post, allowed at most 40 small letters, digits and underscores"),
        ("name: end_call", "name: given end_call, allowed any name but check_availability, book_appointment"),
        ("purpose: []", "purpose: given a list, allowed text"),
        ("method: get", "method: given get, allowed GET, POST, PUT, PATCH, DELETE"),
        ("url: ftp://a.example/x", "url: given ftp://a.example/x, allowed http or https, a fixed host"),
        ("url: \"https://{host}/x\"", "url: given https://{host}/x, allowed http or https, a fixed host"),
        ("url: \"https://a.example{id}/x\"", "url: given https://a.example{id}/x, allowed http or https, a fixed host"),
        ("url: \"https://me:key@a.example/\"", "url: given https://me:key@a.example/, allowed http or https"),
        ("url: \"https://a.example/x#y\"", "url: given https://a.example/x#y, allowed http or https"),
        ("url: \"https://a.example/a b\"", "url: given https://a.example/a b, allowed http or https"),
        ("url: \"https:///x\"", "url: given https:///x, allowed http or https"),
        ("url: \"https://a.example/{id\"", "url: given { without }, allowed {argument}"),
        ("url: \"https://a.example/{nr}\"", "url: given {nr}, allowed {id}"),
        ("url: \"https://a.example/{note}\"", "url: given {note}, allowed {id}"),
        ("headers: [a]", "headers: given a list, allowed a mapping of names and values"),
        ("headers: {\"a b\": c}", "headers.a b: given a b, allowed a header's name"),
        ("headers: {Host: c}", "headers.Host: given Host, allowed any header but host"),
        ("headers: {A: \"env:1A\"}", "headers.A: given env:1A, allowed env:NAME"),
        ("headers: {A: \"a\\r\\nb\"}", "headers.A: given characters beyond ASCII, allowed ASCII text"),
        ("secret_env: s3cr-et", "secret_env: given something else, allowed the name of an environment variable"),
        ("timeout_ms: 99", "timeout_ms: given 99, allowed a whole number from 100 to 10000"),
        ("idempotent: maybe", "idempotent: given maybe, allowed true or false"),
        ("retries: 4", "retries: given 4, allowed a whole number from 0 to 3"),
        ("parameters: [a]", "parameters: given a list, allowed a JSON Schema as a mapping"),
        ("parameters: {type: array}", "parameters.type: given array, allowed object"),
        ("parameters: {properties: [a]}", "parameters.properties: given a list, allowed a mapping of arguments"),
        (
            "parameters: {properties: {a: text}}",
            "parameters.properties.a: given text, allowed a schema such as {type: string}"
        ),
        (
            "parameters: {properties: {a: {type: strng}}}",
            "parameters.properties.a.type: given strng, allowed string (did you mean that?)"
        ),
        ("parameters: {required: [a]}", "parameters.required[0]: given a, allowed none, as there are no properties"),
        ("parameters: {required: a}", "parameters.required: given a, allowed a list of arguments"),
    ]) func anHTTPToolThatCannotBeUsedIsNamed(_ line: String, _ problem: String) {
        let key = String(line.prefix { $0 != ":" })
        let usual = [
            "name": "post_lead", "purpose": "Posts.", "url": "https://a.example/x",
            "parameters": "{properties: {id: {type: string}, note: {type: string}}, required: [id]}",
        ]
        let fields = usual.keys.sorted().filter { $0 != key }.map { "\($0): \"\"".dropLast(2) + usual[$0]! } + [line]
        let tool = "http_tools:\n  - " + fields.joined(separator: "\n    ") + "\n"
        let found = problems(head + tool + steps)
        #expect(found.count == 1, "\(found)")
        #expect(found.contains { $0.contains(": http_tools[0]." + problem) }, "\(found)")
    }

    @Test func instructionsMayBeLongerThanASpokenLine() {
        func file(_ count: Int) -> String {
            head + "instructions: " + String(repeating: "x", count: count) + "\n" + steps
        }
        #expect(problems(file(20_000)) == [])
        #expect(
            problems(file(20_001)) == [
                "a.yaml:3: instructions: given 20001 characters, allowed text of 1 to 20000 characters"
            ])
    }

    @Test func twoHTTPToolsOfOneNameAreRefused() {
        let tool = "{name: a, purpose: b, url: \"https://c.example/\"}"
        let found = problems(head + "http_tools: [\(tool), \(tool)]\n" + steps)
        #expect(found == ["a.yaml:3: http_tools[1].name: given a a second time, allowed each name once"])
    }

    @Test func whatMayBeAKeyIsNotShown() {
        let found = problems(
            head + "http_tools: [{name: a, purpose: b, url: \"https://c.example/\", secret_env: \"hunter 2\", "
                + "headers: {Authorization: \"Bearer hunter 2 \u{FC}\"}}]\n" + steps)
        #expect(found.count == 2)
        #expect(!found.joined().contains("hunter"), "\(found)")
    }

    @Test(arguments: [
        (
            "flow:\n  steps: []",
            "flow: given no steps, allowed steps to go through, or a language model that talks freely: providers.language_model: [openai]"
        ),
        (
            "voice: x",
            "flow: given nothing, allowed steps to go through, or a language model that talks freely: providers.language_model: [openai]"
        ),
        (
            "flow: {starts_on: [a]}", "flow.steps: given nothing, allowed at least one step, as the flow has starts_on"
        ),
        (
            "flow: {steps: [], complete: {tool: qualify_lead, success: s, failure: f}}",
            "flow.steps: given an empty list, allowed at least one step, as the flow has complete"
        ),
        (
            "flow:\n  steps: [{id: a, expects: open, ask: b}, {id: a, expects: open, ask: c}]",
            "flow.steps[1].id: given a a second time, allowed each id once"
        ),
        (
            "flow:\n  steps: [{id: confirm, expects: open, ask: b}]",
            "flow.steps[0].id: given confirm, allowed any id but confirm, alternatives, other_time, change, person, anything_else"
        ),
        (
            "flow:\n  steps: [{id: My Step, expects: open, ask: b}]",
            "flow.steps[0].id: given My Step, allowed at most 40 small letters, digits and underscores"
        ),
        (
            "flow:\n  steps: [{id: a, expects: {digits: none}, ask: b}]",
            "flow.steps[0].expects.digits: given none, allowed a whole number from 1 to 30"
        ),
        (
            "flow:\n  steps: [{id: a, expects: {choice: [x]}, ask: b}]",
            "flow.steps[0].expects.choice: given x, allowed at least 2 different options"
        ),
        (
            "flow:\n  confirm: \"{day}?\"\n  steps: [{id: a, expects: open, ask: b}]",
            "flow.confirm: given {day}, allowed {a}"
        ),
        (
            "flow:\n  complete: {tool: lookup_order, success: s, failure: f}\n  steps: [{id: a, expects: open, ask: b}]",
            "flow.complete.tool: given lookup_order in a flow without a step for a digits, allowed such a step"
        ),
        (
            "flow:\n  complete: {tool: book_apointment, success: s, failure: f}\n  steps: [{id: a, expects: open, ask: b}]",
            "flow.complete.tool: given book_apointment, allowed book_appointment, qualify_lead, lookup_order"
        ),
        (
            "flow:\n  complete: {tool: qualify_lead, success: s, failure: f}\n  steps: [{id: a, expects: open, ask: b}]",
            "flow.confirm: given nothing, allowed a line that reads the slots back, as qualify_lead needs a yes to it"
        ),
    ]) func aFlowThatCannotBeFollowedIsRefused(_ flow: String, _ problem: String) {
        let found = problems(head + flow + "\n")
        #expect(found.contains { $0.hasSuffix(": " + problem) }, "\(found)")
    }

    @Test(arguments: [
        ("a: &x [1]\nb: *x", "yaml: given an anchor (&), allowed plain values; write it out where it is needed"),
        ("a: *x", "yaml: given an alias (*), allowed plain values; text that begins with * goes in quotes"),
        ("\tname: x", "yaml: given a tab before the first word, allowed spaces"),
        (String(repeating: "[", count: 100_000), "yaml: given 17 brackets open at once, allowed at most 16"),
        ("a: " + String(repeating: "{b: ", count: 50_000), "yaml: given 17 brackets open at once, allowed at most 16"),
        (String(repeating: "- ", count: 100_000) + "a", "yaml: given 17 nested list items, allowed at most 16"),
        (
            (0..<200).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n"),
            "yaml: given 65 spaces of indentation, allowed at most 64"
        ),
        ("name: a\nname: b", "name: given the same key twice, allowed each key once"),
        ("", "file: given nothing, allowed a mapping that describes an agent"),
        ("- a", "file: given a list, allowed a mapping of"),
        ("name: \"open", "yaml: given found unexpected end of stream, allowed well-formed YAML"),
        ("name: [a", "allowed well-formed YAML"), ("name: a\n---\nname: b", "allowed well-formed YAML"),
        ("a: b: c", "allowed well-formed YAML"), ("[a, b]: c", "given a key that is a list"), ("\u{0}", "file: given"),
        ("name: !!binary x", "greeting: given nothing"), ("? a\n: b", "a: given an unknown key"),
    ]) func aFileThatIsNoAgentIsRefusedAndNeverCrashes(_ text: String, _ problem: String) {
        let found = problems(text)
        #expect(found.contains { $0.contains(problem) }, "\(found.prefix(4))")
    }

    @Test func starsAndAmpersandsInsideTextAreFine() {
        let text =
            "voice: \"a & b * c\"\ninstructions: |\n  * one\n  & two\n  \ttabbed\ngoodbye: Bye & thanks, *friend*.\n"
        #expect(problems(head + text + steps) == [])
    }

    @Test func bytesThatAreNotTextAreRefused() {
        #expect(throws: AgentFileError.self) { try AgentFile.load(bytes: [0x6E, 0xFF, 0xFE, 0x00], name: "a.yaml") }
        do { _ = try AgentFile.load(bytes: [0xFF], name: "a.yaml") } catch {
            #expect(error.description == "a.yaml:1: file: given bytes that are not UTF-8, allowed UTF-8 text")
        }
    }

    @Test func filesThatCannotBeReadAreNamed() throws {
        func trouble(_ path: String) -> String {
            do {
                _ = try AgentFile.load(path: path)
                return ""
            } catch { return error.description }
        }
        #expect(
            trouble("/nowhere/a.yaml")
                == "/nowhere/a.yaml:1: file: given No such file or directory: /nowhere/a.yaml, allowed a readable file")
        #expect(trouble("/").contains("not readable"))
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "agent-file-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let big = folder.appending(path: "big.yaml").path
        try Data(repeating: 0x20, count: 1_048_577).write(to: URL(filePath: big))
        #expect(trouble(big).hasSuffix("given more than 1048576 bytes, allowed at most 1048576 bytes"))
    }

    @Test(arguments: [
        ("a,b\n1,2,3", "order 1: 3 values"), ("a,a\n1,2", "a,a"), ("a,b\n1,2\n1,3", "order 2: 1 a second time"),
        ("a,b\n\"1,2", "no table"), ("", "no table"),
    ]) func aTableThatCannotBeUsedSaysWhy(_ text: String, _ given: String) {
        guard case .failure(let trouble) = OrderTable.parse(Array(text.utf8), path: "o.csv", key: "a") else {
            Issue.record("read")
            return
        }
        #expect(trouble.given.contains(given))
    }

    @Test func quotesCommasAndLinesOfATableAreKept() throws {
        let text = "a,b\r\n1,\"x, \"\"y\"\"\nz\"\r\n\r\n2,\r\n"
        let table = try OrderTable.parse(Array(text.utf8), path: "o.csv", key: "a").get()
        #expect(table.rows == [["1", "x, \"y\"\nz"], ["2", ""]])
    }

    @Test func randomDamageToAnExampleNeverCrashes() throws {
        let whole = try [UInt8](Data(contentsOf: URL(filePath: repository + "/Examples/lead-qualifier.yaml")))
        var state: UInt64 = 7
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        for _ in 0..<150 {
            var bytes = whole
            for _ in 0...next(4) {
                switch next(4) {
                case 0: bytes[next(bytes.count)] = UInt8(next(256))
                case 1: bytes.removeSubrange(next(bytes.count)...)
                case 2:
                    bytes.insert(
                        contentsOf: Array(["{", "[", ": ", "- ", "&a ", "*a", "\"", "\n", "\t", "|"][next(10)].utf8),
                        at: next(bytes.count))
                default: bytes.remove(at: next(bytes.count))
                }
                if bytes.isEmpty { bytes = [0x61] }
            }
            _ = try? AgentFile.load(bytes: bytes, name: "a.yaml", directory: repository + "/Examples")
        }
    }
}
