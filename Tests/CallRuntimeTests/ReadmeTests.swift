import Foundation
import Testing

/// What the README shows is what there is.
@Suite struct ReadmeTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test func theEmbeddingProgramStandsInTheReadmeWordForWordInUnderSixtyLines() throws {
        let program = try text("Examples/Embedding/Sources/Embedding/Embedding.swift")
        #expect(try text("README.md").contains(program))
        #expect(program.split(separator: "\n", omittingEmptySubsequences: false).count - 1 < 60)
    }

    @Test func everyFileTheReadmeLinksToExists() throws {
        let links = try text("README.md").matches(of: /\]\(([^)#:]+)\)/).map { String($0.output.1) }
        #expect(links.count > 10)
        for link in links {
            #expect(FileManager.default.fileExists(atPath: Self.root.appendingPathComponent(link).path), "\(link)")
        }
    }
}
