import Foundation
import Testing

/// Reads the repository's own sources and refuses what its rules forbid.
@Suite struct TidyTests {
    static let core = ["CallTime", "AudioCore", "Codecs", "VoiceActivity", "MediaPipeline", "Conversation"]

    @Test(arguments: core)
    func theCoreHasNoClockNoChanceNoOutputAndNoFoundation(module: String) throws {
        let files = try Sources.files(under: "Sources/\(module)")
        #expect(!files.isEmpty)
        for file in files {
            for fault in Tidy.forbiddenInCore(file.text) { Issue.record("\(file.path):\(fault)") }
        }
    }

    @Test func unsafeCodeSaysWhyItHolds() throws {
        for file in try Sources.files(under: "Sources") {
            for fault in Tidy.unexplainedUnsafe(file.text) { Issue.record("\(file.path):\(fault)") }
        }
    }

    // MARK: The checks find what they are for

    @Test(arguments: [
        "let now = Date()", "try await Task.sleep(for: .seconds(1))", "let id = UUID()", "Int.random(in: 0..<3)",
        "  print(1)", "import Foundation", "@preconcurrency import Foundation", "import FoundationEssentials",
    ])
    func whatTheCoreMustNotHaveIsFound(line: String) {
        #expect(Tidy.forbiddenInCore("// a line before\n\(line)\n").count == 1)
    }

    @Test(arguments: [
        "// Date() is read by the caller", "/// `print(` is not for us", "let text = \"print(x)\"", "sprint(3)",
        "func update(day: Int) {}", "CivilDate(day: 3)", "blueprint(x)",
    ])
    func whatOnlyLooksLikeItIsNot(line: String) {
        #expect(Tidy.forbiddenInCore(line).isEmpty)
    }

    @Test func unsafeCodeWithoutItsReasonIsFound() {
        let code = "let a = 1\nlet p = UnsafeMutablePointer<Int>.allocate(capacity: 1)\n"
        #expect(Tidy.unexplainedUnsafe(code).count == 1)
        #expect(Tidy.unexplainedUnsafe("// SAFETY: freed in deinit.\n" + code).isEmpty)
        #expect(Tidy.unexplainedUnsafe("// Unsafe words in a comment, UnsafePointer\n").isEmpty)
    }
}

enum Tidy {
    /// `LINE: word`, one for each place.
    static func forbiddenInCore(_ text: String) -> [String] {
        faults(text) { line in
            forbidden.first { word in
                guard let range = line.range(of: word) else { return false }
                // `Date(` is not meant to find `CivilDate(` or `update(`.
                guard let before = line[..<range.lowerBound].last, word.first?.isLetter == true else { return true }
                return !(before.isLetter || before.isNumber || before == "_")
            }
        }
    }

    private static let forbidden = ["Date(", "Task.sleep", "UUID(", ".random(", "print(", "import Foundation"]

    /// Unsafe acts in a file that has no `// SAFETY` comment at all. A light check: whether the reason is a good one, and
    /// stands where it is needed, is for a reader.
    static func unexplainedUnsafe(_ text: String) -> [String] {
        if text.contains("// SAFETY") { return [] }
        return faults(text) { line in unsafe.first { line.contains($0) } }
    }

    private static let unsafe = [
        "UnsafeMutablePointer<", "UnsafePointer<", "UnsafeMutableRawPointer(", "unsafeBitCast", "withUnsafe",
        "@unchecked Sendable", "nonisolated(unsafe)", "[unchecked:",
    ]

    private static func faults(_ text: String, _ fault: (String) -> String?) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            fault(code(of: line)).map { "\(index + 1): \($0)" }
        }
    }

    /// A line without its comment and without what stands between quotes. Light: strings over several lines are not known.
    private static func code(of line: Substring) -> String {
        var code = ""
        var isQuoted = false
        var last: Character?
        for character in line {
            if character == "\"", last != "\\" {
                isQuoted.toggle()
            } else if !isQuoted {
                if character == "/", last == "/" { return String(code.dropLast()) }
                code.append(character)
            }
            last = character
        }
        return code
    }
}

/// The repository's Swift files.
enum Sources {
    static func files(under folder: String) throws -> [(path: String, text: String)] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let names = FileManager.default.enumerator(atPath: root.path + "/" + folder)?.compactMap { $0 as? String } ?? []
        return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
            let text = try String(contentsOfFile: "\(root.path)/\(folder)/\(name)", encoding: .utf8)
            return ("\(folder)/\(name)", text)
        }
    }
}
