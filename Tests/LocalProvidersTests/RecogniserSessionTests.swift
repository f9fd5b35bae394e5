import CallTime
import Conversation
import Providers
import Testing

@testable import LocalProviders

struct RecogniserSessionTests {
    static let half = Result { try RecogniserSpeech.say("half past three", voice: "rms") }
    static let week = Result { try RecogniserSpeech.say("tomorrow at three thirty", voice: "rms") }

    @Test func `the pieces in which audio is pushed change nothing`() async throws {
        let speech = try Self.half.get()
        var seen: [[TranscriptEvent]] = []
        for chunk in [20, 333, 100_000] {
            let call = try await RecogniserCall(RecogniserFixture.agent)
            await call.play(speech, utterance: 1, question: "time", chunk: chunk)
            seen.append(call.events)
        }
        #expect(seen[0].count >= 2)
        #expect(seen.allSatisfy { $0 == seen[0] })
    }

    @Test func `a used decoder hears what a new one hears`() throws {
        let book = RecogniserFixture.agent.grammars
        let first = try RecogniserTap.upsampled(Self.half.get().linear)
        let other = try RecogniserTap.upsampled(Self.week.get().linear)
        let fresh = try PocketSphinxDecoder()
        let used = try PocketSphinxDecoder()
        _ = used.decode(other, with: book.grammar(for: "date"))
        _ = used.decodePhones(Array(other.reversed()))
        _ = used.decodePrefix(Array(other.prefix(9_000)), with: book.grammar(for: "name"))
        let time = book.grammar(for: "time")
        let path = fresh.decode(first, with: time)
        #expect(path?.text == "half past three")
        #expect(used.decode(first, with: time) == path)
        #expect(used.decode(first, with: time) == path)
        #expect(used.decodePhones(first) == fresh.decodePhones(first))
        #expect(used.decodePrefix(first, with: time) == fresh.decodePrefix(first, with: time))
    }

    @Test func `calls that share decoders hear what each hears alone`() async throws {
        let pool = DecoderPool(size: 2)
        let file = DialogueRehearsal.agent("appointment-desk")
        let recogniser = try PocketSphinxRecogniser(script: file.script, names: file.names, pool: pool)
        let (time, date) = try (Self.half.get(), Self.week.get())
        let alone = try await RecogniserCall(recogniser)
        await alone.play(time, utterance: 1, question: "time")
        let crowd = try await withThrowingTaskGroup { group in
            for index in 0..<4 {
                group.addTask {
                    let call = try await RecogniserCall(recogniser)
                    await call.play(
                        index % 2 == 0 ? time : date, utterance: 1, question: index % 2 == 0 ? "time" : "date")
                    return (index, call.events)
                }
            }
            return try await group.reduce(into: [Int: [TranscriptEvent]]()) { $0[$1.0] = $1.1 }
        }
        #expect([0, 2].allSatisfy { crowd[$0] == alone.events })
        #expect(crowd[1] == crowd[3])
        #expect(pool.count <= 2)
    }

    @Test func `a later revision covers the whole utterance, and old or repeated ones are ignored`() async throws {
        let speech = try Self.week.get()
        let call = try await RecogniserCall(RecogniserFixture.agent)
        call.session.expect(step: "date")
        call.push(speech.bytes[...], at: 0, chunk: 160)
        let (onset, end) = (SampleTime(speech.speech.lowerBound), SampleTime(speech.speech.upperBound))
        call.session.utteranceStarted(4, onset: onset)
        call.session.finalize(4, revision: 0, lastSpeech: onset + 3_600)
        call.session.finalize(4, revision: 0, lastSpeech: onset + 3_600)
        call.session.finalize(4, revision: 1, lastSpeech: end)
        call.session.finalize(4, revision: 0, lastSpeech: end)
        call.session.finalize(4, revision: 1, lastSpeech: end)
        call.session.utteranceEnded(4)
        call.session.finalize(4, revision: 2, lastSpeech: end)
        await call.session.drained()
        #expect(call.finals.map(\.revision) == [0, 1])
        #expect(call.finals.last?.text == "tomorrow at three thirty")
        #expect(call.finals.map(\.audioEnd) == [onset + 4_800, end + 1_200])
        #expect(call.finals.allSatisfy { $0.utterance == 4 })
    }

    @Test func `silence is neither text nor rejected, speech that fits nothing is rejected`() async throws {
        let call = try await RecogniserCall(RecogniserFixture.agent)
        let silence = [UInt8](repeating: 0xFF, count: 16_000)
        call.push(silence[...], at: 0, chunk: 160)
        call.session.utteranceStarted(1, onset: SampleTime(4_000))
        call.session.finalize(1, revision: 0, lastSpeech: SampleTime(12_000))
        call.session.utteranceEnded(1)
        let other = try RecogniserSpeech.say("My computer keeps crashing whenever I open that file.", voice: "rms")
        await call.play(other, utterance: 2, question: "time", at: 16_000)
        #expect(call.finals.map(\.text) == ["", ""])
        #expect(call.finals.map(\.wasRejected) == [false, true])
    }

    @Test func `interim transcripts come before the final one and differ from each other`() async throws {
        let call = try await RecogniserCall(RecogniserFixture.agent)
        await call.play(try Self.week.get(), utterance: 1, question: "date")
        let texts = call.interims.map(\.text)
        #expect(texts.contains { $0.hasPrefix("tomorrow") })
        #expect(zip(texts, texts.dropFirst()).allSatisfy { $0 != $1 })
        #expect(call.interims.allSatisfy { $0.revision == 0 && $0.utterance == 1 })
        guard case .final = call.events.last else {
            Issue.record("the final transcript is the last event")
            return
        }
    }

    @Test func `no event comes after close, and nothing waits for ever`() async throws {
        let call = try await RecogniserCall(RecogniserFixture.agent)
        let speech = try Self.week.get()
        call.push(speech.bytes[...], at: 0, chunk: 160)
        call.session.utteranceStarted(1, onset: SampleTime(speech.speech.lowerBound))
        call.session.finalize(1, revision: 0, lastSpeech: SampleTime(speech.speech.upperBound))
        async let drained: Void = call.session.drained()
        await call.session.close()
        let count = call.events.count
        await drained
        call.session.finalize(1, revision: 1, lastSpeech: SampleTime(speech.speech.upperBound))
        await call.session.drained()
        await call.session.close()
        #expect(call.events.count == count)
    }

    @Test func `wideband linear audio is understood as well`() async throws {
        let call = try await RecogniserCall(RecogniserFixture.agent, rate: .wideband)
        let speech = try Self.half.get()
        let wide = RecogniserTap.upsampled(speech.linear)
        call.session.expect(step: "time")
        call.session.push(.linear16(wide), at: .zero)
        call.session.utteranceStarted(1, onset: SampleTime(2 * speech.speech.lowerBound))
        call.session.finalize(1, revision: 0, lastSpeech: SampleTime(2 * speech.speech.upperBound))
        await call.session.drained()
        #expect(call.finals.map(\.text) == ["half past three"])
        await call.session.close()
    }

    @Test func `an unsuitable rate or language is refused`() async throws {
        for configuration in [
            SpeechToTextConfiguration(sampleRate: SampleRate(hz: 11_025)), SpeechToTextConfiguration(language: "de-DE"),
        ] {
            await #expect(throws: ProviderError.self) {
                _ = try await RecogniserFixture.agent.open(configuration) { _ in }
            }
        }
    }
}
