import CallTime
import Conversation

/// The response gaps of a call as a table for people: a row a turn, a column a part, in milliseconds.
///
/// The parts of a row sum to its gap but for rounding.
public struct LatencyTable: CustomStringConvertible {
    public var ledgers: [TurnLedger]

    public init(_ ledgers: [TurnLedger]) { self.ledgers = ledgers }

    private static let columns: [(part: TurnLedger.Part, title: String)] = [
        (.detectorConfirmation, "detect"), (.endpointDelay, "endpoint"), (.transcript, "transcript"),
        (.firstToken, "token"), (.tool, "tool"), (.firstClause, "clause"), (.firstAudio, "audio"),
        (.playoutLead, "playout"),
    ]

    public var description: String {
        var rows = [["turn", "caller ended", "agent began", "gap ms"] + Self.columns.map(\.title)]
        for ledger in ledgers {
            let parts = ledger.partition
            rows.append(
                ["\(ledger.turn)", ledger.lastSpeech.description, ledger.audible.description, Self.text(ledger.gap)]
                    + Self.columns.map { column in
                        let spent = parts.filter { $0.part == column.part }.reduce(Duration.zero) { $0 + $1.duration }
                        return spent == .zero ? "-" : Self.text(spent)
                    })
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    private static func text(_ duration: Duration) -> String { "\(Int(duration.milliseconds.rounded()))" }
}
