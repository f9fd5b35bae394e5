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
        ("orders: {file: orders.csv, key: nummer}", "orders.key: given nummer, allowed number, item, status, note"),
    ]) func aFieldThatCannotBeUsedIsNamed(_ line: String, _ problem: String) {
        let isGreeting = line.hasPrefix("greeting")
        let found = problems((isGreeting ? "name: Desk\n" : head) + line + "\n" + steps)
        #expect(
            found.contains("a.yaml:\(isGreeting ? 2 : 3): \(problem)") || found.contains { $0.hasSuffix(problem) },
            "\(found)")
    }

    @Test(arguments: [
        ("flow:\n  steps: []", "flow.steps: given an empty list, allowed at least one step"),
        ("flow: {}", "flow.steps: given nothing, allowed a list of at least one step"),
        ("voice: x", "flow: given nothing, allowed steps to go through"),
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
