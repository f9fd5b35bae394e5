import Foundation
import NIOHTTP1
import Testing

@testable import Server

@Suite struct DocumentTests {
    private var documentText: String {
        get throws {
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            return try String(contentsOf: root.appending(path: "docs/openapi.json"), encoding: .utf8)
        }
    }

    @Test func theServedDocumentIsTheOneInTheRepository() async throws {
        let text = try documentText
        try await withPhone { rig in
            let served = try await ask(.GET, "/openapi.json", port: rig.port)
            #expect(served.headers.first(name: "content-type") == "application/json")
            #expect(served.body.trimmingCharacters(in: .newlines) == text.trimmingCharacters(in: .newlines))
        }
    }

    /// Each operation, asked with the token and the signature, without either, and with a body that makes no sense.
    @Test func everyOperationAnswersWithAStatusThatTheDocumentLists() async throws {
        let document = try JSONSerialization.jsonObject(with: Data(documentText.utf8)) as? [String: Any]
        let paths = try #require(document?["paths"] as? [String: [String: Any]])
        try await withPhone { rig in
            _ = try await rig.carrier.ring("CA1")
            let id = try rig.onlyCall.id
            var asked = 0
            for (template, operations) in paths.sorted(by: { $0.key < $1.key }) {
                let path = template.replacingOccurrences(of: "{id}", with: id)
                    .replacingOccurrences(of: "{agent}", with: "test-desk")
                for (name, operation) in operations where template != "/twilio/media" {
                    let listed = ((operation as? [String: Any])?["responses"] as? [String: Any]).map { Set($0.keys) }
                    let method = HTTPMethod(rawValue: name.uppercased())
                    let answers = [
                        path.hasPrefix("/twilio/")
                            ? try await rig.carrier.post(path, ["CallSid": "CA2", "To": "+15550100001"])
                            : try await rig.operate(method, path, body: method == .POST ? #"{"to": "+15550100009"}"# : nil),
                        try await ask(method, path, port: rig.port),
                        try await ask(method, path, port: rig.port, body: method == .POST ? "CallSid=%zz" : nil),
                        try await rig.operate(method, path.replacingOccurrences(of: id, with: "none")),
                    ]
                    for answer in answers {
                        #expect(listed?.contains("\(answer.status)") == true, "\(name) \(template): \(answer.status)")
                    }
                    asked += 1
                }
            }
            #expect(asked == 16)
            let media = try await ask(.GET, "/twilio/media", port: rig.port)
            let listed = (paths["/twilio/media"]?["get"] as? [String: Any])?["responses"] as? [String: Any]
            #expect(listed?["\(media.status)"] != nil, "\(media.status)")
        }
    }

    @Test func healthIsLiveAndReady() async throws {
        try await withPhone { rig in
            let (live, ready) = (
                try await ask(.GET, "/health/live", port: rig.port), try await ask(.GET, "/health/ready", port: rig.port)
            )
            #expect((live.status, ready.status) == (200, 200))
            #expect(ready.body == "ready\n")
        }
    }

    // MARK: Draining

    @Test func aDrainingServerTakesNoCallsSaysGoodbyeToThoseItHasAndStops() async throws {
        let long = Array(repeating: "word", count: 12).joined(separator: " ")
        try await withPhone(agents: [TestAgent.file(greeting: long + ".")], flags: ["drain-seconds": "1"]) { rig in
            let stream = try await rig.carrier.call("CA1")
            try await stream.heard(100)
            let id = try rig.onlyCall.id
            let draining = Task { await rig.server.drain() }
            try await eventually("draining") { rig.desk.isDraining }
            let ready = try await ask(.GET, "/health/ready", port: rig.port)
            #expect((ready.status, ready.body) == (503, "draining\n"))
            #expect(try await ask(.GET, "/health/live", port: rig.port).status == 200)
            let refused = try await rig.carrier.post("/twilio/voice", ["CallSid": "CA2", "To": "+15550100001"])
            #expect(refused.body.contains("<Say>"))
            #expect(rig.metrics.refused.current(.draining) == 1)
            #expect(try await rig.operate(.POST, "/v1/calls", body: #"{"to": "+15550100009"}"#).status == 503)

            #expect(try await stream.closed(within: .seconds(20)) == 1000)
            #expect(try await rig.outcome(of: id) == "cancelled")
            let said = rig.desk.directory.call(id)?.state.withLock { $0.entries.map(\.text) } ?? []
            #expect(said.contains { $0.contains("I have to end this call now.") })
            await draining.value
            try await rig.running.value
        }
    }

    @Test func aServerWithoutCallsDrainsAtOnce() async throws {
        try await withPhone { rig in
            let began = ContinuousClock.now
            await rig.server.drain()
            try await rig.running.value
            #expect(ContinuousClock.now - began < .seconds(5))
        }
    }
}
