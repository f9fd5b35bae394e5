import CallTime
import Testing
import VoiceActivity

@testable import parley

@Suite struct ReportTests {
    /// Two turns, the first with a pause inside.
    let analysis: Analysis = {
        var analysis = Analysis(file: "a \"b\",c.wav", duration: 9.5, sampleRateHz: 8_000)
        analysis.speech = [
            Analysis.Speech(start: 0.5, end: 1.25, decided: 0.56, endDecided: 1.45),
            Analysis.Speech(start: 1.6, end: 2, decided: 1.66, endDecided: 2.2),
            Analysis.Speech(start: 9, end: 9.5, decided: 9.06, endDecided: 9.5),
        ]
        analysis.turns = [
            Analysis.Turn(start: 0.5, end: 2, endpoint: 2.4, endpointDelayMS: 400, reason: .silence),
            Analysis.Turn(start: 9, end: 9.5, endpoint: 9.5, endpointDelayMS: 400, reason: .endOfAudio),
        ]
        analysis.frames = [Analysis.Frame(time: 0.02, probability: 0.25), Analysis.Frame(time: 0.04, probability: 1)]
        return analysis
    }()

    @Test func `Text gives a line to each stretch of speech and to each turn after its last`() {
        #expect(
            Report.events(.text).text(of: analysis) == """
                a "b",c.wav: 9.500 s, 8000 Hz
                  speech    0.500 -    1.250 s  known at    0.560, its pause at    1.450
                  speech    1.600 -    2.000 s  known at    1.660, its pause at    2.200
                  turn      0.500 -    2.000 s  endpoint    2.400, after 400 ms of silence
                  speech    9.000 -    9.500 s  known at    9.060, its pause at    9.500
                  turn      9.000 -    9.500 s  endpoint    9.500, the audio ended before 400 ms of silence

                """)
    }

    @Test func `JSON is one object on one line`() {
        #expect(
            Report.events(.json).text(of: analysis) == """
                {"file":"a \\"b\\",c.wav","duration_s":9.500,"sample_rate_hz":8000,\
                "speech":[{"start_s":0.500,"end_s":1.250,"decided_s":0.560},\
                {"start_s":1.600,"end_s":2.000,"decided_s":1.660},{"start_s":9.000,"end_s":9.500,"decided_s":9.060}],\
                "turns":[{"start_s":0.500,"end_s":2.000,"endpoint_s":2.400,"endpoint_delay_ms":400,"reason":"silence"},\
                {"start_s":9.000,"end_s":9.500,"endpoint_s":9.500,"endpoint_delay_ms":400,"reason":"endOfAudio"}]}

                """)
    }

    @Test func `CSV has a row for each, by their start, and quotes a name that needs it`() {
        #expect(
            Report.events(.csv).text(of: analysis) == """
                "a ""b"",c.wav",turn,0.500,2.000,,2.400,400,silence
                "a ""b"",c.wav",speech,0.500,1.250,0.560,,,
                "a ""b"",c.wav",speech,1.600,2.000,1.660,,,
                "a ""b"",c.wav",turn,9.000,9.500,,9.500,400,endOfAudio
                "a ""b"",c.wav",speech,9.000,9.500,9.060,,,

                """)
    }

    @Test func `Frames are rows of time and probability`() {
        #expect(
            Report.frames.heading + Report.frames.text(of: analysis) == """
                time_s,probability
                0.020,0.250000
                0.040,1.000000

                """)
    }

    @Test func `A file without speech says so`() {
        let silent = Analysis(file: "a.wav", duration: 1, sampleRateHz: 8_000)
        #expect(Report.events(.text).text(of: silent) == "a.wav: 1.000 s, 8000 Hz\n  no speech found\n")
    }

    @Test func `Control characters in a file's name stay valid JSON`() {
        #expect(JSONReport.quoted("a\n\u{1}\\") == "\"a\\u000a\\u0001\\\\\"")
    }

    @Test(arguments: [(0.0005, "0.001"), (-1.25, "-1.250"), (-0.0001, "0.000"), (12, "12.000"), (0.9996, "1.000")])
    func `Three decimals are rounded to the nearest`(value: Double, text: String) {
        #expect(Decimal3.text(value) == text)
    }

    @Test func `Trimmed decimals lose their zeros`() {
        #expect(Decimal3.text(400, trimmed: true) == "400")
        #expect(Decimal3.text(12.5, trimmed: true) == "12.5")
    }
}
