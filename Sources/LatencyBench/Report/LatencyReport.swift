import CallRuntime
import CallTime
import Conversation

/// What a bench has measured, as a table and as JSON.
public struct LatencyReport: Sendable {
    public var command: String
    /// Where the calls went, without a name, a password or a query.
    public var target: String
    public var machine: BenchMachine
    /// Nil: the vendors were somebody else's.
    public var delays: VendorDelays?
    /// What the stand-ins were asked.
    public var asked: StandInCounts.Values?
    public var turnsPerCall: Int
    public var records: [CallRecord]
    /// What the server itself says of its turns; empty where it was not asked.
    public var serverTurns: [ServerTurn]
    /// Why the server's figures are missing.
    public var note: String?

    /// A harness that is later than this measures itself.
    static let mostLatenessMs = 10.0

    // MARK: Figures

    public var gaps: [Double] {
        records.flatMap(\.turns).compactMap { turn in
            if case .answered(let gap) = turn.outcome { Double(gap) / 8 } else { nil }
        }
    }

    public var answered: Int { gaps.count }
    public var noReplies: Int { records.flatMap(\.turns).count { $0.outcome == .noReply } }
    public var cutIns: Int { records.flatMap(\.turns).count { $0.outcome == .cutIn } }
    public var cutShort: Int { records.reduce(0) { $0 + $1.turnsCutShort } }

    /// Calls that did not come to their end, and why.
    public var failures: [String] {
        records.compactMap { record in
            switch record.end {
            case .callerHungUp: nil
            case .serverClosed(let code): "the server closed the stream" + (code.map { " with \($0)" } ?? "")
            case .failed(let why): why
            }
        }
    }

    public var lateness: Percentiles? { Percentiles(records.flatMap(\.lateness).map(\.milliseconds)) }

    /// Over all of the server's turns; a part that a turn did not wait for counts as 0.
    public var parts: [(name: String, percentiles: Percentiles)] {
        TurnLedger.Part.allCases.compactMap { part in
            Percentiles(serverTurns.map { Double($0.partsUs[part.rawValue] ?? 0) / 1_000 }).map { (part.rawValue, $0) }
        }
    }

    // MARK: Text

    public var text: String {
        var lines = [
            "\(records.count) \(records.count == 1 ? "call" : "calls at once") of \(turnsPerCall) \(turnsPerCall == 1 ? "turn" : "turns"): \(target)",
            "\(machine.cores) cores, \(machine.processor), \(machine.system), \(machine.build) build",
        ]
        if let delays {
            lines.append(
                "stand-ins: final transcript \(Self.text(delays.transcript)) ms, first token "
                    + "\(Self.text(delays.firstToken)) ms, then \(delays.tokensPerSecond) tokens a second, first audio "
                    + "\(Self.text(delays.firstAudio)) ms")
        }
        lines += ["", table, ""]
        lines.append(
            "turns: \(answered) answered, \(noReplies) without a reply within 12 s, \(cutIns) cut in on, \(cutShort) cut short"
        )
        for failure in Set(failures).sorted() {
            lines.append("calls that failed: \(failures.count { $0 == failure }) (\(failure))")
        }
        if let asked, asked.transcripts == 0 || asked.replies == 0 || asked.texts == 0 {
            lines.append("the server did not use every stand-in: \(asked)")
        }
        if let note { lines.append(note) }
        if let lateness {
            lines.append(
                "this program's 20 ms frames were late by p99 \(Self.text(lateness.p99)) ms, max \(Self.text(lateness.max)) ms"
            )
            if lateness.p99 > Self.mostLatenessMs {
                lines.append(
                    "WARNING: beyond \(Int(Self.mostLatenessMs)) ms the bench measures its own lateness: fewer calls, please"
                )
            }
        }
        return lines.joined(separator: "\n")
    }

    private var table: String {
        var rows = [["ms", "p50", "p95", "p99", "max", "mean", "turns"]]
        func add(_ name: String, _ values: Percentiles?) {
            guard let values else { return rows.append([name] + Array(repeating: "-", count: 5) + ["0"]) }
            rows.append(
                [name] + [values.p50, values.p95, values.p99, values.max, values.mean].map(Self.text)
                    + ["\(values.count)"])
        }
        add("response gap", Percentiles(gaps))
        if !serverTurns.isEmpty {
            add("as the server says", Percentiles(serverTurns.map { Double($0.gapUs) / 1_000 }))
            for part in parts { add("  " + part.name, part.percentiles) }
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let name = row[0] + String(repeating: " ", count: widths[0] - row[0].count)
            let values = zip(row, widths).dropFirst().map { String(repeating: " ", count: $1 - $0.count) + $0 }
            return ([name] + values).joined(separator: "  ")
        }.joined(separator: "\n")
    }

    private static func text(_ duration: Duration) -> String { "\(Int(duration.milliseconds.rounded()))" }

    /// One decimal.
    private static func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    // MARK: JSON

    public var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "command", value: .string(command)), .init(name: "target", value: .string(target)),
            .init(
                name: "machine",
                value: .object([
                    "cores": .integer(machine.cores), "processor": .string(machine.processor),
                    "system": .string(machine.system), "build": .string(machine.build),
                ])),
            .init(name: "calls", value: .integer(records.count)),
            .init(name: "turns_per_call", value: .integer(turnsPerCall)),
            .init(
                name: "turns",
                value: .object([
                    "answered": .integer(answered), "no_reply": .integer(noReplies), "cut_in": .integer(cutIns),
                    "cut_short": .integer(cutShort),
                ])),
            .init(name: "failed_calls", value: .strings(failures)),
            .init(name: "gap_ms", value: Percentiles(gaps)?.json ?? .null),
        ]
        if !serverTurns.isEmpty {
            members.append(
                .init(
                    name: "server_gap_ms",
                    value: Percentiles(serverTurns.map { Double($0.gapUs) / 1_000 })?.json ?? .null))
            members.append(
                .init(name: "parts_ms", value: .object(parts.map { .init(name: $0.name, value: $0.percentiles.json) })))
        }
        if let note { members.append(.init(name: "note", value: .string(note))) }
        if let delays, let asked {
            members.append(.init(name: "stand_ins", value: standIns(delays, asked)))
        }
        members.append(.init(name: "frames_late_ms", value: lateness?.json ?? .null))
        return .object(members)
    }

    private func standIns(_ delays: VendorDelays, _ asked: StandInCounts.Values) -> JSONValue {
        .object([
            "transcript_ms": .number(delays.transcript.milliseconds),
            "first_token_ms": .number(delays.firstToken.milliseconds),
            "tokens_per_second": .integer(delays.tokensPerSecond),
            "first_audio_ms": .number(delays.firstAudio.milliseconds),
            "character_ms": .number(delays.character.milliseconds),
            "asked": .object([
                "transcripts": .integer(asked.transcripts), "replies": .integer(asked.replies),
                "texts": .integer(asked.texts),
            ]),
        ])
    }
}
