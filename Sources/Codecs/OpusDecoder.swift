import COpus
import CallTime

/// Decodes one stream of Opus packets to mono samples, and covers for the lost ones.
///
/// - Input: one Opus packet a call (the payload of one RTP packet), of 2.5 to 120 ms, from any encoder: mono or
///   stereo (mixed down), any band. Hostile bytes are an error value.
/// - Output: samples of about −1…1 at the rate given to `init`, whatever rate the sender used.
/// - Delay: the encoder's look-ahead (`OpusEncoder.lookaheadSamples`); the decoder adds none.
/// - Real time: allocates in `init` only. One stream, one decoder: its state is the stream's past.
public struct OpusDecoder: ~Copyable, @unchecked Sendable {
    // SAFETY: `state` is this value's alone (noncopyable), libopus keeps no state elsewhere: it may change threads.
    private let state: OpaquePointer
    public let sampleRateHz: Int

    /// The longest packet in samples: room for so many always suffices.
    public var longestPacketSamples: Int { sampleRateHz / 1_000 * Opus.longestPacketMilliseconds }

    /// - Parameters:
    ///   - sampleRateHz: 8,000, 12,000, 16,000, 24,000 or 48,000.
    ///   - channels: 1; telephone legs are mono.
    public init(sampleRateHz: Int, channels: Int = 1) throws(ConfigurationError) {
        try Opus.validated(sampleRateHz: sampleRateHz, channels: channels)
        var code: Int32 = 0
        let created = opus_decoder_create(Int32(sampleRateHz), Int32(channels), &code)
        state = try Opus.created(created, code: code, field: "opus decoder")
        self.sampleRateHz = sampleRateHz
    }

    deinit { opus_decoder_destroy(state) }

    /// Decodes `packet` into the beginning of `target`.
    ///
    /// - Returns: how many samples; or why none. After an error the decoder goes on with the next packet.
    public mutating func decode(
        _ packet: Span<UInt8>, into target: inout MutableSpan<Float>
    ) -> Result<Int, OpusError> {
        switch Self.samples(in: packet, sampleRateHz: sampleRateHz) {
        case .failure(let error): return .failure(error)
        case .success(let needed) where needed > target.count:
            return .failure(.outputTooSmall(needed: needed, given: target.count))
        case .success(let needed): return run(packet, samples: needed, recovery: false, into: &target)
        }
    }

    /// Recovers the packet lost just before `next` from the coarse copy that `next` may carry (in-band FEC).
    /// Then decode `next` itself. Without a copy the loss is concealed: one call serves both.
    ///
    /// - Parameter samples: the missing time, a multiple of 2.5 ms, at most 120 ms, filled into `target` exactly.
    public mutating func decodeFEC(
        from next: Span<UInt8>, samples: Int, into target: inout MutableSpan<Float>
    ) -> Result<Int, OpusError> {
        if case .failure(let error) = Self.samples(in: next, sampleRateHz: sampleRateHz) { return .failure(error) }
        if let error = lengthError(samples, room: target.count) { return .failure(error) }
        return run(next, samples: samples, recovery: true, into: &target)
    }

    /// Invents `samples` of audio in place of what was lost: the last sound, fading.
    ///
    /// - Parameter samples: the missing time, a multiple of 2.5 ms, at most 120 ms, filled into `target` exactly.
    public mutating func conceal(samples: Int, into target: inout MutableSpan<Float>) -> Result<Int, OpusError> {
        if let error = lengthError(samples, room: target.count) { return .failure(error) }
        let result = target.withUnsafeMutableBufferPointer { out in
            // SAFETY: `out` has room for `samples`; a null packet is libopus' way of saying "lost".
            opus_decode_float(state, nil, 0, out.baseAddress!, Int32(samples), 0)
        }
        return Self.outcome(result)
    }

    /// Forgets the past: the next packet is decoded like the first after `init`. For a restarted stream.
    public mutating func reset() { _ = parley_opus_decoder_reset(state) }

    /// How many samples at `sampleRateHz` the packet holds, without decoding it.
    ///
    /// - Precondition: `sampleRateHz` is one of Opus' rates.
    public static func samples(in packet: Span<UInt8>, sampleRateHz: Int) -> Result<Int, OpusError> {
        precondition(Opus.runs(atHz: sampleRateHz), "not a rate of Opus: \(sampleRateHz) Hz")
        guard !packet.isEmpty else { return .failure(.emptyPacket) }
        guard let length = Int32(exactly: packet.count) else { return .failure(.invalidPacket) }
        let count = packet.withUnsafeBufferPointer { bytes in
            opus_packet_get_nb_samples(bytes.baseAddress!, length, Int32(sampleRateHz))
        }
        return count > 0 ? .success(Int(count)) : .failure(.invalidPacket)
    }

    private mutating func run(
        _ packet: Span<UInt8>, samples: Int, recovery: Bool, into target: inout MutableSpan<Float>
    ) -> Result<Int, OpusError> {
        let result = packet.withUnsafeBufferPointer { bytes in
            target.withUnsafeMutableBufferPointer { out in
                // SAFETY: `bytes` is not empty (checked by `samples(in:)`), `out` has room for `samples`.
                opus_decode_float(
                    state, bytes.baseAddress!, Int32(bytes.count), out.baseAddress!, Int32(samples), recovery ? 1 : 0)
            }
        }
        return Self.outcome(result)
    }

    private func lengthError(_ samples: Int, room: Int) -> OpusError? {
        let step = sampleRateHz / 400
        guard samples > 0, samples % step == 0, samples <= longestPacketSamples else {
            return .unsupportedLength(samples: samples)
        }
        return samples > room ? .outputTooSmall(needed: samples, given: room) : nil
    }

    private static func outcome(_ result: Int32) -> Result<Int, OpusError> {
        if result >= 0 { return .success(Int(result)) }
        return .failure(result == OPUS_INVALID_PACKET ? .invalidPacket : .library(code: result))
    }
}
