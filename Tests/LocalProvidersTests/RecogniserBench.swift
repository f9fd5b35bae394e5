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
        let outcomes = decode(utterances)
        func seconds(_ passes: (Utterance) -> Int) -> Double {
            Double(utterances.map { $0.speech.bytes.count * passes($0) }.reduce(0, +)) / 8_000
        }
        let cost = Self.cost.withLock { $0 }
        print("phone passes: \(cost.phones) s of CPU over \(seconds { _ in 1 }) s of audio")
        print("grammar passes: \(cost.grammars) s of CPU over \(seconds { $0.questions.count }) s of audio")
        report(outcomes)
    }

    /// CPU time of this thread, which other programs on the machine lengthen little.
    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static let cost = Mutex((phones: 0.0, grammars: 0.0))

    /// The halves 0 and 1, and as "half" 2 what was written after all tuning was done.
    private func inside() throws -> [Utterance] {
        let tuned = RecogniserCorpus.expected.enumerated().map { ($0 % 2, $1) }
        return try (tuned + RecogniserCorpus.unseenExpected.map { (2, $0) }).flatMap { half, phrase in
            try ["rms", "slt", "kal16"].map { voice in
                Utterance(
                    half: half, source: voice, questions: [phrase.question], wanted: phrase.text,
                    said: phrase.text,
                    speech: try RecogniserSpeech.say(phrase.text, voice: voice))
            }
        }
    }

    /// Each sentence in two of four voices, and prompts of a recorded voice.
    private func outside() throws -> [Utterance] {
        let questions: [String?] = ["date", "time", "name", "confirm", nil]
        let all =
            RecogniserCorpus.unexpected.map { (false, $0) } + RecogniserCorpus.unseenUnexpected.map { (true, $0) }
        let sentences = try all.enumerated().flatMap { index, sentence in
            let (isUnseen, text) = sentence
            return try [0, 1].map { offset in
                let voice = RecogniserSpeech.voices[(index / 2 + 2 * offset) % 4]
                return Utterance(
                    half: isUnseen ? 2 : index % 2, source: voice, questions: questions, said: text,
                    speech: try RecogniserSpeech.say(text, voice: voice))
            }
        }
        let folder = RecogniserSpeech.prompts
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
            $0.hasSuffix(".wav")
        }
        let prompts = try files.sorted().enumerated().filter { $0.offset % 7 == 0 }.map { index, file in
            Utterance(
                half: index % 14 == 0 ? 0 : 2, source: "prompt", questions: questions, said: file,
                speech: try RecogniserSpeech.read(folder + "/" + file))
        }
        var long = prompts.filter { (6_000...48_000).contains($0.speech.speech.count) }
        for (count, index) in long.indices.filter({ long[$0].half == 0 }).enumerated() { long[index].half = count % 2 }
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
                let start = Self.cpuSeconds()
                let phones = decoder?.decodePhones(wide)
                let middle = Self.cpuSeconds()
                let own = utterance.questions.map { question in
                    let path = decoder?.decode(wide, with: grammars.grammar(for: question))
                    return Outcome(
                        half: utterance.half, source: utterance.source, question: question ?? "opening",
                        wanted: utterance.wanted, said: utterance.said,
                        loss: path.map { Acceptance.fit(of: $0, against: phones).loss } ?? .infinity,
                        heard: path?.text ?? "")
                }
                let end = Self.cpuSeconds()
                Self.cost.withLock { $0 = ($0.phones + middle - start, $0.grammars + end - middle) }
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
            for half in [0, 1, 2] {
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
            let all = inside.filter { $0.source == voice && $0.half == 2 }
            let right = all.filter { $0.loss < Acceptance.limit && Self.meaning($0.heard) == Self.meaning($0.wanted!) }
                .count
            print("\(voice), unseen: right \(right)/\(all.count)")
        }
        for item in inside where Self.meaning(item.heard) != Self.meaning(item.wanted!) || item.loss >= Acceptance.limit
        {
            print("IN \(item.half) \(item.source) \(item.question): \(item.said) -> \(item.heard) \(item.loss)")
        }
        for item in outside where item.loss < Acceptance.limit && !item.heard.isEmpty {
            print("OUT \(item.half) \(item.source) \(item.question): \(item.said) -> \(item.heard) \(item.loss)")
        }
    }
}
