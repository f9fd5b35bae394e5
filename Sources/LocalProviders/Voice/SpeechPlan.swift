import CallTime
import Providers

/// What of a voice's raw wave is kept, and where its words lie then. Samples are at the voice's own rate.
///
/// Known before the first sample is shaped: flite times every segment before it makes sound.
struct SpeechPlan: Equatable, Sendable {
    /// What is left of the pause before the first word: room for its onset.
    static let leadIn: Duration = .milliseconds(40)
    /// A pause between words keeps its first and its last part.
    static let longestInnerPause: Duration = .milliseconds(240)
    /// What is left of the pause after the last word.
    static let leadOut: Duration = .milliseconds(100)

    /// Ranges of the raw wave, in order, without overlap; what lies between them is cut out.
    var kept: [Range<Int>]
    /// The words, on the kept samples put end to end.
    var words: [Providers.SpokenWord]

    /// - Parameters:
    ///   - words: The speech of each word in seconds of the raw wave, in order.
    ///   - pauses: The pauses in seconds, in order.
    ///   - lead: How much earlier than these times the wave sounds.
    init(
        words: [(text: Range<Int>, seconds: Range<Float>)], pauses: [Range<Float>], rate: SampleRate,
        lead: Duration = .zero
    ) {
        let earlier = rate.samples(in: lead)
        func samples(_ seconds: Range<Float>) -> Range<Int> {
            let begin = max(0, Int((seconds.lowerBound * Float(rate.hz)).rounded()) - earlier)
            return begin..<max(begin, Int((seconds.upperBound * Float(rate.hz)).rounded()) - earlier)
        }
        kept = []
        self.words = []
        guard let first = words.first, let last = words.last else { return }
        let speech = samples(first.seconds).lowerBound..<samples(last.seconds).upperBound
        kept = Self.kept(speech: speech, pauses: pauses.map(samples), rate: rate)
        for word in words {
            let place = samples(word.seconds)
            let begin = kept.position(of: place.lowerBound)
            let end = kept.position(of: place.upperBound)
            self.words.append(Providers.SpokenWord(textRange: word.text, samples: begin..<max(begin, end)))
        }
    }

    private static func kept(speech: Range<Int>, pauses: [Range<Int>], rate: SampleRate) -> [Range<Int>] {
        var kept: [Range<Int>] = []
        var begin = max(0, speech.lowerBound - rate.samples(in: leadIn))
        let half = rate.samples(in: longestInnerPause) / 2
        for pause in joined(pauses)
        where pause.lowerBound > speech.lowerBound && pause.upperBound < speech.upperBound && pause.count > 2 * half {
            kept.append(begin..<(pause.lowerBound + half))
            begin = pause.upperBound - half
        }
        kept.append(begin..<(speech.upperBound + rate.samples(in: leadOut)))
        return kept
    }

    /// Pauses that touch are one.
    private static func joined(_ pauses: [Range<Int>]) -> [Range<Int>] {
        var joined: [Range<Int>] = []
        for pause in pauses {
            if let last = joined.last, last.upperBound >= pause.lowerBound {
                joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, pause.upperBound)
            } else {
                joined.append(pause)
            }
        }
        return joined
    }
}

extension [Range<Int>] {
    /// Where raw sample `index` lies once the ranges are put end to end.
    fileprivate func position(of index: Int) -> Int {
        var position = 0
        for range in self {
            if index < range.lowerBound { return position }
            if index <= range.upperBound { return position + index - range.lowerBound }
            position += range.count
        }
        return position
    }
}
