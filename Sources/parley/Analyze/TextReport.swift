/// A report for people: a line for every stretch of speech, and one for every turn after its last stretch.
enum TextReport {
    static func text(of analysis: Analysis) -> String {
        var lines = [heading(analysis)]
        var speech = analysis.speech[...]
        for turn in analysis.turns {
            while let first = speech.first, first.start < turn.end {
                lines.append(line(first))
                speech.removeFirst()
            }
            lines.append(line(turn))
        }
        lines += speech.map(line)
        if analysis.turns.isEmpty { lines.append("  no speech found") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func heading(_ analysis: Analysis) -> String {
        let channel = analysis.channel.isEmpty ? "" : ", " + analysis.channel
        return "\(analysis.file): \(Decimal3.text(analysis.duration)) s, \(analysis.sampleRateHz) Hz\(channel)"
    }

    private static func line(_ speech: Analysis.Speech) -> String {
        "  speech \(span(speech.start, speech.end))  known at \(column(speech.decided)), "
            + "its pause at \(column(speech.endDecided))"
    }

    private static func line(_ turn: Analysis.Turn) -> String {
        let delay = Decimal3.text(turn.endpointDelayMS, trimmed: true)
        let why =
            switch turn.reason {
            case .silence: "after \(delay) ms of silence"
            case .endOfAudio: "the audio ended before \(delay) ms of silence"
            }
        return "  turn   \(span(turn.start, turn.end))  endpoint \(column(turn.endpoint)), \(why)"
    }

    private static func span(_ start: Double, _ end: Double) -> String { "\(column(start)) - \(column(end)) s" }

    private static func column(_ seconds: Double) -> String {
        let text = Decimal3.text(seconds)
        return String(repeating: " ", count: max(0, 8 - text.count)) + text
    }
}
