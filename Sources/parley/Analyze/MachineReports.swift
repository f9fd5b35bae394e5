/// One JSON object a file, on one line:
/// `{file, duration_s, sample_rate_hz, speech:[{start_s,end_s,decided_s}], turns:[{start_s,end_s,endpoint_s,…}]}`.
enum JSONReport {
    static func text(of analysis: Analysis) -> String {
        let speech = analysis.speech.map { speech in
            "{\"start_s\":\(number(speech.start)),\"end_s\":\(number(speech.end)),"
                + "\"decided_s\":\(number(speech.decided))}"
        }
        let turns = analysis.turns.map { turn in
            "{\"start_s\":\(number(turn.start)),\"end_s\":\(number(turn.end)),\"endpoint_s\":\(number(turn.endpoint)),"
                + "\"endpoint_delay_ms\":\(Decimal3.text(turn.endpointDelayMS, trimmed: true)),"
                + "\"reason\":\"\(turn.reason.rawValue)\"}"
        }
        return "{\"file\":\(quoted(analysis.file)),\"duration_s\":\(number(analysis.duration)),"
            + "\"sample_rate_hz\":\(analysis.sampleRateHz),"
            + "\"speech\":[\(speech.joined(separator: ","))],\"turns\":[\(turns.joined(separator: ","))]}\n"
    }

    private static func number(_ value: Double) -> String { Decimal3.text(value) }

    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}

/// One row for every stretch of speech and every turn, by their start.
enum CSVReport {
    static let heading = "file,kind,start_s,end_s,decided_s,endpoint_s,endpoint_delay_ms,reason\n"

    static func text(of analysis: Analysis) -> String {
        let file = quoted(analysis.file)
        var rows = analysis.turns.map { turn in
            (
                turn.start,
                "\(file),turn,\(number(turn.start)),\(number(turn.end)),,\(number(turn.endpoint)),"
                    + "\(Decimal3.text(turn.endpointDelayMS, trimmed: true)),\(turn.reason.rawValue)\n"
            )
        }
        rows += analysis.speech.map { speech in
            (
                speech.start,
                "\(file),speech,\(number(speech.start)),\(number(speech.end)),\(number(speech.decided)),,,\n"
            )
        }
        // Stable: where a turn and its first speech begin together, the turn stands first.
        return rows.enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }
            .map(\.element.1).joined()
    }

    private static func number(_ value: Double) -> String { Decimal3.text(value) }

    /// RFC 4180: in quotes where it has to be, with quotes doubled.
    static func quoted(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

/// One row for every value of the detector.
enum FrameReport {
    static let heading = "time_s,probability\n"

    static func text(of analysis: Analysis) -> String {
        var text = ""
        text.reserveCapacity(analysis.frames.count * 16)
        for frame in analysis.frames {
            text += Decimal3.text(frame.time)
            text += ","
            text += Decimal6.text(frame.probability)
            text += "\n"
        }
        return text
    }
}

/// Probabilities with six decimals, so that thresholds near 0 and 1 can still be told apart.
enum Decimal6 {
    static func text(_ value: Float) -> String {
        let millionths = value.isNaN ? 0 : Int((Double(max(0, min(1, value))) * 1_000_000).rounded())
        let digits = String(1_000_000 + millionths % 1_000_000).dropFirst()
        return "\(millionths / 1_000_000).\(digits)"
    }
}
