import Foundation

/// Runs the built `parley`, which stands beside the test bundle.
enum Program {
    /// What one run left behind.
    struct Run {
        var status: Int32
        var output: String
        var errors: String

        var outputLines: [Substring] { output.split(separator: "\n", omittingEmptySubsequences: false).dropLast() }
        var errorLines: [Substring] { errors.split(separator: "\n") }
    }

    static let path: String = {
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let candidates = [bundle, Bundle.main.bundleURL, Bundle.main.executableURL?.deletingLastPathComponent()]
        let paths = candidates.compactMap { $0?.appendingPathComponent("parley").path }
        return paths.first { FileManager.default.isExecutableFile(atPath: $0) } ?? paths[0]
    }()

    /// Runs it to its end with `input` as standard input.
    static func run(_ arguments: String..., input: [UInt8] = [], folder: TemporaryFolder? = nil) throws -> Run {
        try run(arguments, input: input, folder: folder)
    }

    /// Runs it to its end with `input` as standard input.
    static func run(_ arguments: [String], input: [UInt8] = [], folder: TemporaryFolder? = nil) throws -> Run {
        let own = try TemporaryFolder()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder.path) }
        // Files rather than pipes: nothing here can fill up and wait.
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: own.write("in", input)))
        let (output, errors) = (try own.write("out", []), try own.write("err", []))
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        try process.run()
        process.waitUntilExit()
        return Run(
            status: process.terminationStatus, output: try own.text("out"), errors: try own.text("err"))
    }
}

/// A file of the repository's TestAudio folder.
func testAudio(_ name: String) -> String {
    let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    return here.appendingPathComponent("../../TestAudio/\(name)").standardizedFileURL.path
}
