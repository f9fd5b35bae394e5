import Testing

@testable import LocalProviders

@Suite struct SpokenTextTests {
    private func read(_ text: String) -> String {
        SpokenText.tokens(of: text).map { token in
            token.parts.map { $0.name + $0.punctuation }.joined(separator: " ")
        }.joined(separator: " ")
    }

    @Test(arguments: [
        ("at 3:30", "at three thirty"), ("at 15:30.", "at fifteen thirty."), ("9:05,", "nine oh five,"),
        ("10:00?", "ten o'clock?"), ("10:00 am", "ten a.m"), ("3:30pm", "three thirty p.m"),
        ("15:00", "fifteen hundred"),
        ("0:00", "midnight"), ("3 pm", "3 p.m"), ("9am", "nine a.m"), ("I am 25:00", "I am 25:00"),
    ])
    func timesOfDayAreReadAsPeopleSayThem(text: String, spoken: String) { #expect(read(text) == spoken) }

    @Test(arguments: [
        ("+4930123", "plus four nine three, zero one two three"), ("555-0123", "five five five, zero one two three"),
        ("(030) 1234567", "zero three zero one two three, four five six seven"), ("PIN 0042", "PIN zero zero four two"),
        ("order #4711", "order number 4711"), ("in 2026", "in 2026"), ("12,500", "12,500"), ("3.50", "3.50"),
    ])
    func phoneAndOrderNumbersAreReadDigitByDigit(text: String, spoken: String) { #expect(read(text) == spoken) }

    @Test(arguments: [
        ("2026-03-10", "March 10th, 2026"), ("2026-03-22", "March 22nd, 2026"),
        ("2026-13-10", "two zero two six, one three, one zero"),
        ("€25.50", "25 euros 50 cents"), ("£1", "1 pound"), ("3€", "3 euros"), ("$25.50,", "$25.50,"), ("10%", "10%"),
    ])
    func datesAndAmountsAreReadInFull(text: String, spoken: String) { #expect(read(text) == spoken) }

    @Test(arguments: [
        ("anna.miller@example.com.", "anna dot miller at example dot com."),
        ("a_b-7@mail.example.de", "a underscore b dash 7 at mail dot example dot de"),
        ("www.example.com/help", "www dot example dot com slash help"), ("e.g. this", "e.g this"),
    ])
    func addressesAreReadWithTheirSigns(text: String, spoken: String) { #expect(read(text) == spoken) }

    @Test(arguments: [
        ("Müller—naïve “yes”…", "Mueller, naive yes."), ("yes/no & more", "yes no and more"),
        ("*bold* `code`", "bold code"),
        ("Dr. Smith - room 12", "Dr Smith, room 12"), ("\u{1F600} 你好", ""), ("- -- …", ""), ("can’t", "can't"),
    ])
    func signsAndForeignLettersBecomeWhatAnEnglishReaderMakesOfThem(text: String, spoken: String) {
        #expect(read(text) == spoken)
    }

    @Test func everyWordKeepsItsPlaceInTheTextWithItsPunctuation() {
        let text = " Grüße,\u{A0}“Anna”!  At 3:30 — ok?"
        let bytes = Array(text.utf8)
        let words = SpokenText.tokens(of: text).map { String(decoding: bytes[$0.range], as: UTF8.self) }
        #expect(words == ["Grüße,", "“Anna”!", "At", "3:30", "ok?"])
    }

    @Test func nothingButPlainASCIIReachesFlite() {
        let text = "Crème brûlée 5½° «élan» — ÆØÅ ŁÓDŹ \u{0}\u{7} a\u{301} 東京 🎉 ok"
        for part in SpokenText.tokens(of: text).flatMap(\.parts) {
            #expect(part.name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "'.,:;!?$%-/".contains($0)) })
            #expect(!part.name.isEmpty)
        }
    }
}
