import CallStore
import Foundation
import NIOHTTP1
import Testing

@testable import Server

@Suite struct WholeCallTests {
    @Test func aCallOfTheExampleGreetsIsHeardAndEndsWhenTheCallerHangsUp() async throws {
        try await withPhone(agents: [TestAgent.example("appointment-desk.yaml")], usesFiles: true) { rig in
            let stream = try await rig.carrier.call("CA1")
            try await stream.heard(2_000)
            let id = try rig.onlyCall.id
            try await eventually("marks echoed") { stream.now.marks.count >= 3 }
            try await eventually("a sentence heard whole") {
                try await self.spoken(rig, id).contains { $0.hasPrefix("agent: Hello") }
            }
            stream.hangUp()
            #expect(try await stream.closed() == 1000)
            #expect(try await rig.outcome(of: id) == "caller_gone")

            let detail = try await rig.operate(.GET, "/v1/calls/\(id)")
            #expect(detail.json?["state"] as? String == "ended")
            #expect(detail.json?["outcome"] as? String == "caller_gone")
            #expect(detail.json?["carrier_id"] as? String == "CA1")
            #expect(detail.json?["ended"] is String)
            await rig.desk.journals.flush()
            let journal = try String(contentsOfFile: "\(rig.folder)/calls/\(id)/journal.jsonl", encoding: .utf8)
            #expect(journal.hasPrefix("{") && journal.hasSuffix("}\n"))
            #expect(journal.contains("callStarted"))
            let record = try Data(contentsOf: URL(filePath: "\(rig.folder)/calls/\(id)/call.json"))
            let kept = try JSONSerialization.jsonObject(with: record) as? [String: Any]
            #expect(kept?["outcome"] as? String == "caller_gone")
            #expect((kept?["transcript"] as? [[String: Any]])?.first?["speaker"] as? String == "agent")

            try await eventually("the store has the call's end") {
                try await rig.desk.store.call(id: id)?.outcome == "caller_gone"
            }
            let stored = try await rig.desk.store.call(id: id)
            #expect(stored?.caller == "+15550100005")
            #expect(stored?.called == "+15550100001")
            #expect(stored?.carrierID == "CA1")
            #expect(stored?.agent == "Brightside Dental")
            #expect(rig.metrics.callsActive.current == 0)
        }
    }

    @Test func theCarrierNeverHoldsMoreThanAQuarterOfASecondAhead() async throws {
        let long = Array(repeating: "word", count: 30).joined(separator: " ")
        try await withPhone(agents: [TestAgent.file(greeting: long + ".")]) { rig in
            let stream = try await rig.carrier.call("CA1")
            try await stream.heard(3_000)
            let state = stream.now
            // Lateness of either end's event loop makes audio seem early that was not; ours is measured in steps of 20 ms.
            #expect(state.mostLead <= .milliseconds(270) + state.mostLateness * 2)
            #expect(state.mostLead >= .milliseconds(100))
            #expect(state.mediaMessages >= 10)
        }
    }

    @Test func theLeadIsASetting() async throws {
        let long = Array(repeating: "word", count: 30).joined(separator: " ")
        try await withPhone(agents: [TestAgent.file(greeting: long + ".")], flags: ["lead-ms": "800"]) { rig in
            let stream = try await rig.carrier.call("CA1")
            try await stream.heard(1_500)
            #expect(stream.now.mostLead > .milliseconds(500))
        }
    }

    @Test func theCallerIsAnsweredAndTheModelSeesTheGreetingAsHeard() async throws {
        let model = StubModel { _ in [.text("Certainly, I will do that. "), .finished(.stop)] }
        try await withPhone(hears: "Please book me in.", model: model) { rig in
            let stream = try await rig.carrier.call("CA1")
            let id = try rig.onlyCall.id
            try await eventually("the greeting was heard") {
                try await self.spoken(rig, id).contains { $0.hasSuffix("I am a machine.") }
            }
            stream.say(FakeVoice.speech(milliseconds: 900))
            try await eventually("an answer to the caller") {
                try await self.spoken(rig, id).contains { $0.hasPrefix("agent: Certainly") }
            }
            #expect(try await self.spoken(rig, id).contains("caller: Please book me in."))
            #expect(model.seen.first?.messages.contains(.caller(text: "Please book me in.")) == true)
            let turns = try await rig.operate(.GET, "/v1/calls/\(id)").json?["turns"] as? [[String: Any]]
            let gap = try #require(turns?.first?["gap_us"] as? Int)
            let parts = try #require(turns?.first?["parts_us"] as? [String: Int])
            #expect(parts.values.reduce(0, +) == gap)
            stream.hangUp()
            #expect(try await rig.outcome(of: id) == "caller_gone")
        }
    }

    @Test func aCallerWhoInterruptsHasTheCarriersQueueCleared() async throws {
        let long = Array(repeating: "word", count: 60).joined(separator: " ")
        try await withPhone(agents: [TestAgent.file(greeting: long + ".")], hears: "Stop talking to me now please.") {
            rig in
            let stream = try await rig.carrier.call("CA1")
            try await stream.heard(800)
            stream.say(FakeVoice.speech(milliseconds: 1_500))
            try await eventually("a clear") { stream.now.clears > 0 }
        }
    }

    /// What was said, a line each: `agent: Hello.`
    private func spoken(_ rig: PhoneRig, _ id: String) async throws -> [String] {
        let detail = try await rig.operate(.GET, "/v1/calls/\(id)")
        let entries = detail.json?["transcript"] as? [[String: Any]] ?? []
        return entries.map { "\($0["speaker"] as? String ?? ""): \($0["text"] as? String ?? "")" }
    }
}
