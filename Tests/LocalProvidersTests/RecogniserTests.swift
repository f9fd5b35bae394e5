import CallTime
import Conversation
import Foundation
import Providers
import Synchronization
import Testing

@testable import LocalProviders

struct RecogniserTests {
    @Test(arguments: [
        ("date", "next tuesday"), ("date", "the fifteenth of march"), ("time", "half past three"),
        ("time", "at nine thirty"),
        ("name", "my name is peter brown"), ("confirm", "yes that's right"), ("confirm", "no that's wrong"),
        (nil, "i'd like to book an appointment for tuesday at three"), (nil, "where can i park"),
        ("date", "can i talk to a human"), ("anything_else", "no thank you goodbye"),
    ])
    func `an expected answer is understood word for word`(_ question: String?, _ text: String) async throws {
        let call = try await RecogniserCall(RecogniserFixture.agent)
        await call.play(try RecogniserSpeech.say(text, voice: "rms"), utterance: 1, question: question)
        #expect(call.finals.map(\.text) == [text])
        #expect((call.finals.first?.confidence ?? 0) > 0.5)
    }

    /// The 26 shortest sentences, which fit most easily, in four voices, each against one of four questions' grammars.
    @Test func `of a hundred utterances that answer nothing at most ten are accepted`() throws {
        let sentences = RecogniserCorpus.unexpected.sorted { ($0.count, $0) < ($1.count, $1) }.prefix(26)
        let work = sentences.enumerated().flatMap { index, text in
            RecogniserSpeech.voices.enumerated().map {
                (text, $1, ["date", "time", "confirm", "name"][(index + $0) % 4])
            }
        }
        #expect(work.count >= 100)
        // Made before a decoder is leased: it needs one itself, and would wait for those that wait for it.
        let grammars = RecogniserFixture.agent.grammars
        let accepted = Mutex<[String]>([])
        let group = DispatchGroup()
        for (text, voice, question) in work {
            let speech = try RecogniserSpeech.say(text, voice: voice)
            group.enter()
            DecoderPool.shared.lease { decoder in
                if let decoder = try? decoder.get() {
                    let reading = UtteranceReader.read(
                        speech.linear, rate: .narrowband,
                        grammar: grammars.grammar(for: question), decoder: decoder)
                    if !reading.text.isEmpty { accepted.withLock { $0.append("\(voice) \(text) -> \(reading.text)") } }
                }
                group.leave()
            }
        }
        group.wait()
        let list = accepted.withLock { $0 }
        #expect(list.count * 10 <= work.count, "\(list)")
    }

    @Test(arguments: ["appointment-desk", "lead-qualifier", "order-status"])
    func `every example's grammars compile`(_ name: String) throws {
        let file = DialogueRehearsal.agent(name)
        let recogniser = try PocketSphinxRecogniser(script: file.script, names: file.names)
        #expect(Set(file.script.flow.steps.map(\.id)).isSubset(of: recogniser.grammars.questions.keys))
        #expect(recogniser.unknownWords.isEmpty, "\(recogniser.unknownWords)")
    }

    @Test func `a used decoder's book is a new decoder's, added words and all`() throws {
        let file = DialogueRehearsal.agent("appointment-desk")
        let used = try PocketSphinxDecoder()
        func book(_ decoder: PocketSphinxDecoder) -> GrammarBook {
            GrammarBook(
                script: file.script, names: ["Anna Snowdogger"], pronounce: { decoder.pronunciation(of: $0) },
                guess: LetterToSound.phones)
        }
        let first = book(used)
        #expect(first.opening.addedWords.map(\.text).sorted() == ["snowdogger", "toothache"])
        #expect(used.prepare(first.opening))
        let second = book(used)
        #expect(second.opening == first.opening)
        #expect(try PocketSphinxDecoder().prepare(second.opening))
    }

    @Test func `words nobody can pronounce are named and left out`() throws {
        let file = DialogueRehearsal.agent("appointment-desk")
        let recogniser = try PocketSphinxRecogniser(script: file.script, names: ["Xqzvrt Miller", "Zoë Miller-Xbrt"])
        #expect(recogniser.unknownWords == ["miller-xbrt", "xqzvrt"])
        #expect(!recogniser.grammars.opening.jsgf.contains("xqzvrt"))
    }

    /// The voice reads the name by the same rules, so this says nothing of how well they guess; see their own test.
    @Test func `a name the dictionary lacks is heard as its spelling sounds`() async throws {
        let file = DialogueRehearsal.agent("appointment-desk")
        let recogniser = try PocketSphinxRecogniser(
            script: file.script, names: ["Anna Brindlovik", "Eva Kowalczykowska"])
        #expect(recogniser.guessedWords == ["brindlovik", "kowalczykowska"])
        #expect(recogniser.unknownWords == [])
        let call = try await RecogniserCall(recogniser)
        let text = "my name is anna brindlovik"
        await call.play(try RecogniserSpeech.say(text, voice: "rms"), utterance: 1, question: "name")
        #expect(call.finals.map(\.text) == [text])
    }

    @Test func `spelling gives the phones of the recogniser's set, and nothing to what nobody can say`() throws {
        #expect(LetterToSound.phones(of: "miller") == "M IH L ER")
        #expect(LetterToSound.phones(of: "tuesday") == "T UW Z D IY")
        for word in ["", "xqzvrt", "zoë", "two words", "3", String(repeating: "la", count: 21)] {
            #expect(LetterToSound.phones(of: word) == nil, "\(word)")
        }
        let known = Set(PocketSphinxDecoder.phones)
        for word in CommonNames.first + CommonNames.last + ["brindlovik", "kowalczykowska", "nguyen", "thyme"] {
            let phones = try #require(LetterToSound.phones(of: word)).split(separator: " ").map(String.init)
            #expect(Set(phones).isSubset(of: known), "\(word): \(phones)")
        }
    }

    @Test func `every word of the common grammar and names is in the dictionary`() throws {
        let text = SpokenGrammar.common + SpokenGrammar.opening
        let bare = text.replacing(/<[a-z]+>/, with: " ")
        let words = Set(bare.matches(of: /[a-z'-]+/).map { String($0.output) } + CommonNames.first + CommonNames.last)
        #expect(CommonNames.first.count >= 100 && CommonNames.last.count >= 100)
        let unknown = try DecoderPool.shared.withDecoder { decoder in
            words.filter { decoder.pronunciation(of: $0) == nil }.sorted()
        }
        #expect(unknown == [])
    }

    @Test func `the tap doubles the rate and leaves an image a fifth as strong`() {
        // 1 kHz at 8 kHz: at 16 kHz the tone, and its image at 7 kHz.
        let tone = (0..<800).map { Int16(8_000 * sin(2 * Double.pi * Double($0) / 8)) }
        let wide = RecogniserTap.upsampled(tone)
        #expect(wide.count == 1_600)
        func amplitude(_ hz: Double) -> Double {
            let range = 160..<1_440
            let parts = range.reduce(into: (0.0, 0.0)) { sum, i in
                let angle = 2 * Double.pi * hz * Double(i) / 16_000
                sum.0 += Double(wide[i]) * cos(angle)
                sum.1 += Double(wide[i]) * sin(angle)
            }
            return 2 * (parts.0 * parts.0 + parts.1 * parts.1).squareRoot() / Double(range.count)
        }
        let ratio = amplitude(7_000) / amplitude(1_000)
        #expect(abs(ratio - Double(RecogniserTap.imageGain)) < 0.02)
    }
}
