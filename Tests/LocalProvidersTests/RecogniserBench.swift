import AgentFile
import CallTime
import Conversation
import Foundation
import Synchronization
import Testing

@testable import LocalProviders

/// `scripts/bench-recogniser.sh` runs this; it takes minutes.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["PARLEY_BENCH_RECOGNISER"] != nil))
struct RecogniserBench {
    struct Outcome: Sendable {
        var half: Int
        var source: String
        var question: String
        var wanted: String?
        var said: String
        var loss: Double
        var heard: String
    }

    static let agent = RecogniserFixture.agent

    /// One utterance and the questions it is held against.
    struct Utterance: Sendable {
        var half: Int
        var source: String
        var questions: [String?]
        var wanted: String?
        var said: String
        var speech: RecogniserSpeech
    }

    @Test func `measures what is understood and what is wrongly accepted`() throws {
        let started = Date()
        let utterances = try inside() + outside()
        print("made \(utterances.count) utterances in \(Date().timeIntervalSince(started)) s")
        let decoding = Date()
        let outcomes = decode(utterances)
        let seconds = Date().timeIntervalSince(decoding)
        let audio = Double(utterances.map(\.speech.bytes.count).reduce(0, +)) / 8_000
        print(
            "decoded in \(seconds) s: \(outcomes.count) grammar passes, \(utterances.count) phone passes, \(audio) s of audio"
        )
        report(outcomes)
    }

    private func inside() throws -> [Utterance] {
        try RecogniserCorpus.expected.enumerated().flatMap { index, phrase in
            try ["rms", "slt", "kal16"].map { voice in
                Utterance(
                    half: index % 2, source: voice, questions: [phrase.question], wanted: phrase.text,
                    said: phrase.text,
                    speech: try RecogniserSpeech.say(phrase.text, voice: voice))
            }
        }
    }

    /// Each sentence in two of four voices, and prompts of a recorded voice.
    private func outside() throws -> [Utterance] {
        let questions: [String?] = ["date", "time", "name", "confirm", nil]
        let sentences = try RecogniserCorpus.unexpected.enumerated().flatMap { index, text in
            try [0, 1].map { offset in
                let voice = RecogniserSpeech.voices[(index / 2 + 2 * offset) % 4]
                return Utterance(
                    half: index % 2, source: voice, questions: questions, said: text,
                    speech: try RecogniserSpeech.say(text, voice: voice))
            }
        }
        let folder = RecogniserSpeech.prompts
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
            $0.hasSuffix(".wav")
        }
        let prompts = try files.sorted().enumerated().filter { $0.offset % 14 == 0 }.map { _, file in
            Utterance(
                half: 0, source: "prompt", questions: questions, said: file,
                speech: try RecogniserSpeech.read(folder + "/" + file))
        }
        var long = prompts.filter { (6_000...48_000).contains($0.speech.speech.count) }
        for index in long.indices { long[index].half = index % 2 }
        return sentences + long
    }

    private func decode(_ utterances: [Utterance]) -> [Outcome] {
        let outcomes = Mutex<[Int: [Outcome]]>([:])
        let group = DispatchGroup()
        let grammars = Self.agent.grammars
        for (index, utterance) in utterances.enumerated() {
            group.enter()
            DecoderPool.shared.lease { leased in
                let wide = RecogniserTap.upsampled(utterance.speech.linear)
                let decoder = try? leased.get()
                let phones = decoder?.decodePhones(wide)
                let own = utterance.questions.map { question in
                    let path = decoder?.decode(wide, with: grammars.grammar(for: question))
                    return Outcome(
                        half: utterance.half, source: utterance.source, question: question ?? "opening",
                        wanted: utterance.wanted, said: utterance.said,
                        loss: path.map { Acceptance.fit(of: $0, against: phones).loss } ?? .infinity,
                        heard: path?.text ?? "")
                }
                outcomes.withLock { $0[index] = own }
                group.leave()
            }
        }
        group.wait()
        return outcomes.withLock { outcomes in utterances.indices.flatMap { outcomes[$0]! } }
    }

    /// Without words that change nothing: "quarter past" is "a quarter past", "yeah" is "yes".
    private static func meaning(_ text: String) -> String {
        let same = ["yeah": "yes", "yep": "yes"]
        return text.split(separator: " ").map { same[String($0)] ?? String($0) }
            .filter { !["a", "please", "it's", "this", "is", "hi", "hello", "well", "so"].contains($0) }
            .joined(separator: " ")
    }

    private func report(_ outcomes: [Outcome]) {
        let inside = outcomes.filter { $0.wanted != nil }
        let outside = outcomes.filter { $0.wanted == nil }
        for limit in [6.0, 8, 9, 10, 11, 12, 13, 14, 15, 16] {
            for half in [0, 1] {
                let good = inside.filter { $0.half == half }
                let bad = outside.filter { $0.half == half }
                let right = good.filter { $0.loss < limit && Self.meaning($0.heard) == Self.meaning($0.wanted!) }.count
                let accepted = good.filter { $0.loss < limit && !$0.heard.isEmpty }.count
                var line = "limit \(limit) half \(half): right \(right), accepted \(accepted) of \(good.count); wrongly"
                for question in Set(bad.map(\.question)).sorted() {
                    let all = bad.filter { $0.question == question }
                    line += " \(question) \(all.filter { $0.loss < limit && !$0.heard.isEmpty }.count)/\(all.count)"
                }
                print(line)
            }
        }
        for voice in Set(inside.map(\.source)).sorted() {
            let all = inside.filter { $0.source == voice }
            let right = all.filter { $0.loss < Acceptance.limit && Self.meaning($0.heard) == Self.meaning($0.wanted!) }
                .count
            print("\(voice): right \(right)/\(all.count)")
        }
        for item in inside where Self.meaning(item.heard) != Self.meaning(item.wanted!) || item.loss >= Acceptance.limit
        {
            print("IN  \(item.source) \(item.question): \(item.said) -> \(item.heard) \(item.loss)")
        }
        for item in outside where item.loss < Acceptance.limit && !item.heard.isEmpty {
            print("OUT \(item.source) \(item.question): \(item.said) -> \(item.heard) \(item.loss)")
        }
    }
}
