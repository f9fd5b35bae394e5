import CallTime
import Foundation
import Providers
import Synchronization
import Testing

@testable import CallRuntime

@Suite struct FailoverTests {
    // MARK: Breaker

    private final class TestClock: Sendable {
        private let base = ContinuousClock().now
        private let passed = Mutex(Duration.zero)
        func advance(_ duration: Duration) { passed.withLock { $0 += duration } }
        var now: ContinuousClock.Instant { base + passed.withLock { $0 } }
    }

    private let outage = ProviderError(provider: "v", kind: .unavailable, detail: "503", isRetryable: true)

    @Test func aBreakerOpensAfterThreeFailuresAndLetsOneTrialThrough() {
        let clock = TestClock()
        let breaker = CircuitBreaker { clock.now }
        for _ in 0..<2 { breaker.failed(outage) }
        #expect(breaker.mayTry())
        breaker.failed(outage)
        #expect(!breaker.mayTry())
        clock.advance(.seconds(6))
        #expect(breaker.mayTry())
        #expect(!breaker.mayTry(), "one trial at a time")
        breaker.failed(outage)
        clock.advance(.seconds(6))
        #expect(!breaker.mayTry(), "the rest has doubled")
        clock.advance(.seconds(5))
        #expect(breaker.mayTry())
        breaker.succeeded()
        #expect(breaker.mayTry())
        #expect(breaker.mayTry())
    }

    @Test func aRefusalThatNoRetryMendsOpensTheBreakerAtOnce() {
        let clock = TestClock()
        let breaker = CircuitBreaker { clock.now }
        breaker.failed(ProviderError(provider: "v", kind: .rejected, detail: "401"))
        #expect(!breaker.mayTry())
    }

    // MARK: Model

    private struct SilentModel: LanguageModel {
        let name = "silent"
        func reply(to request: ModelRequest) -> AsyncThrowingStream<ModelEvent, any Error> {
            AsyncThrowingStream { continuation in
                let task = Task {
                    try? await Task.sleep(for: .seconds(30)); continuation.finish()
                }
                continuation.onTermination = { _ in task.cancel() }
            }
        }
    }

    private let request = ModelRequest(
        instructions: "", messages: [.caller(text: "hi")], now: CivilDateTime("2026-03-02T09:00:00")!)

    private func events(_ chain: ModelChain) async throws -> [ModelEvent] {
        var events: [ModelEvent] = []
        for try await event in chain.reply(to: request) { events.append(event) }
        return events
    }

    @Test func aModelThatSaysNothingIsFollowedByTheNext() async throws {
        let chain = ModelChain([
            .init(SilentModel(), firstEvent: .milliseconds(20)),
            .init(StagedModel { _ in ["Hello."] }, firstEvent: .seconds(60)),
        ])
        let events = try await events(chain)
        let late = events.filter { if case .fellBack(let error) = $0 { error.kind == .timedOut } else { false } }
        #expect(late.count == 2, "it is asked twice")
        #expect(events.suffix(2) == [.text("Hello. "), .finished(.stop)])
    }

    @Test func aModelThatFailsInTheMiddleIsNotRepeatedByAnother() async {
        let broken = StagedModel { _ in ["Once upon", "fail"] }
        let chain = ModelChain([.init(broken), .init(StagedModel { _ in ["Hello."] }, firstEvent: .seconds(60))])
        var texts: [String] = []
        var failure: ProviderError?
        do {
            for try await event in chain.reply(to: request) { if case .text(let text) = event { texts.append(text) } }
        } catch {
            failure = error as? ProviderError
        }
        #expect(texts == ["Once ", "upon "])
        #expect(failure?.kind == .unavailable)
    }

    @Test func anOpenBreakerCostsNoTime() async throws {
        let clock = TestClock()
        let breaker = CircuitBreaker { clock.now }
        for _ in 0..<3 { breaker.failed(outage) }
        let chain = ModelChain([
            .init(SilentModel(), breaker: breaker, firstEvent: .seconds(30)),
            .init(StagedModel { _ in ["Hello."] }, firstEvent: .seconds(60)),
        ])
        #expect(try await events(chain) == [.text("Hello. "), .finished(.stop)])
    }

    // MARK: Voice

    /// Gives the first `words` words with their times, 800 samples each, and fails.
    private struct BreakingVoice: TextToSpeech {
        let name = "breaking"
        let words: Int
        func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<SpeechEvent, any Error> {
            AsyncThrowingStream { continuation in
                var offset = 0
                for (number, word) in request.text.split(separator: " ").prefix(words).enumerated() {
                    let range = offset..<offset + word.utf8.count
                    offset = range.upperBound + 1
                    continuation.yield(
                        .words([SpokenWord(textRange: range, samples: number * 800..<number * 800 + 800)]))
                    continuation.yield(.audio(.linear16([Int16](repeating: 9, count: 800))))
                }
                continuation.finish(throwing: ProviderError(provider: name, kind: .unavailable, detail: "gone"))
            }
        }
    }

    private final class ListeningVoice: TextToSpeech {
        let name = "listening"
        let asked = Shared<[String]>([])
        func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<SpeechEvent, any Error> {
            asked.change { $0.append(request.text) }
            return AsyncThrowingStream { continuation in
                continuation.yield(.words([SpokenWord(textRange: 0..<request.text.utf8.count, samples: 0..<100)]))
                continuation.yield(.audio(.linear16([Int16](repeating: 1, count: 100))))
                continuation.finish()
            }
        }
    }

    @Test func anotherVoiceGoesOnWhereTheFirstBrokeOff() async throws {
        let second = ListeningVoice()
        let chain = VoiceChain([.init(BreakingVoice(words: 2)), .init(second)])
        var samples = 0
        var words: [SpokenWord] = []
        for try await event in chain.synthesize(SpeechRequest(text: "one two three four")) {
            switch event {
            case .audio(let audio): samples += audio.sampleCount
            case .words(let told): words += told
            case .fellBack: break
            }
        }
        #expect(second.asked.value == ["three four"])
        #expect(samples == 1_700)
        #expect(words.last == SpokenWord(textRange: 8..<18, samples: 1_600..<1_700))
    }

    @Test func aVoiceWithoutAudioIsAFailedVoice() async throws {
        let second = ListeningVoice()
        let chain = VoiceChain([.init(BreakingVoice(words: 0)), .init(second)])
        for try await _ in chain.synthesize(SpeechRequest(text: "one two")) {}
        #expect(second.asked.value == ["one two"])
    }

    @Test func fixedLinesAreSynthesizedOnceAndKeptOnDisk() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lines-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let voice = ListeningVoice()
        let lines = FixedLines(voice, texts: ["Hello."], folder: folder, identity: "v1")
        await lines.prepare()
        var first: [SpeechEvent] = []
        for try await event in lines.synthesize(SpeechRequest(text: "Hello.")) { first.append(event) }
        for try await _ in lines.synthesize(SpeechRequest(text: "Something else.")) {}
        #expect(voice.asked.value == ["Hello.", "Something else."])
        // The next start finds them, under the same voice only.
        let later = FixedLines(voice, texts: ["Hello."], folder: folder, identity: "v1")
        var again: [SpeechEvent] = []
        for try await event in later.synthesize(SpeechRequest(text: "Hello.")) { again.append(event) }
        #expect(again == first)
        #expect(voice.asked.value.count == 2)
        let other = FixedLines(voice, texts: ["Hello."], folder: folder, identity: "v2")
        for try await _ in other.synthesize(SpeechRequest(text: "Hello.")) {}
        #expect(voice.asked.value.count == 3)
    }

    // MARK: Recogniser

    /// Never answers, or says that it failed.
    private struct DeafRecogniser: SpeechToText {
        let name = "deaf"
        var fails = false
        func open(
            _ configuration: SpeechToTextConfiguration, onEvent: @escaping @Sendable (TranscriptEvent) -> Void
        ) async throws(ProviderError) -> any SpeechToTextSession { Session(fails: fails, onEvent: onEvent) }

        struct Session: SpeechToTextSession {
            let fails: Bool
            let onEvent: @Sendable (TranscriptEvent) -> Void
            func push(_ audio: AudioPayload, at time: SampleTime) {}
            func expect(step: String?) {}
            func utteranceStarted(_ utterance: Int, onset: SampleTime) {}
            func finalize(_ utterance: Int, revision: Int, lastSpeech: SampleTime) {
                if fails { onEvent(.failed(ProviderError(provider: "deaf", kind: .unavailable, detail: "gone"))) }
            }
            func utteranceEnded(_ utterance: Int) {}
            func drained() async {}
            func close() async {}
        }
    }

    @Test(arguments: [true, false])
    func anUtteranceThatTheFirstRecogniserMissesIsHeardByTheSecond(fails: Bool) async throws {
        let heard = Shared<[TranscriptEvent]>([])
        let chain = RecogniserChain(
            DeafRecogniser(fails: fails), StagedRecogniser(["first", "second"]), patience: .milliseconds(30))
        let session = try await chain.open(SpeechToTextConfiguration()) { event in heard.change { $0.append(event) } }
        session.push(.muLaw([UInt8](repeating: 0xFF, count: 8_000)), at: .zero)
        session.utteranceStarted(2, onset: SampleTime(4_000))
        session.finalize(2, revision: 1, lastSpeech: SampleTime(7_000))
        session.utteranceEnded(2)
        await session.drained()
        await session.close()
        let finals = heard.value.compactMap { event -> Transcript? in
            if case .final(let transcript) = event { transcript } else { nil }
        }
        #expect(finals.map(\.text) == ["second"])
        #expect(finals.map(\.revision) == [1])
        #expect(heard.value.contains { if case .fellBack = $0 { true } else { false } })
    }
}
