import Foundation

/// The parts of a page that are read, not looked at: facts in a line, and the table of what was found.
enum PageTables {
    static func facts(_ analysis: Analysis, _ data: PageData) -> String {
        let sound = data.sound
        var facts = [
            ("Length", "\(seconds(analysis.duration)) s"),
            ("Rate", "\(analysis.sampleRateHz) Hz"),
            (
                "Channels",
                "\(sound.channels.count)" + (analysis.channel.isEmpty ? "" : ", analysed: \(analysis.channel)")
            ),
            ("Peak", peak(sound)),
            ("Speech", share(analysis)),
            ("Turns", "\(analysis.turns.count)"),
            ("Endpoint delay", "\(milliseconds(data.endpointDelayMS)) ms"),
        ]
        if sound.fullScaleSamples > 0 { facts.insert(("Samples at full scale", "\(sound.fullScaleSamples)"), at: 4) }
        return facts.map { "<div><dt>\($0.0)</dt><dd>\(PageText.escaped($0.1))</dd></div>" }.joined(separator: "\n")
    }

    /// A row for every turn, and under it a row for each of its stretches of speech.
    static func found(_ analysis: Analysis) -> String {
        guard !analysis.speech.isEmpty || !analysis.turns.isEmpty else {
            return "<p class=\"note\">No speech found.</p>"
        }
        var rows: [String] = []
        var speech = analysis.speech[...]
        for turn in analysis.turns {
            rows.append(row(turn))
            while let first = speech.first, first.start < turn.end {
                rows.append(row(first))
                speech.removeFirst()
            }
        }
        rows += speech.map(row)
        return """
            <div class="panel scroll"><table>
            <thead><tr><th>What</th><th>Start, s</th><th>End, s</th><th>Length, s</th><th>Known at, s</th>\
            <th>Pause known at, s</th><th>Endpoint, s</th><th>Endpoint delay, ms</th><th>Ended by</th></tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table></div>
            """
    }

    /// How much of the file is speech: `2.910 s, 58 %`.
    static func share(_ analysis: Analysis) -> String {
        let speech = analysis.speech.reduce(0) { $0 + $1.end - $1.start }
        guard analysis.duration > 0 else { return "none" }
        return "\(seconds(speech)) s, \(Int((speech / analysis.duration * 100).rounded())) %"
    }

    private static func row(_ turn: Analysis.Turn) -> String {
        let why =
            switch turn.reason {
            case .silence: "silence"
            case .endOfAudio: "end of audio"
            }
        return "<tr class=\"turn\" data-from=\"\(seconds(turn.start))\" data-to=\"\(seconds(turn.endpoint))\">"
            + cells(
                "turn", link(turn.start, turn.endpoint), seconds(turn.end), seconds(turn.end - turn.start), "", "",
                seconds(turn.endpoint) + later(turn.endpoint - turn.end), milliseconds(turn.endpointDelayMS), why)
    }

    private static func row(_ speech: Analysis.Speech) -> String {
        "<tr class=\"speech\" data-from=\"\(seconds(speech.start))\" data-to=\"\(seconds(speech.end))\">"
            + cells(
                "speech", link(speech.start, speech.end), seconds(speech.end), seconds(speech.end - speech.start),
                seconds(speech.decided) + later(speech.decided - speech.start),
                seconds(speech.endDecided) + later(speech.endDecided - speech.end), "", "", "")
    }

    private static func cells(_ texts: String...) -> String {
        texts.map { "<td>\($0)</td>" }.joined() + "</tr>"
    }

    private static func link(_ start: Double, _ end: Double) -> String {
        "<a href=\"#t=\(seconds(max(0, start - 0.5))),\(seconds(end + 0.5))\">\(seconds(start))</a>"
    }

    private static func later(_ delay: Double) -> String { " <small>+\(Int((delay * 1_000).rounded())) ms</small>" }

    private static func peak(_ sound: PageSound) -> String {
        guard sound.peak > 0 else { return "digital silence" }
        let level = 20 * log10(Double(sound.peak))
        return "\(Decimal3.text((level * 10).rounded() / 10, trimmed: true)) dBFS"
    }

    private static func seconds(_ value: Double) -> String { Decimal3.text(value) }
    private static func milliseconds(_ value: Double) -> String { Decimal3.text(value, trimmed: true) }
}
