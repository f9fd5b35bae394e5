import CallTime

/// A signal of the telephone network in the caller's audio. Times are samples at the detector's rate, to one hop.
public struct ToneEvent: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// A key of the keypad is down (ITU-T Q.23). Its `end` is how far it was heard.
        case keyPressed(ToneKey)
        case keyReleased(ToneKey)
        case call(CallTone)
        /// One steady tone of 150 ms to 3 s that is none of the others, and its end: an answering machine's beep.
        case beep(hertz: Int)
    }

    public let kind: Kind
    public let start: SampleTime
    public let end: SampleTime
    /// How many samples had been handed over when it was said.
    public let decided: SampleTime
}

/// What the network plays to a caller, by its frequencies and cadence (ITU-T E.180 and its supplement; ATIS-0600402).
public enum CallTone: String, Sendable, CaseIterable {
    /// 350 + 440 Hz, or 425 Hz without a break of its own.
    case dial
    /// 440 + 480 Hz for 2 s, or 425 Hz for 1 s.
    case ringback
    /// 480 + 620 Hz or 425 Hz, half a second on, half a second off, twice.
    case busy
    /// The same in quarters of a second.
    case congestion
    /// 950, 1,400 and 1,800 Hz one after another: the number cannot be reached.
    case specialInformation
    /// 1,100 Hz for half a second: a fax machine calls.
    case fax
}

/// A key: row and column of the keypad.
public struct ToneKey: Sendable, Hashable, CustomStringConvertible {
    let row: UInt8
    let column: UInt8

    /// `0` to `9`, `*`, `#`, `A` to `D`.
    public var character: Character { Self.characters[Int(row) * 4 + Int(column)] }
    public var description: String { String(character) }

    private static let characters = Array("123A456B789C*0#D")
}

/// The events of one hop: at most two. Lives in registers or on the stack.
public struct ToneEvents: Sendable, RandomAccessCollection {
    private var first: ToneEvent?
    private var second: ToneEvent?

    public var startIndex: Int { 0 }
    public var endIndex: Int { first == nil ? 0 : second == nil ? 1 : 2 }

    public subscript(index: Int) -> ToneEvent {
        precondition(index >= 0 && index < endIndex, "event \(index) of \(endIndex)")
        return (index == 0 ? first : second)!
    }

    mutating func append(_ event: ToneEvent) {
        if first == nil { first = event } else if second == nil { second = event }
    }
}
