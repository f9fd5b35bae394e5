import AgentFile
import CallStore
import CallTime
import Conversation
import Foundation
import Providers
import Testing

@testable import CallRuntime

/// The agents under Examples, called by the recordings in TestAudio: real recogniser, dialogue, voice and store.
@Suite struct ExampleCallTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private struct Played {
        var outcome: VirtualCall.Outcome
        var store: CallStore
        var settings: CallSettings

        func said(_ speaker: CallTranscript.Speaker) -> [String] {
            outcome.transcript.entries.filter { $0.speaker == speaker }.map(\.text)
        }
    }

    private func play(_ agent: String, caller: String) async throws -> Played {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        let store = try CallStore(folder: folder)
        let agent = try await Agent(AgentFile.load(path: "\(Self.root)/Examples/\(agent).yaml"), store: store)
        let settings = agent.settings(callID: "call-1", now: CivilDateTime("2026-03-02T09:00:00")!)
        let recording = try CallerRecording(path: "\(Self.root)/TestAudio/\(caller).wav")
        let outcome = try await VirtualCall(settings: settings, providers: agent.providers).run(caller: recording.muLaw)
        return Played(outcome: outcome, store: store, settings: settings)
    }

    @Test func anAppointmentIsBookedAtTheCorrectedTime() async throws {
        let call = try await play("appointment-desk", caller: "appointment-call")
        #expect(call.outcome.end == .goodbye)
        let bookings = try await call.store.bookings()
        #expect(
            bookings.map { "\($0.start.dateText) \($0.start.timeText) \($0.name)" } == ["2026-03-03 16:00 Peter Brown"])
        // The pause inside "next Tuesday ... at half past three" did not end the turn.
        #expect(call.said(.caller).contains { $0.contains("tuesday") && $0.contains("half past three") })
        #expect(call.outcome.transcript.entries.count { $0.wasInterrupted } == 1)
    }

    @Test func theSameCallTwiceGivesTheSameBytes() async throws {
        let first = try await play("order-status", caller: "order-found")
        let second = try await play("order-status", caller: "order-found")
        #expect(first.outcome.journal.map(\.line) == second.outcome.journal.map(\.line))
        #expect(first.outcome.agentAudio == second.outcome.agentAudio)
    }

    @Test func aGoodLeadIsStoredAsQualified() async throws {
        let call = try await play("lead-qualifier", caller: "lead-qualified")
        #expect(call.outcome.end == .goodbye)
        let leads = try await call.store.leads()
        #expect(leads.map(\.isQualified) == [true])
        #expect(leads.map(\.name) == ["Peter Brown"])
    }

    @Test func aLeadThatDoesNotMeetTheCriteriaIsStoredAsUnqualified() async throws {
        let call = try await play("lead-qualifier", caller: "lead-unqualified")
        #expect(call.outcome.end == .goodbye)
        let leads = try await call.store.leads()
        #expect(leads.map(\.isQualified) == [false])
        #expect(leads.first?.reasons.isEmpty == false)
    }

    @Test func anOrderIsFoundAndItsStateTold() async throws {
        let call = try await play("order-status", caller: "order-found")
        #expect(call.outcome.end == .goodbye)
        #expect(call.said(.agent).contains { $0.contains("cookbook") && $0.contains("on its way") })
    }

    @Test func anOrderThatDoesNotExistIsSaidNotToBeFound() async throws {
        let call = try await play("order-status", caller: "order-not-found")
        #expect(call.outcome.end == .goodbye)
        #expect(call.said(.agent).contains { $0.contains("can't find an order") })
    }

    @Test func theFolderHoldsExactlyTheThreeFilesAndBothSidesOnOneClock() async throws {
        let call = try await play("order-status", caller: "order-found")
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try CallFolder(path: path).write(call.outcome, settings: call.settings)
        let files = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        #expect(files == ["call.wav", "journal.jsonl", "transcript.json"])
        let transcript = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path + "/transcript.json")))
                as? [String: Any])
        #expect((transcript["turns"] as? [Any])?.count == call.outcome.transcript.entries.count)
        let journal = try String(contentsOfFile: path + "/journal.jsonl", encoding: .utf8)
        for line in journal.split(separator: "\n") {
            #expect(JSONValue(String(line))?["at_us"] != nil)
        }
    }
}
