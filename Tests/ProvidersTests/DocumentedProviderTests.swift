import CallTime
import Foundation
import ProviderConformance
import Providers
import Testing

/// docs/providers.md shows code that is compiled and passes the suite.
struct DocumentedProviderTests {
    private static func file(_ name: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        return try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    @Test func `the guide shows the very code that is tested, in less than sixty lines`() throws {
        let code = try Self.file("DocumentedProvider.swift")
        #expect(try Self.file("../../docs/providers.md").contains("```swift\n" + code + "```\n"))
        #expect(code.split(separator: "\n", omittingEmptySubsequences: false).count < 60)
    }

    @Test func `the guide's provider passes the suite`() async {
        var suite = TextToSpeechConformance(ToneVoice())
        suite.failing = (ToneVoice(), SpeechRequest(text: "Hello.", voice: "elvis"))
        #expect(await suite.violations() == [])
    }

    @Test func `each word is a tone, where it stands in the text`() async throws {
        var words: [SpokenWord] = []
        var count = 0
        for try await event in ToneVoice().synthesize(SpeechRequest(text: "Zoë, at 3!")) {
            switch event {
            case .words(let some): words += some
            case .audio(let audio): count += audio.sampleCount
            case .fellBack: break
            }
        }
        #expect(words.map(\.textRange) == [0..<5, 6..<8, 9..<11])
        #expect(words.map(\.samples) == [0..<800, 960..<1_760, 1_920..<2_720])
        #expect(count == 2_880)
    }

    @Test func `every situation of the suite is in the guide`() throws {
        let guide = try Self.file("../../docs/providers.md")
        for situation in Violation.Situation.allCases { #expect(guide.contains("`\(situation.rawValue)`")) }
    }
}
