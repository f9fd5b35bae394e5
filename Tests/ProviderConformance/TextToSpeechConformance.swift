import CallTime
import Providers

/// What every `TextToSpeech` must do. `violations()` is empty for one that does.
public struct TextToSpeechConformance: Sendable {
    public var voice: any TextToSpeech
    /// A sentence of several words, the first of which it must be possible to hear.
    public var text = "So that's Tuesday at 3:30 for Zoë. Is that right?"
    /// The same kind of voice in a state in which it cannot work, or a request it must refuse.
    public var failing: (voice: any TextToSpeech, request: SpeechRequest)?
    /// Whether the same text must give the same samples.
    public var isRepeatable = true
    /// Rates it must be able to speak at.
    public var sampleRates: [SampleRate] = [.narrowband, .wideband]
    /// Where it is known, a request whose reader has left must end; nil: this is not looked at.
    public var running: RunningCount?
    /// How long a request may go on after its reader has left.
    public var stopLimit: Duration = .seconds(20)
    /// What counts as never, per situation.
    public var limit: Duration = .seconds(60)

    public init(_ voice: any TextToSpeech) { self.voice = voice }

    public func violations() async -> [Violation] {
        var found = await Watchdog.watch(.normal, limit: limit, normal)
        found += await Watchdog.watch(.late, limit: limit, late)
        found += await Watchdog.watch(.empty, limit: limit, empty)
        found += await Watchdog.watch(.doubled, limit: limit, doubled)
        found += await Watchdog.watch(.outOfOrder, limit: limit, outOfOrder)
        found += await Watchdog.watch(.cancelled, limit: limit, cancelled)
        if let failing {
            found += await Watchdog.watch(.failing, limit: limit) {
                await StreamReading(failing.voice.synthesize(failing.request)).failureProblems(from: failing.voice.name)
            }
        }
        return found
    }

    // MARK: Situations

    /// Speech at every rate, of the same length in seconds.
    private func normal() async -> [String] {
        var found: [String] = []
        var seconds: [Double] = []
        for rate in sampleRates {
            let speech = await speak(text, rate)
            found += speech.problems(text, rate)
            if speech.samples.allSatisfy({ $0 == 0 }) { found.append("no sound at \(rate.hz) Hz") }
            seconds.append(Double(speech.samples.count) / Double(rate.hz))
        }
        if let shortest = seconds.min(), let longest = seconds.max(), longest > shortest * 1.1 {
            found.append("the rate changes the length: \(seconds) s")
        }
        return found
    }

    /// The reader comes when the speech may be long complete: nothing of it is lost.
    private func late() async -> [String] {
        let stream = voice.synthesize(SpeechRequest(text: text, sampleRate: sampleRates[0]))
        let meanwhile = await speak(text, sampleRates[0])
        return differences(Speech(await StreamReading(stream)), meanwhile, "a late reader")
    }

    /// Text without a word ends, with or without some silence, and without an error.
    private func empty() async -> [String] {
        var found: [String] = []
        for text in ["", " ", "..."] {
            let speech = await speak(text, sampleRates[0])
            found += speech.problems(text, sampleRates[0])
            if speech.samples.contains(where: { $0 != 0 }) { found.append("\"\(text)\" sounds") }
        }
        return found
    }

    private func doubled() async -> [String] {
        async let one = speak(text, sampleRates[0])
        async let two = speak(text, sampleRates[0])
        return differences(await one, await two, "the same request at the same time")
    }

    /// Streams that are read in the other order, and a text said after another.
    private func outOfOrder() async -> [String] {
        let first = await speak(text, sampleRates[0])
        let early = voice.synthesize(SpeechRequest(text: "Goodbye.", sampleRate: sampleRates[0]))
        let second = await speak(text, sampleRates[0])
        let crossed = Speech(await StreamReading(early))
        return crossed.problems("Goodbye.", sampleRates[0]) + differences(first, second, "another text in between")
    }

    /// Also, the next text does not suffer.
    private func cancelled() async -> [String] {
        let request = SpeechRequest(text: text, sampleRate: sampleRates[0])
        let leaving = await problemsOfLeaving({ voice.synthesize(request) }, running: running, limit: stopLimit)
        let next = await speak(text, sampleRates[0])
        return leaving + next.problems(text, sampleRates[0])
            + (next.samples.isEmpty ? ["after a cancelled text the next is not spoken"] : [])
    }

    // MARK: Parts

    private func speak(_ text: String, _ rate: SampleRate) async -> Speech {
        Speech(await StreamReading(voice.synthesize(SpeechRequest(text: text, sampleRate: rate))))
    }

    private func differences(_ one: Speech, _ other: Speech, _ cause: String) -> [String] {
        guard isRepeatable, one.samples != other.samples || one.words != other.words else { return [] }
        return ["\(cause) changed the speech: \(one.samples.count) and \(other.samples.count) samples"]
    }
}

/// One text's speech, put together.
struct Speech: Sendable {
    var samples: [Int] = []
    var words: [SpokenWord] = []
    var hasMuLaw = false
    private let ending: [String]

    init(_ reading: StreamReading<SpeechEvent>) {
        ending = reading.endProblems()
        for event in reading.events {
            switch event {
            case .audio(.linear16(let audio)): samples += audio.map(Int.init)
            case .audio(.muLaw(let bytes)):
                hasMuLaw = true
                // Both codes of zero are silence; what the others mean does not matter here.
                samples += bytes.map { $0 & 0x7F == 0x7F ? 0 : Int($0) }
            case .words(let words): self.words += words
            case .fellBack: break
            }
        }
    }

    func problems(_ text: String, _ rate: SampleRate) -> [String] {
        var found = ending
        if hasMuLaw, rate != .narrowband { found.append("mu-law at \(rate.hz) Hz") }
        let bytes = Array(text.utf8)
        for word in words {
            let (range, place) = (word.textRange, word.samples)
            if range.isEmpty || range.lowerBound < 0 || range.upperBound > bytes.count {
                found.append("a word at \(range) of \(bytes.count) bytes of text")
            } else if String(validating: bytes[range], as: UTF8.self) == nil {
                found.append("a word at \(range) cuts a character")
            }
            if place.lowerBound < 0 || place.upperBound > samples.count {
                found.append("a word at samples \(place) of \(samples.count)")
            }
        }
        for (word, next) in zip(words, words.dropFirst()) {
            if next.textRange.lowerBound < word.textRange.upperBound { found.append("words overlap in the text") }
            if next.samples.lowerBound < word.samples.lowerBound { found.append("words are out of order in the audio") }
        }
        return found
    }
}
