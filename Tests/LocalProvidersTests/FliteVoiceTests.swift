import CallTime
import Glibc
import Providers
import Testing

@testable import LocalProviders

@Suite struct FliteVoiceTests {
    private struct Spoken: Equatable {
        var samples: [Int16] = []
        var words: [Providers.SpokenWord] = []
        var chunks = 0
        var wordsCameFirst = false
    }

    private func speak(_ text: String, voice: String = "", rate: SampleRate = .narrowband) async throws -> Spoken {
        var spoken = Spoken()
        let request = SpeechRequest(text: text, voice: voice, sampleRate: rate)
        for try await event in try FliteVoice().synthesize(request) {
            switch event {
            case .fellBack: break
            case .words(let words):
                spoken.words = words
                spoken.wordsCameFirst = spoken.samples.isEmpty
            case .audio(.linear16(let samples)):
                spoken.samples += samples
                spoken.chunks += 1
            case .audio(.muLaw): Issue.record("flite speaks linear samples")
            }
        }
        return spoken
    }

    @Test(arguments: FliteVoice.voiceNames)
    func theSameTextGivesTheSameSamples(voice: String) async throws {
        let text = "You're booked for Tuesday the tenth at half past three."
        let first = try await speak(text, voice: voice)
        #expect(try await speak("Something else in between.", voice: voice) != first)
        #expect(try await speak(text, voice: voice) == first)
    }

    @Test func manyTasksAtOnceGetTheSameSamples() async throws {
        let alone = try await speak("One moment, please.")
        try await withThrowingTaskGroup(of: Spoken.self) { group in
            for _ in 0..<12 { group.addTask { try await speak("One moment, please.") } }
            for try await spoken in group { #expect(spoken == alone) }
        }
    }

    @Test func everyWordHasItsPlaceInTheTextAndInTheAudio() async throws {
        let text = "So that's Tuesday, at 3:30 for Anna Miller."
        let spoken = try await speak(text)
        #expect(spoken.wordsCameFirst)
        let words = spoken.words.map { String(decoding: Array(text.utf8)[$0.textRange], as: UTF8.self) }
        #expect(words == ["So", "that's", "Tuesday,", "at", "3:30", "for", "Anna", "Miller."])
        for (one, next) in zip(spoken.words, spoken.words.dropFirst()) {
            #expect(one.samples.upperBound <= next.samples.lowerBound)
        }
        #expect(spoken.words.allSatisfy { $0.samples.count > 200 && $0.samples.upperBound <= spoken.samples.count })
    }

    @Test func nothingIsSoundingBeforeTheFirstWord() async throws {
        let spoken = try await speak("Hello there.")
        let first = try #require(spoken.words.first).samples.lowerBound
        #expect(spoken.samples[..<max(0, first - 160)].allSatisfy { abs(Int($0)) < 300 })
    }

    @Test func audioComesInChunksOfAHundredMilliseconds() async throws {
        let spoken = try await speak("This is a sentence of a few seconds, cut into pieces.")
        #expect(spoken.chunks == (spoken.samples.count + 799) / 800)
        #expect(spoken.samples.count > 16_000)
    }

    @Test(arguments: [8_000, 16_000, 24_000])
    func theAskedRateChangesTheCountNotTheLength(hz: Int) async throws {
        let narrow = try await speak("Good morning.")
        let spoken = try await speak("Good morning.", rate: SampleRate(hz: hz))
        let seconds = Double(spoken.samples.count) / Double(hz)
        #expect(abs(seconds - Double(narrow.samples.count) / 8_000) < 0.02)
        #expect(spoken.words.count == 2)
    }

    @Test(arguments: ["", "   ", "...", "-- !?"])
    func textWithoutAWordIsSilentlyNothing(text: String) async throws {
        #expect(try await speak(text) == Spoken())
    }

    @Test(arguments: FliteVoice.voiceNames)
    func everyVoiceSpeaksAtTheSameLevelAndNeverClips(voice: String) async throws {
        var active: [Double] = []
        for text in ["The appointment is at nine.", "Oh no! All of our usual oils are awful.", "Shall I connect you?"] {
            let samples = try await speak(text, voice: voice).samples
            #expect(samples.allSatisfy { abs(Int($0)) < 32_767 })
            let levels = stride(from: 0, to: samples.count - 160, by: 160).map { begin in
                samples[begin..<(begin + 160)].reduce(0.0) { $0 + Double($1) * Double($1) } / 160
            }
            let loudest = try #require(levels.max())
            active += levels.filter { $0 > loudest / 316 }
        }
        let level = 10 * log10(active.reduce(0, +) / Double(active.count) / (32_768 * 32_768))
        #expect((-22.5 ... -17.5).contains(level), "\(voice) speaks at \(level) dBFS")
    }

    @Test(arguments: FliteVoice.voiceNames)
    func wordsLieWhereTheyAreHeard(voice: String) async throws {
        let spoken = try await speak("Yes. Six, seven.", voice: voice)
        #expect(spoken.words.count == 3)
        // Between two words parted by a pause it is quiet, and each word has a loud place.
        for (one, next) in zip(spoken.words, spoken.words.dropFirst()) {
            let middle = (one.samples.upperBound + next.samples.lowerBound) / 2
            let quiet = spoken.samples[(middle - 120)..<(middle + 120)].map { abs(Int($0)) }.max() ?? 0
            let loud = spoken.samples[one.samples].map { abs(Int($0)) }.max() ?? 0
            #expect(quiet * 8 < loud, "\(voice): \(quiet) between words, \(loud) within")
        }
    }

    @Test func thePauseAtTheEndIsATenthOfASecond() async throws {
        let spoken = try await speak("Thank you. Goodbye.")
        let last = try #require(spoken.words.last)
        #expect((700...800).contains(spoken.samples.count - last.samples.upperBound))
        #expect(try #require(spoken.words.first).samples.lowerBound == 320)
    }

    @Test func aTextTooLongToBeSpokenAtOnceIsRefused() async throws {
        await #expect(throws: ProviderError.self) { try await speak(String(repeating: "word ", count: 900)) }
    }

    @Test(arguments: FliteVoice.voiceNames)
    func nothingIsMadeOnceNobodyWantsMore(voice: String) async throws {
        let request = SpeechRequest(text: "One two three four five six seven eight nine ten.", voice: voice)
        let delivered = try await withCheckedThrowingContinuation { continuation in
            FliteLibrary.queue.async {
                var events = 0
                continuation.resume(
                    with: Result {
                        try FliteReading(request).speak { _ in
                            events += 1
                            return events < 3
                        }
                        return events
                    })
            }
        }
        #expect(delivered == 3)
    }

    @Test func anUnknownVoiceIsRefusedWithTheNamesOfTheKnownOnes() async throws {
        #expect(throws: ProviderError.self) { _ = try FliteVoice(voice: "elvis") }
        do {
            _ = try await speak("Hello.", voice: "elvis")
            Issue.record("it spoke")
        } catch let error as ProviderError {
            #expect(error.description.contains("kal, kal16, slt, rms, awb"))
        }
    }

    @Test func whoStopsListeningIsNotSpokenTo() async throws {
        var heard = 0
        for try await event in try FliteVoice().synthesize(SpeechRequest(text: "One two three four five six.")) {
            if case .audio = event { heard += 1 }
            if heard == 1 { break }
        }
        #expect(heard == 1)
        #expect(try await speak("Hello there.").chunks > 1)
    }
}
