import Testing

@testable import parley

@Suite struct AnalyzeOutputTests {
    let folder = try! TemporaryFolder()

    @Test(arguments: [("text", "txt"), ("json", "json"), ("csv", "csv")])
    func `A folder gets one result a file, named after it`(format: String, suffix: String) throws {
        let out = folder["results"]
        let run = try Program.run(
            "analyze", "--format", format, "--out", out, testAudio("hum.wav"), testAudio("stereo-16k.flac"))
        #expect(run.status == 0)
        #expect(run.output == "")
        let shown = try Program.run("analyze", "--format", format, testAudio("hum.wav"))
        let written = try folder.text("results/hum.\(suffix)")
        #expect(shown.output.hasPrefix(written))
        #expect(try folder.text("results/stereo-16k.\(suffix)").contains("stereo-16k"))
    }

    @Test func `Frames go to one CSV a file`() throws {
        let run = try Program.run(
            "analyze", "--frames", "--out", folder["f"], testAudio("hum.wav"), testAudio("hiss.wav"))
        #expect(run.status == 0)
        #expect(try folder.text("f/hiss.csv").hasPrefix("time_s,probability\n0.0"))
    }

    @Test func `Two inputs of one stem are refused before anything is written`() throws {
        let a = try folder.copy(testAudio("hum.wav"), to: "call.wav")
        let b = try folder.copy(testAudio("stereo-16k.flac"), to: "call.flac")
        let run = try Program.run("analyze", "--out", folder["results"], a, b)
        #expect(run.status == 2)
        #expect(run.errorLines.count == 1 && run.errors.contains(a) && run.errors.contains(b))
        #expect(folder.names == ["call.flac", "call.wav"])
    }

    @Test func `A result never overwrites an input`() throws {
        let input = try folder.copy(testAudio("hum.wav"), to: "call.csv")
        let run = try Program.run("analyze", "--format", "csv", "--out", ".", "call.csv", folder: folder)
        #expect(run.status == 2)
        #expect(try folder.text("call.csv").hasPrefix("RIFF"), "\(input)")
    }

    @Test func `A bad file leaves no result, the others do`() throws {
        let bad = try folder.write("bad.wav", [1, 2, 3])
        let run = try Program.run("analyze", "--out", folder["r"], bad, testAudio("hum.wav"))
        #expect(run.status == 3)
        #expect(run.errorLines.first?.hasPrefix(bad + ": ") == true)
        #expect(folder.names == ["bad.wav", "r"])
        #expect(try !folder.text("r/hum.txt").isEmpty)
    }

    @Test func `A folder that can not be made is a failure`() throws {
        let file = try folder.write("file", [1])
        #expect(try Program.run("analyze", "--out", file + "/x", testAudio("hum.wav")).status == 1)
    }

    @Test(
        arguments: [
            ["analyze"], ["analyze", "--format", "xml", "a.wav"], ["analyze", "--channel", "3", "a.wav"],
            ["analyze", "--rate", "8000", "a.wav"], ["analyze", "--raw", "mulaw", "--rate", "7999", "a.wav"],
            ["analyze", "--frames", "a.wav", "b.wav"], ["analyze", "--frames", "--format", "json", "a.wav"],
            ["analyze", "-", "-"], ["analyze", "--profile", "quick", "a.wav"],
            ["analyze", "--endpoint-delay", "-5", "a.wav"], ["analyze", "--jobs", "0", "a.wav"],
        ])
    func `A command line that makes no sense is a usage error`(arguments: [String]) throws {
        let run = try Program.run(arguments)
        #expect(run.status == 2)
        #expect(run.output == "")
        #expect(run.errors.contains("Error: "))
    }

    @Test func `Help teaches by example`() throws {
        let help = try Program.run("analyze", "--help")
        #expect(help.status == 0)
        for words in ["parley analyze call.wav", "--endpoint-delay", "--profile", "--frames", "--out", "caller"] {
            #expect(help.output.contains(words), "\(words)")
        }
    }
}
