import Testing

@testable import parley

@Suite struct FrameTests {
    @Test func `Help is no error`() throws {
        let run = try Program.run("--help")
        #expect(run.status == 0)
        #expect(run.output.contains("analyze") && run.output.contains("doctor"))
        #expect(run.errors == "")
    }

    @Test func `No command at all shows the help`() throws {
        let run = try Program.run()
        #expect(run.status == 0)
        #expect(run.output.contains("USAGE: parley <subcommand>"))
    }

    @Test(arguments: ["nonsense", "--nonsense"]) func `What is no command is a usage error`(word: String) throws {
        let run = try Program.run(word)
        #expect(run.status == 2)
        #expect(run.output == "")
        #expect(run.errors.contains("Error:"))
    }

    @Test func `The doctor says one line a part, found or missing`() throws {
        let run = try Program.run("doctor")
        #expect([0, 1].contains(run.status))
        #expect(run.outputLines.allSatisfy { $0.hasPrefix("ok  ") || $0.hasPrefix("--  ") })
        #expect(run.outputLines.contains { $0.hasPrefix("ok  libsndfile") })
    }

    @Test func `A missing part is told with what brings it`() {
        let missing = Finding(name: "sox", found: nil, package: "sox")
        #expect(missing.line(nameWidth: 6) == "--  sox     missing: apt-get install sox")
        let found = Finding(name: "sox", found: "/usr/bin/sox", package: "sox")
        #expect(found.line(nameWidth: 3) == "ok  sox  /usr/bin/sox")
    }

    @Test func `The progress bar fills with the files`() {
        #expect(ProgressBar.line(done: 0, of: 8, width: 4) == "[....] 0/8")
        #expect(ProgressBar.line(done: 5, of: 8, width: 4) == "[##..] 5/8")
        #expect(ProgressBar.line(done: 8, of: 8, width: 4) == "[####] 8/8")
    }
}
