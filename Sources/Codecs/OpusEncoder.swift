import COpus
import CallTime

/// Encodes mono samples as one stream of Opus packets.
///
/// - Input: frames of 2.5, 5, 10, 20, 40 or 60 ms, −1…1, at one of Opus' rates.
/// - Output: one packet a frame, one byte at least; with DTX, silence gives packets of one or two bytes, which need
///   not be sent (`isInDTX`).
/// - Delay: `lookaheadSamples`, 6.5 ms.
/// - Real time: allocates in `init` only.
public struct OpusEncoder: ~Copyable, @unchecked Sendable {
    public struct Configuration: Sendable, Equatable {
        /// 8,000, 12,000, 16,000, 24,000 or 48,000.
        public var sampleRateHz = 16_000
        /// 6,000…510,000. RFC 7587 §3.1.1 names 16–20 kbit/s for wideband speech; we keep a reserve for FEC.
        public var bitsPerSecond = 24_000
        /// 0…10, cost against quality. 5 is our choice, between libopus' 9 and the 0 of small devices.
        public var complexity = 5
        /// Each packet carries a coarse copy of the one before, in the share `expectedLossPercent` calls for.
        public var inBandFEC = true
        /// 0…100. At 0 no copy is sent.
        public var expectedLossPercent = 5
        /// Sends next to nothing in silence. Off: most telephone peers expect a steady stream.
        public var discontinuous = false
        public init() {}
    }

    /// Any packet of up to 60 ms fits: three frames of at most 1,275 bytes and their header (RFC 6716 §3.2).
    public static let largestPacketBytes = 4_000

    // SAFETY: as for `OpusDecoder`.
    private let state: OpaquePointer
    public let configuration: Configuration
    /// How far the stream lags behind its input, in samples: what a player skips at the beginning.
    public let lookaheadSamples: Int

    public init(_ configuration: Configuration) throws(ConfigurationError) {
        try Self.validate(configuration)
        var code: Int32 = 0
        let created = opus_encoder_create(Int32(configuration.sampleRateHz), 1, OPUS_APPLICATION_VOIP, &code)
        let state = try Opus.created(created, code: code, field: "opus encoder")
        self.state = state
        self.configuration = configuration
        var lookahead: Int32 = 0
        // Every value was validated above, so that libopus has nothing left to refuse.
        _ = parley_opus_encoder_set_bitrate(state, Int32(configuration.bitsPerSecond))
        _ = parley_opus_encoder_set_complexity(state, Int32(configuration.complexity))
        _ = parley_opus_encoder_set_inband_fec(state, configuration.inBandFEC ? 1 : 0)
        _ = parley_opus_encoder_set_packet_loss_percent(state, Int32(configuration.expectedLossPercent))
        _ = parley_opus_encoder_set_dtx(state, configuration.discontinuous ? 1 : 0)
        _ = parley_opus_encoder_set_signal_voice(state)
        _ = parley_opus_encoder_get_lookahead(state, &lookahead)
        lookaheadSamples = Int(lookahead)
    }

    deinit { opus_encoder_destroy(state) }

    /// Encodes one frame into the beginning of `packet`.
    ///
    /// - Returns: the packet's length in bytes. A `packet` smaller than the bit rate asks for costs quality, not an
    ///   error; `largestPacketBytes` never costs any.
    public mutating func encode(
        _ frame: Span<Float>, into packet: inout MutableSpan<UInt8>
    ) -> Result<Int, OpusError> {
        guard isFrameLength(frame.count) else { return .failure(.unsupportedLength(samples: frame.count)) }
        guard packet.count > 0 else { return .failure(.outputTooSmall(needed: 1, given: 0)) }
        let room = Int32(min(packet.count, Self.largestPacketBytes))
        let result = frame.withUnsafeBufferPointer { samples in
            packet.withUnsafeMutableBufferPointer { out in
                // SAFETY: `samples` is a whole frame, `out` has at least `room` bytes.
                opus_encode_float(state, samples.baseAddress!, Int32(samples.count), out.baseAddress!, room)
            }
        }
        return result > 0 ? .success(Int(result)) : .failure(.library(code: result))
    }

    /// Whether the last packet was silence that need not be sent (DTX).
    public var isInDTX: Bool {
        var on: Int32 = 0
        _ = parley_opus_encoder_get_in_dtx(state, &on)
        return on != 0
    }

    /// Tells the encoder what loss the peer reports, 0…100 (others are brought into that range): FEC follows it.
    public mutating func setExpectedLoss(percent: Int) {
        _ = parley_opus_encoder_set_packet_loss_percent(state, Int32(min(max(percent, 0), 100)))
    }

    /// Forgets the past: the next frame is encoded like the first after `init`. Settings stay.
    public mutating func reset() { _ = parley_opus_encoder_reset(state) }

    private func isFrameLength(_ samples: Int) -> Bool {
        let step = configuration.sampleRateHz / 400
        guard samples % step == 0 else { return false }
        switch samples / step {
        case 1, 2, 4, 8, 16, 24: return true
        default: return false
        }
    }

    private static func validate(_ c: Configuration) throws(ConfigurationError) {
        try Opus.validated(sampleRateHz: c.sampleRateHz, channels: 1)
        try check("bitsPerSecond", c.bitsPerSecond, in: 6_000...510_000)
        try check("complexity", c.complexity, in: 0...10)
        try check("expectedLossPercent", c.expectedLossPercent, in: 0...100)
    }

    private static func check(_ field: String, _ value: Int, in range: ClosedRange<Int>) throws(ConfigurationError) {
        guard range.contains(value) else {
            throw ConfigurationError(
                field: field, given: "\(value)", allowed: "\(range.lowerBound)...\(range.upperBound)")
        }
    }
}
