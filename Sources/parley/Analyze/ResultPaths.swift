import Foundation

/// The names of result files: after the recording, in a folder; none shared and no recording overwritten.
enum ResultPaths {
    /// `calls/a.wav` in `out` as `json`: `out/a.json`. Standard input's is `stdin.json`.
    static func path(for input: String, in folder: String, _ suffix: String) -> String {
        let url = URL(fileURLWithPath: input)
        return join(folder, (input == "-" ? "stdin" : url.deletingPathExtension().lastPathComponent) + "." + suffix)
    }

    static func join(_ folder: String, _ name: String) -> String { folder + (folder.hasSuffix("/") ? "" : "/") + name }

    /// - Throws: `CommandFailure` (usage) where two inputs would share a result or one would be overwritten.
    static func check(_ planned: [String], _ inputs: [String]) throws {
        var owners: [String: String] = [:]
        let sources = Set(inputs.filter { $0 != "-" }.map(canonical))
        for (path, input) in zip(planned, inputs) {
            if let other = owners[path] {
                throw CommandFailure(.usage, "Error: \(other) and \(input) would both be written to \(path)")
            }
            owners[path] = input
            if sources.contains(canonical(path)) {
                throw CommandFailure(.usage, "Error: \(path), the result for \(input), would overwrite an input")
            }
        }
    }

    /// - Throws: `CommandFailure` (failed).
    static func make(folder: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(.failed, "\(folder): the folder can not be made")
        }
    }

    private static func canonical(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }
}
