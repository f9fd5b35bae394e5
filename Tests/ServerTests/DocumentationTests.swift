import CallStore
import Foundation
import Server
import Testing

/// What the documentation says of the server is what there is.
@Suite struct DocumentationTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Lines of tables: a name in running text describes nothing.
    private func tableLines(_ path: String) throws -> [Substring] {
        try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
            .split(separator: "\n").filter { $0.hasPrefix("|") }
    }

    @Test(arguments: Setting.all.map(\.path))
    func everySettingHasALineInTheServersTable(_ path: String) throws {
        let setting = try #require(Setting.all.first { $0.path == path })
        let lines = try tableLines("docs/server.md").filter { $0.hasPrefix("| `\(path)` |") }
        #expect(lines.count == 1)
        #expect(lines.first?.contains("`\(setting.environment)`") == true)
        if let flag = setting.flag { #expect(lines.first?.contains("`--\(flag)`") == true) }
    }

    @Test(arguments: Setting.all.map(\.environment))
    func everyEnvironmentVariableStandsInTheReadmesTable(_ name: String) throws {
        #expect(try tableLines("README.md").contains { $0.contains("`\(name)`") })
    }

    @Test func noSettingIsDocumentedThatDoesNotExist() throws {
        let known = Set(Setting.all.map(\.environment))
        for path in ["docs/server.md", "README.md"] {
            let text = try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
            let named = text.matches(of: /`((?:TWILIO|DEEPGRAM|OPENAI|ELEVENLABS)_[A-Z_]+)`/).map {
                String($0.output.1)
            }
            #expect(!named.isEmpty)
            for name in named { #expect(known.contains(name), "\(name) in \(path)") }
        }
    }

    @Test(arguments: CallOutcome.allCases)
    func everyOutcomeHasItsMeaning(_ outcome: CallOutcome) throws {
        #expect(try tableLines("docs/server.md").contains { $0.contains("`\(outcome.rawValue)`") })
    }

    @Test func everyFamilyOfMetricsHasALine() throws {
        let families = Metrics().render().matches(of: #/# TYPE ([a-z_]+) /#).map { String($0.output.1) }
        #expect(families.count > 10)
        let lines = try tableLines("docs/server.md")
        for family in families { #expect(lines.contains { $0.contains("`\(family)`") }, "\(family)") }
    }
}
