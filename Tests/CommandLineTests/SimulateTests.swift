import Foundation
import Testing

@Suite struct SimulateTests {
    let folder = try! TemporaryFolder()

    private func example(_ name: String) -> String {
        URL(fileURLWithPath: testAudio("hum.wav")).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Examples/\(name)").path
    }

    /// A whole call; the same arguments again are the first again.
    private func simulate(_ data: String, _ more: String...) throws -> Program.Run {
        try Program.run(
            [
                "simulate", example("order-status.yaml"), "--caller", testAudio("order-found.wav"), "--data",
                folder[data],
                "--now", "2026-03-02T09:00:00",
            ] + more)
    }

    @Test func `A call is printed as it happens, with its gaps and where its files are`() throws {
        let run = try simulate("data", "--out", folder["out"])
        #expect(run.status == 0)
        #expect(run.errors == "")
        let lines = run.output.split(separator: "\n")
        #expect(lines.first == "Maple Street Books, 2026-03-02 09:00, called by \(testAudio("order-found.wav"))")
        #expect(lines.contains { $0.contains("agent   Hello, this is Maple Street Books.") })
        #expect(lines.contains { $0.contains("caller  ") })
        #expect(lines.contains { $0.hasPrefix("turn  caller ended  agent began  gap ms") })
        #expect(
            lines.suffix(3)
                == [folder["out/call.wav"], folder["out/transcript.json"], folder["out/journal.jsonl"]].map { $0[...] })
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder["out"]).count == 3)
    }

    @Test func `The second run from an empty data folder is the first again, to the byte`() throws {
        _ = try simulate("data1", "--out", folder["a"])
        _ = try simulate("data2", "--out", folder["b"])
        for name in ["call.wav", "journal.jsonl"] {
            let first = try Data(contentsOf: URL(fileURLWithPath: folder["a/\(name)"]))
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder["b/\(name)"])) == first)
            #expect(first.count > 1_000)
        }
    }

    @Test func `A caller's recording that is not there is named and ends with 3`() throws {
        let run = try Program.run(
            "simulate", example("order-status.yaml"), "--caller", folder["no.wav"], "--data", folder["d"])
        #expect(run.status == 3)
        #expect(run.errorLines.count == 1 && run.errors.hasPrefix(folder["no.wav"] + ": "))
        #expect(run.output == "")
    }

    @Test func `An agent file with a fault is named with its line and ends with 3`() throws {
        _ = try folder.write("agent.yaml", Array("name: 7\nflo: []\n".utf8))
        let run = try Program.run(
            "simulate", folder["agent.yaml"], "--caller", testAudio("hum.wav"), "--data", folder["d"])
        #expect(run.status == 3)
        #expect(run.errors.contains(folder["agent.yaml"] + ":"))
    }

    @Test(arguments: [[], ["agent.yaml"], ["agent.yaml", "--caller", "a.wav", "--now", "tomorrow"]])
    func `A command line that makes no sense ends with 2`(arguments: [String]) throws {
        #expect(try Program.run(["simulate"] + arguments).status == 2)
    }
}
