import AudioCore
import CallTime
import Codecs
import VoiceActivity

/// The caller's audio on its way in: put in order, decoded, listened to.
///
/// - Input: payloads with the stream place of their first sample, as a carrier stamps them: G.711 of any length, or
///   one Opus packet each.
/// - Output: the endpointer's events, and the audio without holes for a recogniser, through two closures that are
///   called before `push` returns.
/// - Holes: filled up to `longestHole` and counted. What was lost is concealed: it starts and ends nothing. A longer
///   jump is taken for a new beginning of the sender's clock: the stream goes on where it was.
/// - Late or doubled audio, and packets that cannot be decoded: dropped and counted. What is new of a G.711 payload
///   that overlaps is kept.
/// - Real time: allocates in `init` only; no lock, no wait. One thread at a time.
public struct InboundMedia: ~Copyable {
    public enum Codec: Sendable, Equatable {
        case muLaw, aLaw
        /// Decoded at 8,000 or 16,000 Hz, whatever the sender's own rate was.
        case opus(SampleRate)

        public var rate: SampleRate {
            if case .opus(let rate) = self { rate } else { .narrowband }
        }
    }

    /// Why there is no audio between the last payload and this one.
    public enum Missing: Sendable {
        /// It was lost on the way. A WebSocket carrier's holes are this, and a gap of sequence numbers.
        case lost
        /// The sender had nothing to send (DTX): the caller was silent, which may well end a turn.
        case silence
    }

    public struct Configuration: Sendable, Equatable {
        public var codec = Codec.muLaw
        public var detector = VoiceActivityDetector.Kind.learned
        public var endpointDelay = EndpointingProfile.balanced.endpointDelay
        /// Silence after which a turn may be over: the endpointer's `probableEndDelay`.
        public var probableEndDelay = Endpointer.Configuration().probableEndDelay
        /// Beyond this a jump of the sender's clock is not a loss. Five seconds is far above any burst that leaves a
        /// call usable.
        public var longestHole = Duration.seconds(5)
        public init() {}
    }

    /// Where a stretch of audio stands in the stream, and whether it was invented.
    public struct Place: Sendable, Equatable {
        public let time: SampleTime
        public let isConcealed: Bool
    }

    /// Takes the audio in order: the payload bytes (of Opus none) and the same as samples, −1…1.
    public typealias Tap = (_ payload: Span<UInt8>, _ samples: Span<Float>, _ place: Place) -> Void

    public let rate: SampleRate
    /// The place of the next sample; everything before it was handed on.
    public private(set) var next = SampleTime.zero
    public private(set) var lateSamples = 0
    public private(set) var concealedSamples = 0
    public private(set) var damagedPackets = 0
    public private(set) var clockJumps = 0

    private let codec: Codec
    private let longestHole: Int
    private var clockOffset = 0
    private var opus: OpusDecoder?
    private var detector: VoiceActivityDetector
    private var endpointer: Endpointer
    // SAFETY: allocated in init, freed in deinit, never shared; `hop` holds a detector hop, the others `blockLength`.
    private let hop: UnsafeMutablePointer<Float>
    private let block: UnsafeMutablePointer<Float>
    private let silence: UnsafeMutablePointer<UInt8>
    /// 120 ms: the longest Opus packet.
    private let blockLength: Int
    private var hopFilled = 0
    private var hopIsConcealed = false

    /// - Throws: `ConfigurationError` for an Opus rate other than 8 or 16 kHz, or an endpoint delay out of range.
    public init(_ configuration: Configuration = Configuration()) throws(ConfigurationError) {
        let rate = configuration.codec.rate
        var detection = VoiceActivityDetector.Configuration()
        detection.sampleRate = rate
        detection.kind = configuration.detector
        let detector = try VoiceActivityDetector(detection)
        var endpointing = Endpointer.Configuration()
        endpointing.sampleRate = rate
        let hopSamples = detector.hopSamples
        endpointing.hopSamples = hopSamples
        endpointing.endpointDelay = configuration.endpointDelay
        endpointing.probableEndDelay = configuration.probableEndDelay
        let endpointer = try Endpointer(endpointing)
        opus = try Self.decoder(configuration.codec)
        codec = configuration.codec
        self.rate = rate
        longestHole = rate.samples(in: configuration.longestHole)
        self.detector = detector
        self.endpointer = endpointer
        blockLength = rate.samples(in: .milliseconds(120))
        hop = .allocate(capacity: hopSamples)
        hop.initialize(repeating: 0, count: hopSamples)
        block = .allocate(capacity: blockLength)
        block.initialize(repeating: 0, count: blockLength)
        silence = .allocate(capacity: blockLength)
        silence.initialize(repeating: codec == .aLaw ? ALaw.silence : MuLaw.silence, count: blockLength)
    }

    private static func decoder(_ codec: Codec) throws(ConfigurationError) -> OpusDecoder? {
        guard case .opus(let rate) = codec else { return nil }
        return try OpusDecoder(sampleRateHz: rate.hz)
    }

    deinit {
        hop.deallocate()
        block.deallocate()
        silence.deallocate()
    }

    /// The silence that ends a turn; takes effect at once, also for a turn that may be over already.
    public var endpointDelay: Duration {
        get { endpointer.endpointDelay }
        set { endpointer.endpointDelay = newValue }
    }

    // MARK: In

    /// Takes the next payload, whose first sample the sender places at `time` (at this stream's `rate`).
    public mutating func push(
        _ payload: Span<UInt8>, at time: SampleTime, missing: Missing = .lost, tap: Tap,
        event: (EndpointEvent) -> Void
    ) {
        if payload.isEmpty { return }
        var hole = time.index &+ clockOffset &- next.index
        if hole > longestHole || hole < -longestHole {
            clockOffset = next.index &- time.index
            clockJumps += 1
            hole = 0
        }
        if hole > 0 { fill(hole, missing, tap, event) }
        let late = max(0, -hole)
        if case .opus = codec {
            takePacket(payload, isLate: late > 0, tap, event)
        } else {
            lateSamples += min(late, payload.count)
            var rest = payload.extracting(droppingFirst: min(late, payload.count))
            while !rest.isEmpty {
                let count = min(rest.count, blockLength)
                takeBytes(rest.extracting(first: count), isConcealed: false, tap, event)
                rest = rest.extracting(droppingFirst: count)
            }
        }
    }

    /// The stream is over: an utterance in progress ends here.
    public mutating func finish(event: (EndpointEvent) -> Void) {
        let events = endpointer.finish()
        for number in 0..<events.count { event(events[number]) }
    }

    // MARK: Decoding

    private mutating func takeBytes(
        _ bytes: Span<UInt8>, isConcealed: Bool, _ tap: Tap, _ event: (EndpointEvent) -> Void
    ) {
        var samples = UnsafeMutableBufferPointer(start: block, count: bytes.count).mutableSpan
        if codec == .aLaw { ALaw.decode(bytes, into: &samples) } else { MuLaw.decode(bytes, into: &samples) }
        handOn(bytes, count: bytes.count, isConcealed: isConcealed, tap, event)
    }

    private mutating func takePacket(
        _ packet: Span<UInt8>, isLate: Bool, _ tap: Tap, _ event: (EndpointEvent) -> Void
    ) {
        if isLate {
            if case .success(let count) = OpusDecoder.samples(in: packet, sampleRateHz: rate.hz) {
                lateSamples += count
            }
            return
        }
        var samples = UnsafeMutableBufferPointer(start: block, count: blockLength).mutableSpan
        switch opus?.decode(packet, into: &samples) {
        case .success(let count): handOn(Span(), count: count, isConcealed: false, tap, event)
        // It is a hole now; the next packet's place will show it.
        case .failure, nil: damagedPackets += 1
        }
    }

    private mutating func fill(
        _ hole: Int, _ missing: Missing, _ tap: Tap, _ event: (EndpointEvent) -> Void
    ) {
        let isConcealed = missing == .lost
        if isConcealed { concealedSamples += hole }
        var left = hole
        while left > 0 {
            let count = min(left, blockLength)
            if case .opus = codec {
                inventOpus(count)
                handOn(Span(), count: count, isConcealed: isConcealed, tap, event)
            } else {
                let bytes = UnsafeBufferPointer(start: silence, count: count).span
                takeBytes(bytes, isConcealed: isConcealed, tap, event)
            }
            left -= count
        }
    }

    /// libopus invents whole multiples of 2.5 ms; a remainder is silence.
    private mutating func inventOpus(_ count: Int) {
        let step = rate.hz / 400
        let whole = count / step * step
        var invented = 0
        if whole > 0 {
            var samples = UnsafeMutableBufferPointer(start: block, count: whole).mutableSpan
            if case .success(let made) = opus?.conceal(samples: whole, into: &samples) { invented = made }
        }
        for place in invented..<count { block[place] = 0 }
    }

    // MARK: Listening

    private mutating func handOn(
        _ payload: Span<UInt8>, count: Int, isConcealed: Bool, _ tap: Tap, _ event: (EndpointEvent) -> Void
    ) {
        tap(payload, UnsafeBufferPointer(start: block, count: count).span, Place(time: next, isConcealed: isConcealed))
        for place in 0..<count {
            hop[hopFilled] = block[place]
            hopFilled += 1
            hopIsConcealed = hopIsConcealed || isConcealed
            if hopFilled == detector.hopSamples { listen(event) }
        }
        next += count
    }

    private mutating func listen(_ event: (EndpointEvent) -> Void) {
        let frame = UnsafeBufferPointer(start: hop, count: hopFilled).span
        // Invented audio says nothing of the room: the detector does not hear it.
        let probability = hopIsConcealed ? 0 : detector.process(frame)
        let events = endpointer.process(
            probability: probability, levelOverFloorDB: detector.levelOverFloorDB, isConcealed: hopIsConcealed)
        for number in 0..<events.count { event(events[number]) }
        hopFilled = 0
        hopIsConcealed = false
    }
}
