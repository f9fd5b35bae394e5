import Conversation
import Testing

@Suite struct SentenceSegmenterTests {
    private func pieces(
        _ text: String, chunk: Int = 1, _ configuration: SentenceSegmenter.Configuration = .wholeSentences
    ) -> [String] {
        var segmenter = SentenceSegmenter(configuration)
        var pieces: [String] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            segmenter.append(String(rest.prefix(chunk))) { pieces.append($0) }
            rest = rest.dropFirst(chunk)
        }
        segmenter.finish { pieces.append($0) }
        return pieces
    }

    static let texts: [(String, [String])] = [
        ("Hello. How are you?", ["Hello.", "How are you?"]),
        ("Dr. Brown is in. Mr. Smith is not.", ["Dr. Brown is in.", "Mr. Smith is not."]),
        ("It costs 3.50 or 1,000.75 dollars. Really!", ["It costs 3.50 or 1,000.75 dollars.", "Really!"]),
        ("Write to anna.miller@example.com. Thanks.", ["Write to anna.miller@example.com.", "Thanks."]),
        ("Call +49 30.123.45 or 555 1234. Bye.", ["Call +49 30.123.45 or 555 1234.", "Bye."]),
        ("We open at 9 a.m. and close at 5 p.m. on weekdays.", ["We open at 9 a.m. and close at 5 p.m. on weekdays."]),
        ("See www.example.com. Or ask me.", ["See www.example.com.", "Or ask me."]),
        ("Wait... I see. Good.", ["Wait...", "I see.", "Good."]),
        ("He said \"No.\" Then he left.", ["He said \"No.\"", "Then he left."]),
        ("No. We are closed. It is no. 5 on the list.", ["No.", "We are closed.", "It is no. 5 on the list."]),
        ("First line\nSecond line", ["First line", "Second line"]),
        ("J. R. Miller called. Call back!", ["J. R. Miller called.", "Call back!"]),
        ("So do I. Fine.", ["So do I.", "Fine."]),
        ("1. Come in. 2. Sit down.", ["1. Come in.", "2. Sit down."]),
        ("  ...  ", []),
        ("", []),
        ("你好。再见。", ["你好。", "再见。"]),
    ]

    @Test(arguments: texts)
    func sentencesAreCutWhereAReaderWouldPause(text: String, expected: [String]) {
        for chunk in [1, 2, 3, 7, 1_000] {
            #expect(pieces(text, chunk: chunk) == expected, "in chunks of \(chunk)")
        }
    }

    @Test func theFirstClauseComesEarlyAndOnlyTheFirst() {
        let text = "On Tuesday the third, we have three, four and five o'clock. Which one, please?"
        #expect(
            pieces(text, SentenceSegmenter.Configuration()) == [
                "On Tuesday the third,", "we have three, four and five o'clock.", "Which one, please?",
            ])
        #expect(pieces("Sure, one moment.", SentenceSegmenter.Configuration()) == ["Sure, one moment."])
    }

    @Test func aPieceComesOutAsSoonAsTheSpaceAfterItsStopHasBeenSeen() {
        var segmenter = SentenceSegmenter()
        var pieces: [String] = []
        segmenter.append("Good morning.") { pieces.append($0) }
        #expect(pieces.isEmpty)
        segmenter.append(" ") { pieces.append($0) }
        #expect(pieces == ["Good morning."])
    }

    @Test func textWithoutAnEndIsCutAtASpaceBelowTheLongestPiece() {
        let text = Array(repeating: "word", count: 1_000).joined(separator: " ")
        let result = pieces(text)
        #expect(result.allSatisfy { $0.utf8.count <= 241 })
        #expect(result.joined(separator: " ") == text)
    }

    @Test func textWithoutAnySpaceIsCutAsWell() {
        let result = pieces(String(repeating: "x", count: 1_000))
        #expect(result.allSatisfy { $0.utf8.count <= 241 })
        #expect(result.joined().count == 1_000)
    }
}
