import CallTime

/// A sentence or clause on its way to the caller: the unit of synthesis and of playout.
public struct Segment: Sendable, Equatable {
    /// Unique in the call, ascending in the order of playout.
    public var id: Int
    /// The agent's turn it belongs to.
    public var turn: Int
    public var text: String

    public init(id: Int, turn: Int, text: String) {
        self.id = id
        self.turn = turn
        self.text = text
    }
}

/// How far playout has come: a segment, and how many samples of its synthesized audio were played.
public struct PlayoutPosition: Sendable, Equatable {
    public var segment: Int
    public var sample: Int

    public init(segment: Int, sample: Int) {
        self.segment = segment
        self.sample = sample
    }
}

/// Where one word stands in a segment's text (UTF-8 offsets) and in its audio (samples).
public struct WordTime: Sendable, Equatable {
    public var text: Range<Int>
    public var samples: Range<Int>

    public init(text: Range<Int>, samples: Range<Int>) {
        self.text = text
        self.samples = samples
    }
}

/// A segment with what is known of its audio, so that "how much of it was heard" has an answer.
struct SpokenSegment: Sendable, Equatable {
    var segment: Segment
    var words: [WordTime] = []
    /// All of its audio in samples; nil until synthesis has ended.
    var sampleCount: Int?
    var wasPlayed = false
    var audioHasArrived = false
    var wasRetried = false
    /// The caller may not talk over it.
    var isProtected = false
    /// It says what we are.
    var isDisclosure = false

    /// The words of the text played through their middle by `sample`, with what stands before them.
    ///
    /// A word counts from its middle on: less is not understood, and a listener completes more.
    func heardText(upTo sample: Int, rate: SampleRate) -> String {
        guard let last = wordTimes(rate).last(where: { ($0.samples.lowerBound + $0.samples.upperBound) / 2 <= sample })
        else { return "" }
        return String(decoding: Array(segment.text.utf8)[..<last.text.upperBound], as: UTF8.self)
    }

    /// The sample at which the word begins that was being said at `sample`; there speech resumes.
    func resumeSample(from sample: Int, rate: SampleRate) -> Int {
        wordTimes(rate).last(where: { $0.samples.lowerBound <= sample })?.samples.lowerBound ?? 0
    }

    /// The words' places as the voice told them, or else spread over the audio by their length in characters.
    private func wordTimes(_ rate: SampleRate) -> [WordTime] {
        if !words.isEmpty { return words }
        let ranges = Self.wordRanges(in: segment.text)
        let characters = ranges.reduce(0) { $0 + $1.count + 1 }
        guard characters > 0 else { return [] }
        let samples = sampleCount ?? characters * rate.hz / Self.charactersPerSecond
        var times: [WordTime] = []
        var passed = 0
        for range in ranges {
            let begin = samples * passed / characters
            passed += range.count + 1
            times.append(WordTime(text: range, samples: begin..<(samples * passed / characters)))
        }
        return times
    }

    /// Read English at an ordinary pace: about 150 words a minute, six characters a word with its space.
    private static let charactersPerSecond = 15

    static func wordRanges(in text: String) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var begin: Int?
        var offset = 0
        for byte in text.utf8 {
            if byte == 0x20 || byte == 0x0A || byte == 0x09 {
                if let first = begin { ranges.append(first..<offset) }
                begin = nil
            } else if begin == nil {
                begin = offset
            }
            offset += 1
        }
        if let first = begin { ranges.append(first..<offset) }
        return ranges
    }
}
