import CallTime
import Providers

/// Times of single characters, as one message of a voice has them.
struct CharacterTimes: Equatable {
    var characters: [String] = []
    /// From the message's own beginning.
    var startsMs: [Double] = []
    var durationsMs: [Double] = []

    /// nil when the value is no object with three lists of one length.
    init?(_ scanner: inout JSONScanner) throws(JSONScanner.Broken) {
        guard try scanner.next() == UInt8(ascii: "{") else { return nil }
        try scanner.object { (json, name) throws(JSONScanner.Broken) in
            guard try json.next() == UInt8(ascii: "[") else {
                _ = try json.skip()
                return
            }
            switch name {
            case "chars", "characters":
                try json.array { (json) throws(JSONScanner.Broken) in self.characters.append(try json.string() ?? "") }
            // Two spellings of both are on the wire and in the vendor's own texts.
            case "charStartTimesMs", "charsStartTimesMs":
                try json.array { (json) throws(JSONScanner.Broken) in self.startsMs.append(try json.number() ?? 0) }
            case "charDurationsMs", "charsDurationsMs":
                try json.array { (json) throws(JSONScanner.Broken) in self.durationsMs.append(try json.number() ?? 0) }
            default: try json.skip()
            }
        }
        guard !characters.isEmpty, characters.count == startsMs.count, characters.count == durationsMs.count else {
            return nil
        }
    }

    var endMs: Double { startsMs[startsMs.count - 1] + durationsMs[durationsMs.count - 1] }
}

/// Makes words with places in text and audio out of characters with times, message by message.
///
/// Each message's times begin at 0. They count from that message's own audio where they are about as long as it, and
/// otherwise from where the times before them ended. A word that a message's end cuts is given with the next.
struct AlignedWords {
    private struct TextWord {
        var range: Range<Int>
        var letters: [UInt8]
    }

    /// How far ahead in the text a word is looked for, where some were spoken otherwise than written.
    private static let reach = 4
    /// Times may differ from the audio beside them by this much, or by a quarter, and still belong to it.
    private static let slackMs = 100.0

    private let rate: SampleRate
    private let words: [TextWord]
    private var cursor = 0
    private var endMs = 0.0
    private var open: (text: [UInt8], samples: Range<Int>)?
    private var missingCharacters: Int

    init(text: String, rate: SampleRate) {
        self.rate = rate
        var words: [TextWord] = []
        var place = 0
        for part in text.split(omittingEmptySubsequences: false, whereSeparator: \.isWhitespace) {
            let start = text.utf8.distance(from: text.startIndex, to: part.startIndex)
            place = start + part.utf8.count
            if !part.isEmpty { words.append(TextWord(range: start..<place, letters: Self.letters(Array(part.utf8)))) }
        }
        self.words = words
        missingCharacters = text.count { !$0.isWhitespace }
    }

    /// Every character of the text has had its time.
    var isComplete: Bool { missingCharacters <= 0 }

    /// - Parameter audio: The samples that came with the times.
    mutating func add(_ times: CharacterTimes, audio: Range<Int>) -> [SpokenWord] {
        let audioMs = Double(audio.count) * 1_000 / Double(rate.hz)
        let isOfAudio = audio.count > 0 && abs(times.endMs - audioMs) <= max(Self.slackMs, audioMs / 4)
        let offsetMs = isOfAudio ? Double(audio.lowerBound) * 1_000 / Double(rate.hz) : endMs
        let limit = isOfAudio ? audio.upperBound : Int.max
        endMs = offsetMs + max(0, times.endMs)
        var spoken: [SpokenWord] = []
        for (place, character) in times.characters.enumerated() {
            if character.allSatisfy(\.isWhitespace) {
                close(into: &spoken)
                continue
            }
            missingCharacters -= 1
            let start = min(limit, samples(offsetMs + times.startsMs[place]))
            let end = min(limit, samples(offsetMs + times.startsMs[place] + times.durationsMs[place]))
            let first = open?.samples.lowerBound ?? start
            open = ((open?.text ?? []) + Array(character.utf8), first..<max(first, end))
        }
        return spoken
    }

    /// No more comes.
    mutating func finish() -> [SpokenWord] {
        var spoken: [SpokenWord] = []
        close(into: &spoken)
        return spoken
    }

    private mutating func close(into spoken: inout [SpokenWord]) {
        guard let word = open else { return }
        open = nil
        let letters = Self.letters(word.text)
        let ahead = cursor..<min(words.count, cursor + Self.reach)
        guard let place = ahead.first(where: { words[$0].letters == letters }) else { return }
        cursor = place + 1
        spoken.append(SpokenWord(textRange: words[place].range, samples: word.samples))
    }

    /// Letters and digits in small letters, as words are compared; of a word without any, everything.
    private static func letters(_ bytes: [UInt8]) -> [UInt8] {
        let text = String(decoding: bytes, as: UTF8.self)
        let letters = text.lowercased().filter { $0.isLetter || $0.isNumber }
        return letters.isEmpty ? bytes : Array(letters.utf8)
    }

    private func samples(_ ms: Double) -> Int {
        let samples = (ms * Double(rate.hz) / 1_000).rounded()
        return samples > 0 && samples < 1e12 ? Int(samples) : 0
    }
}
