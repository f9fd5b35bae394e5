import AudioFile
import CallTime
import Foundation
import Testing
import VoiceActivity

@testable import parley

@Suite struct PageTests {
    let folder = try! TemporaryFolder()

    /// Two turns, the first with a pause inside, of a file whose name tries to be HTML.
    let analysis: Analysis = {
        var analysis = Analysis(file: "calls/</title><b>&\"it's\".wav", duration: 2, sampleRateHz: 8_000)
        analysis.speech = [
            Analysis.Speech(start: 0.125, end: 0.25, decided: 0.185, endDecided: 0.451),
            Analysis.Speech(start: 0.5, end: 0.75, decided: 0.56, endDecided: 0.952),
            Analysis.Speech(start: 1.625, end: 2, decided: 1.684, endDecided: 2),
        ]
        analysis.turns = [
            Analysis.Turn(start: 0.125, end: 0.75, endpoint: 1.153, endpointDelayMS: 400, reason: .silence),
            Analysis.Turn(start: 1.625, end: 2, endpoint: 2, endpointDelayMS: 400, reason: .endOfAudio),
        ]
        analysis.frames = [0, 0.5, 1, .nan].enumerated().map {
            Analysis.Frame(time: Double($0.offset + 1) / 100, probability: $0.element)
        }
        return analysis
    }()

    func data(_ channels: [[Int16]] = [[0, 1, -1, 32_767, -32_768]]) -> PageData {
        PageData(
            sound: PageSound(rate: .narrowband, channels: channels, analysed: [0]), hopSeconds: 0.01,
            openThreshold: 0.5,
            closeThreshold: 0.35, endpointDelayMS: 400)
    }

    func page(_ analysis: Analysis, _ data: PageData) -> String {
        var text = ""
        HTMLReport(analysis: analysis, data: data).write { text += $0 }
        return text
    }

    /// The contents of the script element with that id.
    func script(_ id: String, in page: String) throws -> String {
        let start = try #require(page.firstRange(of: "id=\"\(id)\">")).upperBound
        let end = try #require(page[start...].firstRange(of: "</script>")).lowerBound
        return String(page[start..<end])
    }

    @Test func `A page is whole: each element that is opened is closed, in order`() throws {
        #expect(Markup.fault(in: page(analysis, data())) == nil)
        #expect(Markup.fault(in: page(Analysis(file: "a", duration: 0, sampleRateHz: 8_000), data([[]]))) == nil)
        #expect(Markup.fault(in: "<p><b></p></b>") != nil)
    }

    @Test func `A page loads nothing and links to nothing but its own moments`() throws {
        let page = page(analysis, data([[1, 2], [3, 4]]))
        for word in ["http", "src=", "@import", "url(", "fetch(", "import(", "<link", "XMLHttp", "//cdn"] {
            #expect(!page.contains(word), "\(word)")
        }
        let links = page.matches(of: /href="([^"]*)"/).map { String($0.1) }
        #expect(!links.isEmpty && links.allSatisfy { $0.hasPrefix("#t=") })
    }

    @Test func `A page carries the JSON report as it is`() throws {
        let json = try script("report", in: page(analysis, data()))
        #expect(json.replacing("\\u003c", with: "<") == JSONReport.text(of: analysis))
        #expect(!json.contains("<"))
    }

    @Test func `Every number of the JSON report stands in the table`() throws {
        let page = page(analysis, data())
        let table = String(page[try #require(page.firstRange(of: "<tbody>")).lowerBound...])
        for speech in analysis.speech {
            for time in [speech.end, speech.decided] { #expect(table.contains("<td>\(Decimal3.text(time))")) }
            #expect(table.contains(">\(Decimal3.text(speech.start))</a>"))
        }
        for turn in analysis.turns {
            #expect(table.contains("<td>\(Decimal3.text(turn.endpoint)) <small>"))
            #expect(table.contains("data-from=\"\(Decimal3.text(turn.start))\""))
        }
        #expect(table.matches(of: /<tr class="turn"/).count == 2 && table.matches(of: /<tr class="speech"/).count == 3)
    }

    @Test func `When each pause was known is told to the script`() throws {
        let details = try script("page", in: page(analysis, data()))
        #expect(details.contains("\"pauses_s\":[0.451,0.952,2.000]"))
        #expect(try JSONSerialization.jsonObject(with: Data(details.utf8)) is [String: Any])
    }

    @Test func `A file's name is text wherever it stands`() {
        let page = page(analysis, data())
        // The slash of `</title>` parts the path: what follows it is the name.
        #expect(page.contains("<h1 title=\"calls/&lt;/title&gt;&lt;b&gt;&amp;&quot;it&#39;s&quot;.wav\">"))
        #expect(page.contains("<title>title&gt;&lt;b&gt;&amp;&quot;it&#39;s&quot;.wav - parley analyze</title>"))
        #expect(!page.contains("<b>&"))
        #expect(PageText.escaped("a\u{1}b") == "a\u{FFFD}b")
        #expect(PageText.address("a b#%?.html") == "./a%20b%23%25%3F.html")
    }

    @Test func `Samples and probabilities are little-endian base64`() throws {
        let page = page(analysis, data())
        let bytes = try #require(Data(base64Encoded: try script("channel1", in: page)))
        #expect(Array(bytes) == [0, 0, 1, 0, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0x80])
        let values = try #require(Data(base64Encoded: try script("probabilities", in: page)))
        #expect(Array(values) == [0, 0, 0, 0x80, 0xFF, 0xFF, 0, 0])
    }

    @Test func `Blocks of base64 join without a seam`() throws {
        let samples = (0..<100_001).map { Int16(truncatingIfNeeded: $0 &* 7) }
        let text = try script("channel1", in: page(analysis, data([samples])))
        let bytes = try #require(Data(base64Encoded: text))
        #expect(bytes.count == 200_002)
        #expect(bytes[200_000] == UInt8(truncatingIfNeeded: 700_000))
    }

    @Test func `Ten minutes stay under 25 MB at every rate and with both channels`() {
        for (rate, channels) in [(SampleRate.narrowband, 1), (.narrowband, 2), (.wideband, 1), (.wideband, 2)] {
            let pageRate = PageSound.rate(analysedAt: rate, channels: channels, seconds: 600)
            let sound = PageSound(
                rate: pageRate,
                channels: Array(repeating: Array(repeating: 257, count: 600 * pageRate.hz), count: channels),
                analysed: [0])
            var long = Analysis(file: "a.wav", duration: 600, sampleRateHz: rate.hz)
            long.frames = Array(repeating: Analysis.Frame(time: 0, probability: 0.5), count: 60_000)
            var data = data()
            data.sound = sound
            var size = 0
            HTMLReport(analysis: long, data: data).write { size += $0.utf8.count }
            #expect(size < 25_000_000 && size > 600 * 8_000, "\(rate.hz) Hz, \(channels) channels: \(size) bytes")
        }
    }

    @Test(arguments: [8_000, 11_025, 16_000, 44_100, 48_000]) func `The page's sound stands where the file's does`(
        hz: Int
    ) throws {
        // A click at 0.5 s on the right, silence on the left.
        let rate = SampleRate(hz: hz)
        var collector = try PageSoundCollector(
            fileRate: rate, rate: .narrowband, channels: 2, analysed: [0], maxBlock: 1_000)
        var block = [Float](repeating: 0, count: 2 * hz)
        for i in 0..<hz / 400 { block[2 * (hz / 2 + i) + 1] = 0.9 }
        for start in stride(from: 0, to: hz, by: 1_000) {
            collector.take(block.span.extracting(2 * start..<2 * min(hz, start + 1_000)))
        }
        let sound = collector.finish()
        #expect(sound.channels.map(\.count) == [8_000, 8_000])
        #expect(sound.channels[0].allSatisfy { $0 == 0 } && sound.peak == 0.9 && sound.fullScaleSamples == 0)
        let loud = sound.channels[1].indices.filter { abs(sound.channels[1][$0]) > 16_000 }
        #expect(abs((loud.first ?? 0) - 4_000) <= 2 && abs((loud.last ?? 0) - 4_019) <= 2)
    }

    @Test func `The command writes one page beside its report`() throws {
        let page = folder["call.html"]
        let run = try Program.run("analyze", "--format", "json", "--html", page, testAudio("speech-clean.wav"))
        let plain = try Program.run("analyze", "--format", "json", testAudio("speech-clean.wav"))
        #expect(run.status == 0 && run.output == plain.output)
        let text = try folder.text("call.html")
        #expect(try script("report", in: text) == run.output)
        #expect(Markup.fault(in: text) == nil)
        let values = try #require(Data(base64Encoded: try script("probabilities", in: text)))
        #expect(values.count == 2 * 500)
        let sound = try #require(Data(base64Encoded: try script("channel1", in: text)))
        #expect(sound == (try Data(contentsOf: URL(fileURLWithPath: testAudio("speech-clean.wav"))))[44...])
    }

    @Test func `Several recordings get a folder of pages and an index in their order, whatever the jobs`() throws {
        let bad = try folder.write("bad <i>.wav", [1, 2, 3])
        let files = [testAudio("stereo-16k.flac"), bad, testAudio("hum.wav")]
        let one = try Program.run(["analyze", "--jobs", "1", "--html", folder["one"]] + files)
        let four = try Program.run(["analyze", "--jobs", "4", "--html", folder["four"]] + files)
        #expect(one.status == 3 && four.status == 3)
        for name in ["stereo-16k.html", "hum.html", "index.html"] {
            #expect(try folder.text("one/" + name) == folder.text("four/" + name), "\(name)")
        }
        let index = try folder.text("one/index.html")
        #expect(Markup.fault(in: index) == nil)
        #expect(
            index.matches(of: /href="([^"]*)"/).map { String($0.1) } == ["./stereo-16k.html", "./hum.html"])
        #expect(index.contains("bad &lt;i&gt;.wav"))
        #expect(!FileManager.default.fileExists(atPath: folder["one/bad <i>.html"]))
    }

    @Test func `A recording without a sample has no page and is bad input`() throws {
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: testAudio("hum.wav"))).prefix(44))
        bytes.replaceSubrange(40..<44, with: [0, 0, 0, 0])
        let run = try Program.run("analyze", "--html", folder["p.html"], try folder.write("none.wav", bytes))
        #expect(run.status == 3)
        #expect(folder.names == ["none.wav"])
    }

    @Test func `One page for several recordings, and pages that would collide, are usage errors`() throws {
        let (hum, hiss) = (testAudio("hum.wav"), testAudio("hiss.wav"))
        let index = try folder.copy(hum, to: "index.wav")
        for arguments in [
            ["--html", folder["p.html"], hum, hiss], ["--html", "-", hum], ["--html", folder["d"], index],
        ] {
            let run = try Program.run(["analyze"] + arguments)
            #expect(run.status == 2 && run.errors.hasPrefix("Error: "), "\(arguments): \(run.errors)")
        }
        #expect(folder.names == ["index.wav"])
    }

    @Test func `A page that can not be written is a failure, with the report still given`() throws {
        let run = try Program.run("analyze", "--html", folder["none/p.html"], testAudio("hum.wav"))
        #expect(run.status == 1)
        #expect(run.output.contains("hum.wav: 3.000 s"))
        #expect(run.errorLines.first?.hasPrefix(folder["none/p.html"] + ": could not be written") == true)
    }
}
