import CallRuntime
import CallTime
import Testing

@testable import LatencyBench

struct PercentilesTests {
    @Test func aPercentileIsTheNearestRank() throws {
        let hundred = try #require(Percentiles((1...100).map(Double.init).shuffled()))
        #expect(hundred.p50 == 50)
        #expect(hundred.p95 == 95)
        #expect(hundred.p99 == 99)
        #expect(hundred.max == 100)
        #expect(hundred.mean == 50.5)
        let five = try #require(Percentiles([15, 20, 35, 40, 50]))
        #expect(five.p50 == 35)
        #expect(five.p95 == 50)
    }

    @Test func oneValueIsEveryPercentile() throws {
        let one = try #require(Percentiles([7]))
        #expect([one.p50, one.p95, one.p99, one.max, one.mean] == [7, 7, 7, 7, 7])
        #expect(one.count == 1)
    }

    @Test func noValuesHaveNone() { #expect(Percentiles([]) == nil) }
}

struct VendorDelaysTests {
    @Test func whatIsLeftOutKeepsItsDefault() throws {
        let delays = try VendorDelays(parsing: "first-token=10,tokens=5")
        #expect(delays.firstToken == .milliseconds(10))
        #expect(delays.tokensPerSecond == 5)
        #expect(delays.transcript == .milliseconds(70))
        #expect(delays.firstAudio == .milliseconds(120))
    }

    @Test(arguments: ["", "transcript", "transcript=", "transcript=a", "other=1", "tokens=0", "first-audio=-1", "tokens=5,,"])
    func nonsenseIsRefused(_ text: String) {
        #expect(throws: ConfigurationError.self) { try VendorDelays(parsing: text) }
    }
}

struct LatencyReportTests {
    private func record(_ turns: [CallerTurn.Outcome], end: CallRecord.End = .callerHungUp) -> CallRecord {
        CallRecord(
            callSID: "CA1", end: end, turns: turns.map { CallerTurn(began: 0, ended: 80, outcome: $0) },
            lateness: [.milliseconds(1), .milliseconds(12)])
    }

    private var report: LatencyReport {
        LatencyReport(
            command: "parley bench latency", target: "a server in this process",
            machine: BenchMachine(cores: 2, processor: "P", system: "S", build: "debug"), delays: VendorDelays(),
            asked: .init(transcripts: 2, replies: 3, texts: 0), turnsPerCall: 2,
            records: [
                record([.answered(gap: 8_000), .noReply]), record([.cutIn], end: .serverClosed(code: 1_000)),
                record([.answered(gap: 4_004)], end: .failed("no")),
            ],
            serverTurns: [
                ServerTurn(gapUs: 900_000, partsUs: ["firstToken": 300_000, "endpointDelay": 600_000]),
                ServerTurn(gapUs: 500_000, partsUs: ["endpointDelay": 500_000]),
            ])
    }

    @Test func everyTurnIsCountedOnce() {
        #expect(report.gaps == [1_000, 500.5])
        #expect([report.answered, report.noReplies, report.cutIns, report.cutShort] == [2, 1, 1, 0])
        #expect(report.failures == ["the server closed the stream with 1000", "no"])
    }

    @Test func aPartThatWasNotWaitedForCountsAsNothing() throws {
        let token = try #require(report.parts.first { $0.name == "firstToken" })
        #expect(token.percentiles.p50 == 0)
        #expect(token.percentiles.p95 == 300)
        #expect(token.percentiles.mean == 150)
    }

    @Test func theTableNamesEveryPart() {
        let text = report.text
        for line in [
            "3 calls at once of 2 turns: a server in this process", "2 cores, P, S, debug build",
            "response gap            500.5  1000.0  1000.0  1000.0  750.3      2",
            "as the server says      500.0   900.0   900.0   900.0  700.0      2",
            "  endpointDelay         500.0   600.0   600.0   600.0  550.0      2",
            "turns: 2 answered, 1 without a reply within 12 s, 1 cut in on, 0 cut short",
            "calls that failed: 1 (no)", "the server did not use every stand-in",
            "this program's 20 ms frames were late by p99 12.0 ms, max 12.0 ms", "WARNING: beyond 10 ms",
        ] {
            #expect(text.contains(line), "\(line)\n\(text)")
        }
    }

    @Test func theJSONHoldsTheSame() throws {
        let json = try #require(JSONValue(report.json.text))
        #expect(json["gap_ms"]?["p50"] == .number(500.5))
        #expect(json["turns"]?["no_reply"] == .number(1))
        #expect(json["parts_ms"]?["endpointDelay"]?["p95"] == .number(600))
        #expect(json["stand_ins"]?["first_token_ms"] == .number(250))
        #expect(json["machine"]?["cores"] == .number(2))
        #expect(json["frames_late_ms"]?["p99"] == .number(12))
        #expect(json["failed_calls"] == .strings(["the server closed the stream with 1000", "no"]))
    }
}
