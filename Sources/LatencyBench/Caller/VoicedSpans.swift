import AudioCore
import CallTime
import Codecs

/// Where one side of a call was audible: runs of 10 ms frames above −45 dBFS RMS, on the call's sample clock (8 kHz).
///
/// Frames are counted from where a piece of audio begins, so that speech played at an odd sample is found at that
/// sample and not at the next multiple of 10 ms.
public struct VoicedSpans: Sendable, Equatable {
    /// 10 ms.
    public static let frame = 80
    public static let thresholdDBFS: Float = -45

    /// In order, apart from each other.
    public private(set) var spans: [Range<Int>] = []
    private var begin = 0
    private var pending: [UInt8] = []

    public init() {}

    /// Takes mu-law audio that sounds from sample `start` on. What follows the last without a gap continues its frames.
    ///
    /// - Precondition: `start` is not before the end of what was taken.
    public mutating func append(_ audio: some Collection<UInt8>, at start: Int) {
        precondition(start >= begin + pending.count, "audio at \(start), taken up to \(begin + pending.count)")
        if start > begin + pending.count {
            finish()
            begin = start
        }
        pending.append(contentsOf: audio)
        var place = 0
        while pending.count - place >= Self.frame {
            judge(pending[place..<place + Self.frame])
            place += Self.frame
        }
        pending.removeFirst(place)
    }

    /// The last frame, shorter than the others, is judged as it is.
    public mutating func finish() {
        if !pending.isEmpty { judge(pending[...]) }
        pending = []
    }

    /// The end of the last audible frame.
    public var lastEnd: Int? { spans.last?.upperBound }

    /// The first audible sample at `sample` or later.
    public func firstVoiced(since sample: Int) -> Int? {
        // Only the newest are asked for.
        var found: Int?
        for span in spans.reversed() {
            guard span.upperBound > sample else { break }
            found = max(span.lowerBound, sample)
        }
        return found
    }

    private mutating func judge(_ frame: ArraySlice<UInt8>) {
        let range = begin..<begin + frame.count
        begin = range.upperBound
        guard Self.isVoiced(frame) else { return }
        if let last = spans.last, last.upperBound == range.lowerBound {
            spans[spans.count - 1] = last.lowerBound..<range.upperBound
        } else {
            spans.append(range)
        }
    }

    /// Whether mu-law samples are above the threshold together.
    public static func isVoiced(_ frame: some Collection<UInt8>) -> Bool {
        guard !frame.isEmpty else { return false }
        var sum: Float = 0
        for byte in frame { sum += squares[Int(byte)] }
        return sum / Float(frame.count) > threshold
    }

    private static let threshold = Levels.meanSquare(dBFS: thresholdDBFS)
    private static let squares: [Float] = (0...255).map { code in
        let sample = MuLaw.decode(UInt8(code))
        return sample * sample
    }
}
