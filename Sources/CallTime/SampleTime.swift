/// A place in one audio stream: the index of a sample, counted from the stream's first.
///
/// It says nothing of the rate; whoever holds one knows the stream it belongs to. `CallInstant(_:at:)`
/// turns it into an instant of the call.
public struct SampleTime: Sendable, Hashable, Comparable, BitwiseCopyable {
    public var index: Int

    public init(_ index: Int) { self.index = index }

    public static let zero = SampleTime(0)

    public static func < (a: SampleTime, b: SampleTime) -> Bool { a.index < b.index }
    public static func + (time: SampleTime, samples: Int) -> SampleTime { SampleTime(time.index + samples) }
    public static func - (time: SampleTime, samples: Int) -> SampleTime { SampleTime(time.index - samples) }
    /// The number of samples from `b` to `a`.
    public static func - (a: SampleTime, b: SampleTime) -> Int { a.index - b.index }
    public static func += (time: inout SampleTime, samples: Int) { time.index += samples }
}

extension SampleTime: CustomStringConvertible {
    public var description: String { "#\(index)" }
}
