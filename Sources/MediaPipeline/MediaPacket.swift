import CallTime

/// One payload on its way from the thread that reads the network to the one that listens: a fixed slot of a ring.
///
/// G.711 of up to 20 ms, or an Opus packet of up to `capacity` bytes; longer G.711 payloads are cut by the sender.
public struct MediaPacket: BitwiseCopyable, Sendable {
    /// Bytes a slot holds: 20 ms of Opus at 128 kbit/s, twice 20 ms of G.711.
    public static let capacity = 320

    /// The stream place of its first sample.
    public var time: SampleTime
    public private(set) var count: Int
    private var bytes: InlineArray<320, UInt8>

    /// nil when the payload is longer than a slot.
    public init?(_ payload: Span<UInt8>, at time: SampleTime) {
        guard payload.count <= Self.capacity else { return nil }
        self.time = time
        count = payload.count
        bytes = InlineArray(repeating: 0)
        for place in payload.indices { bytes[place] = payload[place] }
    }

    /// Calls `body` with the payload.
    public func withPayload<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        body(bytes.span.extracting(first: count))
    }
}
