import Foundation

/// What a figure was measured on.
public struct BenchMachine: Sendable, Equatable {
    public var cores: Int
    public var processor: String
    public var system: String
    /// `debug` or `release`.
    public var build: String

    public static var current: BenchMachine {
        BenchMachine(
            cores: max(1, ProcessInfo.processInfo.activeProcessorCount),
            processor: line(of: "/proc/cpuinfo", beginning: "model name", parted: ":") ?? "unknown",
            system: line(of: "/etc/os-release", beginning: "PRETTY_NAME", parted: "=")
                ?? ProcessInfo.processInfo.operatingSystemVersionString,
            build: isDebug ? "debug" : "release")
    }

    private static var isDebug: Bool {
        #if DEBUG
            true
        #else
            false
        #endif
    }

    private static func line(of path: String, beginning name: String, parted: Character) -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
            let mark = line.firstIndex(of: parted)
        else { return nil }
        return line[line.index(after: mark)...].trimmingCharacters(in: CharacterSet(charactersIn: " \""))
    }
}
