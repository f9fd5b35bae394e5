/// An instant of one call: nanoseconds since the call's media clock began.
///
/// The clock is the caller's audio, so that instants of an 8 kHz stream are exact: a sample lasts 125,000 ns.
/// Inside the engine an instant always arrives as an argument; nothing there reads a wall clock.
public struct CallInstant: Sendable, Hashable, Comparable {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The instant at which sample `time` of a stream that began with the call begins.
    public init(_ time: SampleTime, at rate: SampleRate) {
        let (seconds, rest) = Int64(time.index).quotientAndRemainder(dividingBy: Int64(rate.hz))
        nanoseconds = seconds * 1_000_000_000 + rest * 1_000_000_000 / Int64(rate.hz)
    }

    public init(milliseconds: Int64) { nanoseconds = milliseconds * 1_000_000 }

    public static let start = CallInstant(nanoseconds: 0)

    /// The sample that sounds at this instant in a stream that began with the call (rounded down).
    public func sampleTime(at rate: SampleRate) -> SampleTime {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return SampleTime(Int(seconds * Int64(rate.hz) + rest * Int64(rate.hz) / 1_000_000_000))
    }

    /// Seconds since the call began, for people and files; the engine computes with `nanoseconds`.
    public var seconds: Double { Double(nanoseconds) / 1e9 }

    public static func < (a: CallInstant, b: CallInstant) -> Bool { a.nanoseconds < b.nanoseconds }
    public static func + (instant: CallInstant, duration: Duration) -> CallInstant {
        CallInstant(nanoseconds: instant.nanoseconds + duration.nanoseconds)
    }
    public static func - (instant: CallInstant, duration: Duration) -> CallInstant {
        CallInstant(nanoseconds: instant.nanoseconds - duration.nanoseconds)
    }
    public static func - (a: CallInstant, b: CallInstant) -> Duration {
        .nanoseconds(a.nanoseconds - b.nanoseconds)
    }
}

extension Duration {
    /// The duration in whole nanoseconds (rounded towards zero).
    public var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }

    /// The duration in milliseconds, for people and files.
    public var milliseconds: Double { Double(nanoseconds) / 1e6 }
}

extension CallInstant: CustomStringConvertible {
    /// Seconds with three decimals: `12.345`.
    public var description: String {
        let milliseconds = nanoseconds / 1_000_000
        let fraction = String(abs(milliseconds % 1_000))
        let sign = milliseconds < 0 && milliseconds > -1_000 ? "-" : ""
        return sign + "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
