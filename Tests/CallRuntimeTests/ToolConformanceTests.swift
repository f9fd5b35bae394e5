import AgentFile
import CallStore
import Foundation
import ProviderConformance
import Providers
import Testing

@testable import CallRuntime

/// The built-in tools keep what every tool promises.
@Suite struct ToolConformanceTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    @Test(arguments: [
        ("appointment-desk", "check_availability", #"{"date":"2026-03-03","time":"10:00"}"#),
        ("appointment-desk", "book_appointment", #"{"date":"2026-03-03","time":"10:00","name":"Peter Brown"}"#),
        ("appointment-desk", "escalate_to_human", #"{"reason":"caller asked for a person"}"#),
        ("lead-qualifier", "qualify_lead", #"{"answers":{"owns_house":true,"monthly_bill":200}}"#),
        ("order-status", "lookup_order", #"{"number":"12345"}"#),
        ("world", "qualify_lead", #"{"answers":{"owns_house":true,"monthly_bill":200}}"#),
        ("world", "send_dtmf", #"{"digits":"12#"}"#),
    ])
    func everyBuiltInToolConforms(agent: String, name: String, arguments: String) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = try AgentFile.load(path: "\(Self.root)/Examples/\(agent).yaml")
        let tools = try await BuiltInTools.make(for: file, store: CallStore(folder: folder))
        let tool = try #require(tools.first { $0.description.name == name })
        let now = try #require(CivilDateTime("2026-03-02T09:00:00"))
        let suite = CallToolConformance(
            tool, arguments: arguments, context: ToolContext(callID: "call-1", toolCallID: "tool-1", now: now))
        #expect(await suite.violations() == [])
    }
}
