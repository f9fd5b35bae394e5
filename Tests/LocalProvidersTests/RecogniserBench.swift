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

    @Test func `measures what is understood and what is wrongly accepted`() throws {
        let started = Date()
        var work: [(Int, String, String?, String?, RecogniserSpeech, String)] = []
        for (index, phrase) in RecogniserCorpus.expected.enumerated() {
            for voice in ["rms", "slt", "kal16"] {
                let speech = try RecogniserSpeech.say(phrase.text, voice: voice)
                work.append((index % 2, voice, phrase.question, phrase.text, speech, phrase.text))
            }
        }
        let questions: [String?] = ["date", "time", "name", "confirm", nil]
        var outside: [(Int, String, RecogniserSpeech, String)] = []
        for (index, text) in RecogniserCorpus.unexpected.enumerated() {
            for voice in RecogniserSpeech.voices {
                outside.append((index % 2, voice, try RecogniserSpeech.say(text, voice: voice), text))
            }
        }
        outside += try prompts()
        for (half, voice, speech, text) in outside {
            for question in questions { work.append((half, voice, question, nil, speech, text)) }
        }
        print("utterances made after \(Date().timeIntervalSince(started)) s: \(outside.count) outside")
        let outcomes = decode(work)
        report(outcomes)
        print("seconds: \(Date().timeIntervalSince(started))")
    }

    private func prompts() throws -> [(Int, String, RecogniserSpeech, String)] {
        let folder = RecogniserSpeech.prompts
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        var out: [(Int, String, RecogniserSpeech, String)] = []
        for (index, file) in files.filter({ $0.hasSuffix(".wav") }).sorted().enumerated() where index % 3 == 0 {
            let speech = try RecogniserSpeech.read(folder + "/" + file)
            if (6_000...48_000).contains(speech.speech.count) { out.append((out.count % 2, "prompt", speech, file)) }
        }
        return out
    }

    private func decode(_ work: [(Int, String, String?, String?, RecogniserSpeech, String)]) -> [Outcome] {
        let pool = DecoderPool.shared
        let outcomes = Mutex<[Int: Outcome]>([:])
        let group = DispatchGroup()
        let grammars = Self.agent.grammars
        for (index, item) in work.enumerated() {
            let (half, source, question, wanted, speech, said) = item
            group.enter()
            pool.lease { decoder in
                let wide = RecogniserTap.upsampled(speech.linear)
                let path = try? decoder.get().decode(wide, with: grammars.grammar(for: question))
                let loss = path.map { Acceptance.fit(of: $0, against: try? decoder.get().decodePhones(wide)).loss }
                let outcome = Outcome(
                    half: half, source: source, question: question ?? "opening", wanted: wanted, said: said,
                    loss: loss ?? .infinity, heard: path?.text ?? "")
                outcomes.withLock { $0[index] = outcome }
                group.leave()
            }
        }
        group.wait()
        return outcomes.withLock { outcomes in work.indices.map { outcomes[$0]! } }
    }

    private func report(_ outcomes: [Outcome]) {
        let inside = outcomes.filter { $0.wanted != nil }
        let outside = outcomes.filter { $0.wanted == nil }
        for limit in [10.0, 12, 14, 15, 16, 18, 20] {
            for half in [0, 1] {
                let good = inside.filter { $0.half == half }
                let bad = outside.filter { $0.half == half }
                let right = good.filter { $0.loss < limit && $0.heard == $0.wanted }.count
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
            let right = all.filter { $0.loss < Acceptance.limit && $0.heard == $0.wanted }.count
            print("\(voice): right \(right)/\(all.count)")
        }
        for item in inside where item.heard != item.wanted || item.loss >= Acceptance.limit {
            print("IN  \(item.source) \(item.question): \(item.said) -> \(item.heard) \(item.loss)")
        }
        for item in outside where item.loss < Acceptance.limit && !item.heard.isEmpty {
            print("OUT \(item.source) \(item.question): \(item.said) -> \(item.heard) \(item.loss)")
        }
    }
}
