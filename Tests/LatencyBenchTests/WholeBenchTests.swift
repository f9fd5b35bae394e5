import AsyncHTTPClient
import CallRuntime
import CallTime
import Codecs
import Foundation
import NIOPosix
import Testing

@testable import LatencyBench

struct WholeBenchTests {
    /// A sentence without a pause, by the local voice.
    private static func utterance() async throws -> [UInt8] { try await CallerUtterances.synthesized()[5] }

    @Test(.timeLimit(.minutes(1)))
    func aCallIsMeasuredFromEndToEnd() async throws {
        var delays = VendorDelays()
        delays.character = .milliseconds(20)
        var bench = LatencyBench(utterances: [try await Self.utterance()])
        bench.turns = 2
        let report = try await bench.measure(.own(delays))
        #expect(report.failures == [])
        #expect(report.answered == 2, "\(report.text)")
        #expect(report.noReplies + report.cutIns + report.cutShort == 0)
        // No server can be faster than the vendors it waits for, and none that works needs two seconds.
        for gap in report.gaps { #expect(gap > 200 && gap < 2_500) }
        #expect(report.note == nil)
        #expect(report.serverTurns.count == 2)
        for turn in report.serverTurns {
            #expect(turn.partsUs.values.reduce(0, +) == turn.gapUs)
            #expect((turn.partsUs["firstToken"] ?? 0) > 0)
        }
        // The server's own clock agrees with the caller's ear; a frame is whole when it is sent, and both judge by frames.
        for (heard, told) in zip(report.gaps, report.serverTurns) {
            #expect(abs(heard - Double(told.gapUs) / 1_000) < 250)
        }
        let asked = try #require(report.asked)
        #expect(asked.transcripts >= 2 && asked.replies >= 2 && asked.texts >= 4, "\(asked)")
        #expect(report.lateness?.count ?? 0 > 100)
        #expect(JSONValue(report.json.text)?["gap_ms"]?["count"] == .number(2))
    }

    private static func metrics(of server: OwnServer) async throws -> String {
        var url = server.webhook.url
        url.replaceSubrange(url.range(of: "/twilio/voice")!, with: "/metrics")
        let answer = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(5))
        return String(buffer: try await answer.body.collect(upTo: 1 << 20))
    }

    @Test(.timeLimit(.minutes(1)))
    func aServerOfOursElsewhereTellsItsPartsToWhoHasItsToken() async throws {
        var delays = VendorDelays()
        delays.character = .milliseconds(20)
        let group = MultiThreadedEventLoopGroup.singleton
        let server = try await OwnServer(delays, calls: 2, turns: 1, seconds: 60, on: group)
        var bench = LatencyBench(utterances: [try await Self.utterance()])
        bench.calls = 2
        bench.turns = 1
        let told = try await bench.measure(
            .webhook(url: server.webhook.url, authToken: OwnServer.authToken, apiToken: OwnServer.apiToken))
        #expect(told.answered == 2, "\(told.text)")
        #expect(told.serverTurns.count == 2)
        #expect(told.delays == nil)
        let figures = try await Self.metrics(of: server)
        let tokens = figures.split(separator: "\n").first {
            $0.hasPrefix("parley_model_tokens_total{kind=\"completion\"}")
        }
        #expect(tokens?.split(separator: " ").last.flatMap { Double($0) } ?? 0 > 0, "the model's usage is counted")
        bench.calls = 1
        let refused = try await bench.measure(
            .webhook(url: server.webhook.url, authToken: "another", apiToken: "another"))
        #expect(refused.failures == ["the webhook answered 403"])
        #expect(refused.note == "where the time went is not known: /v1/calls answered 401")
        await server.stop()
    }

    @Test func aServerThatIsNotThereIsAFailedCall() async throws {
        var bench = LatencyBench(utterances: [try await Self.utterance()])
        bench.calls = 2
        let report = try await bench.measure(
            .webhook(url: "http://127.0.0.1:1/voice", authToken: nil, apiToken: "secret-of-the-test"))
        #expect(report.failures.count == 2)
        #expect(report.answered == 0)
        #expect(report.note != nil)
        #expect(!report.text.contains("secret-of-the-test"))
    }

    @Test(arguments: ["ftp://h/voice", "voice", "https://user:word@h/voice"])
    func whatIsNoWebhookIsRefused(_ url: String) async throws {
        let bench = LatencyBench(utterances: [try await Self.utterance()])
        await #expect(throws: ConfigurationError.self) {
            try await bench.measure(.webhook(url: url, authToken: nil, apiToken: nil))
        }
    }

    @Test func countsOutOfRangeAreRefused() async throws {
        var bench = LatencyBench(utterances: [try await Self.utterance()])
        bench.calls = 0
        await #expect(throws: ConfigurationError.self) { try await bench.measure(.own(VendorDelays())) }
        bench.calls = 1
        bench.turns = 100_000
        await #expect(throws: ConfigurationError.self) { try await bench.measure(.own(VendorDelays())) }
        await #expect(throws: ConfigurationError.self) {
            try await LatencyBench(utterances: []).measure(.own(VendorDelays()))
        }
    }
}
