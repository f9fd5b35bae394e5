import Codecs
import Foundation

/// One recording's page: a single HTML file that needs no other and no network.
///
/// It carries the JSON report, every value of the detector (16 bits each) and the sound, both in base64, and draws from
/// them in the browser: overview, turns and speech, waveforms, spectrogram, probability; with playback, zoom, a table.
struct HTMLReport {
    let analysis: Analysis
    let data: PageData

    /// Hands the page on, part by part: it never stands in memory whole.
    func write(_ put: (String) throws -> Void) rethrows {
        try put(head)
        try put(script("application/json", "report", PageText.inScript(JSONReport.text(of: analysis))))
        try put(script("application/json", "page", PageText.inScript(details)))
        try putBlock("probabilities", analysis.frames.count, 2, put) { index, bytes in
            let probability = analysis.frames[index].probability
            Self.append(probability.isNaN ? 0 : UInt16(max(0, min(1, probability)) * 65_535 + 0.5), to: &bytes)
        }
        let encoding = data.sound.encoding
        for (index, samples) in data.sound.channels.enumerated() {
            try putBlock("channel\(index + 1)", samples.count, encoding.bytesPerSample, put) { index, bytes in
                switch encoding {
                case .s16le: Self.append(UInt16(bitPattern: samples[index]), to: &bytes)
                case .mulaw: bytes.append(MuLaw.encode(samples[index]))
                }
            }
        }
        try put("<script>\n\(PageScript.text)\n</script>\n</body>\n</html>\n")
    }

    private static func append(_ value: UInt16, to bytes: inout [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: value))
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    }

    /// `count` values of `size` bytes each as base64, in blocks of whole groups of three bytes.
    private func putBlock(
        _ id: String, _ count: Int, _ size: Int, _ put: (String) throws -> Void, _ append: (Int, inout [UInt8]) -> Void
    ) rethrows {
        try put("<script type=\"text/plain\" id=\"\(id)\">")
        let blockValues = 3 << 14
        var bytes: [UInt8] = []
        bytes.reserveCapacity(blockValues * size)
        for start in stride(from: 0, to: count, by: blockValues) {
            bytes.removeAll(keepingCapacity: true)
            for index in start..<min(start + blockValues, count) { append(index, &bytes) }
            try put(Data(bytes).base64EncodedString())
        }
        try put("</script>\n")
    }

    private func script(_ type: String, _ id: String, _ text: String) -> String {
        "<script type=\"\(type)\" id=\"\(id)\">\(text)</script>\n"
    }

    /// What the script needs beyond the JSON report: `pauses_s` are when the end of each stretch of speech was known.
    private var details: String {
        let sound = data.sound
        let names = sound.channels.count > 1 ? ["channel 1 (left)", "channel 2 (right)"] : ["sound"]
        let pauses = analysis.speech.map { Decimal3.text($0.endDecided) }.joined(separator: ",")
        return "{\"rate_hz\":\(sound.rate.hz),\"encoding\":\"\(sound.encoding.rawValue)\","
            + "\"channels\":[\(names.map(JSONReport.quoted).joined(separator: ","))],"
            + "\"analysed\":[\(sound.analysed.map(String.init).joined(separator: ","))],"
            + "\"hop_s\":\(data.hopSeconds),\"open_threshold\":\(data.openThreshold),"
            + "\"close_threshold\":\(data.closeThreshold),\"pauses_s\":[\(pauses)]}"
    }

    private var head: String {
        let path = PageText.escaped(analysis.file)
        let name = PageText.escaped(analysis.file.split(separator: "/").last.map(String.init) ?? analysis.file)
        return """
            \(PageText.opening(title: name))
            <h1 title="\(path)">\(name)</h1>
            <dl class="facts">
            \(PageTables.facts(analysis, data))
            </dl>
            <div class="panel">
            <div class="bar">
            <button id="play" type="button" title="Space">Play</button>
            <span id="clock"></span>
            <button id="wider" type="button" title="Zoom out: -">&minus;</button>
            <button id="closer" type="button" title="Zoom in: +">+</button>
            <button id="all" type="button" title="Show all: 0">All</button>
            <span class="hint">wheel: zoom, shift + wheel or drag: move, click: seek, space: play</span>
            </div>
            <canvas id="overview" role="img" aria-label="The whole recording"></canvas>
            <div class="plot"><canvas id="plot" role="img" aria-label="Turns, waveform, spectrogram and probability of \
            speech; the table holds the same times"></canvas><div id="tip" hidden></div></div>
            <ul class="legend hint">
            <li><b style="background: var(--turn)"></b>turn</li>
            <li><b style="background: var(--wait)"></b>endpoint delay</li>
            <li><b class="line" style="background: var(--end)"></b>endpoint (speechEnded)</li>
            <li><b style="background: var(--speech)"></b>speech</li>
            <li><b class="up" style="background: var(--ink)"></b>start known (speechStarted, speechResumed)</li>
            <li><b class="point" style="background: var(--pause)"></b>pause known (speechProbablyEnded)</li>
            <li><b style="background: var(--clip)"></b>full scale</li>
            <li id="range"></li>
            </ul>
            </div>
            <noscript><p class="note">The plots and the sound need JavaScript; the table does not.</p></noscript>
            \(PageTables.found(analysis))
            <p class="note">\(PageText.escaped(soundNote))</p>

            """
    }

    /// Says how the sound stands in the page, where it is not as in the file.
    private var soundNote: String {
        let sound = data.sound
        var words = "The sound in this page: \(sound.rate.hz) Hz, "
        words += sound.encoding == .s16le ? "16 bits a sample." : "mu-law (8 bits a sample, to keep the page small)."
        if sound.isCut {
            words += " Only the first \(PageSound.maxSeconds / 60) minutes; the results are of the whole."
        }
        return words + " Each value of the probability stands where it came out: at the end of its "
            + "\(Decimal3.text(data.hopSeconds * 1_000, trimmed: true)) ms."
    }
}
