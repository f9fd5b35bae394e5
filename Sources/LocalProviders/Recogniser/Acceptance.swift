import Glibc

/// Whether a grammar's path is good enough to be believed.
///
/// A grammar always finds something: "banana" is "the eleventh" where dates are expected. What tells is how much worse
/// its path scores than the best sequence of phones whatever, frame by frame. A path of the right words costs little,
/// often less than nothing (its phones are the context's own, the loop's are not); wrong words cost more, and at least
/// one of them costs a lot.
enum Acceptance {
    struct Fit: Sendable, Equatable {
        /// 0...1; 0.5 at the limit.
        var confidence: Double
        /// Loss a frame over all of the path plus `worstWeight` times that of its worst segment.
        var loss: Double

        var isAccepted: Bool { loss < Acceptance.limit }
    }

    /// The largest at which none of five grammars accepts more than 5 % wrongly, on one half of the utterances of
    /// Benchmarks/recogniser.md; its figures are those of the other half.
    static let limit = 14.0
    static let worstWeight = 0.3
    /// Segments of less than 80 ms are not judged on their own: the borders are too uncertain.
    static let leastFrames = 8
    /// Loss by which the odds of being right change e-fold; only for show.
    private static let confidenceSlope = 4.0

    /// Silences count too: a silence laid over speech is the most frequent way to fit what does not belong.
    static func fit(of path: DecodedPath, against phones: DecodedPath?) -> Fit {
        guard let phones, let end = path.segments.last?.frames.upperBound else {
            return Fit(confidence: 0, loss: .infinity)
        }
        let best = runningScores(phones, frames: end)
        var sum = 0.0
        var frames = 0
        var worst = 0.0
        for segment in path.segments {
            let count = segment.frames.count
            let loss = best[segment.frames.upperBound] - best[segment.frames.lowerBound] - Double(segment.score)
            sum += loss
            frames += count
            if count >= leastFrames { worst = max(worst, loss / Double(count)) }
        }
        let loss = sum / Double(max(1, frames)) + worstWeight * worst
        return Fit(confidence: 1 / (1 + exp((loss - limit) / confidenceSlope)), loss: loss)
    }

    /// The phone loop's score before each frame, each segment's spread evenly over its frames.
    private static func runningScores(_ phones: DecodedPath, frames: Int) -> [Double] {
        var scores = [Double](repeating: 0, count: frames + 1)
        for segment in phones.segments {
            let each = Double(segment.score) / Double(segment.frames.count)
            for frame in segment.frames where frame < frames { scores[frame + 1] = each }
        }
        for frame in 1..<(frames + 1) { scores[frame] += scores[frame - 1] }
        return scores
    }
}
