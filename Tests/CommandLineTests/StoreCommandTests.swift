import CallStore
import Foundation
import Providers
import Testing

/// `parley agents`, `bookings` and `leads`, as a user runs them.
@Suite struct StoreCommandTests {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("parley-commands-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Output, errors and exit code of `parley` with `arguments`, run in the test's own folder.
    func parley(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> (output: String, errors: String, status: Int32) {
        let products = [URL(fileURLWithPath: CommandLine.arguments[0]), Bundle.main.executableURL].compactMap(\.self)
        let program: URL? = products.map { $0.deletingLastPathComponent().appendingPathComponent("parley") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
        let process = Process()
        let found: URL = try #require(program)
        process.executableURL = found
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = folder
        let files = ["out", "err"].map { folder.appendingPathComponent($0) }
        for file in files { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        for file in files { try FileManager.default.removeItem(at: file) }
        return (texts[0], texts[1], process.terminationStatus)
    }

    func fill(_ path: String) async throws {
        let store = try CallStore(folder: path)
        let now = try #require(CivilDateTime("2026-03-02T09:05:07"))
        for (id, (start, name)) in [("2026-03-04T15:30", "Bob Ray"), ("2026-03-03T10:00", "Ann\nBlack")].enumerated() {
            _ = try await store.book(
                calendar: "desk", start: try #require(CivilDateTime(start)), minutes: 30, name: name,
                context: ToolContext(callID: "c", toolCallID: "\(id)", now: now))
        }
        for (id, name) in ["Ann Black", ""].enumerated() {
            _ = try await store.addLead(
                agent: "Solar", isQualified: id == 0, name: name, answers: [:], reasons: [],
                context: ToolContext(callID: "c", toolCallID: "\(id)", now: now.adding(minutes: id)))
        }
        try store.close()
    }

    @Test func bookingsAreListedByTimeOneALine() async throws {
        try await fill(folder.path + "/data")
        let run = try parley(["bookings", "list", "--data", "data"])
        #expect(run == ("2026-03-03 10:00 Ann Black\n2026-03-04 15:30 Bob Ray\n", "", 0))
    }

    @Test func leadsAreListedOneALine() async throws {
        try await fill(folder.path + "/data")
        let run = try parley(["leads", "list", "--data", "data"])
        #expect(run == ("2026-03-02 09:05 qualified Ann Black\n2026-03-02 09:06 unqualified -\n", "", 0))
    }

    @Test(arguments: ["bookings", "leads"])
    func listingWhereThereIsNothingPrintsAndCreatesNothing(noun: String) throws {
        #expect(try parley([noun, "list", "--data", "none"]) == ("", "", 0))
        #expect(try parley([noun, "list"], environment: ["HOME": folder.path]) == ("", "", 0))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test func theFolderComesFromTheEnvironmentWhenNotGiven() async throws {
        try await fill(folder.path + "/named")
        try await fill(folder.path + "/share/parley")
        let named = try parley(["bookings", "list"], environment: ["PARLEY_DATA_DIR": folder.path + "/named"])
        let shared = try parley(["bookings", "list"], environment: ["XDG_DATA_HOME": folder.path + "/share"])
        #expect(named.output.hasPrefix("2026-03-03 10:00"))
        #expect(shared.output == named.output)
    }

    @Test func aDatabaseThatIsNoneIsAnErrorOnOneLine() throws {
        try Data("no database, but long enough to be one ".utf8).write(
            to: folder.appendingPathComponent("parley.sqlite"))
        let run = try parley(["bookings", "list", "--data", "."])
        #expect(run == ("", "Error: ./parley.sqlite: is not a Parley database\n", 1))
    }

    // MARK: agents check

    @Test func goodAgentFilesAreOK() throws {
        let examples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Examples").standardizedFileURL.path
        let files = ["appointment-desk", "crm-webhook", "lead-qualifier", "order-status", "world"].map {
            "\(examples)/\($0).yaml"
        }
        #expect(try parley(["agents", "check"] + files) == (files.map { "\($0): ok\n" }.joined(), "", 0))
    }

    @Test func everyBadAgentFileIsReportedAndTheExitCodeIsThree() throws {
        try Data("name: [".utf8).write(to: folder.appendingPathComponent("bad.yaml"))
        let run = try parley(["agents", "check", "bad.yaml", "none.yaml"])
        #expect(run.output == "")
        #expect(run.status == 3)
        #expect(run.errors.hasPrefix("bad.yaml:"))
        #expect(run.errors.contains("none.yaml:1: "))
    }

    @Test func checkingNoFileMakesNoSense() throws {
        #expect(try parley(["agents", "check"]).status == 2)
    }
}
