/// G.711 mu-law, the codec of North American and Japanese telephony (RTP payload type 0, PCMU).
///
/// One byte a sample, 8,000 a second. Every byte decodes; every sample encodes to the byte ITU-T G.711 gives it.
/// - Delay: none. Real time: no allocation but for the tables, once a process; `G711.prepareTables()` builds them early.
/// - Loss: SNR about 39 dB near full scale, 36 dB at amplitude 1,000, 29 dB at 100 (of 32,768).
public enum MuLaw {
    /// The byte of silence. Zero bytes are not silence but the loudest negative sample.
    public static let silence: UInt8 = 0xFF

    /// The sample of one byte, −32,124…32,124.
    public static func decode16(_ byte: UInt8) -> Int16 {
        let code = Int(~byte)
        let magnitude = (((code & 0x0F) << 3) + bias) << ((code >> 4) & 7) - bias
        return Int16(truncatingIfNeeded: code & 0x80 == 0 ? magnitude : -magnitude)
    }

    /// The sample of one byte, ±0.98 (`decode16` / 32,768).
    public static func decode(_ byte: UInt8) -> Float { G711.tables.muLawDecode[Int(byte)] }

    /// The byte of one sample. Magnitudes beyond 32,635 are clipped.
    public static func encode(_ sample: Int16) -> UInt8 { G711.encodeMuLaw(sample, G711.tables.muLawEncode) }

    /// Decodes `source` into the beginning of `target`.
    ///
    /// - Precondition: `target` has room for as many samples as `source` has bytes.
    public static func decode(_ source: Span<UInt8>, into target: inout MutableSpan<Float>) {
        G711.decode(source, into: &target, table: G711.tables.muLawDecode)
    }

    /// Encodes samples of −1…1 into the beginning of `target`: clipped, rounded to 16 bits, then encoded.
    /// What is not a number becomes silence.
    ///
    /// - Precondition: `target` has room for as many bytes as `source` has samples.
    public static func encode(_ source: Span<Float>, into target: inout MutableSpan<UInt8>) {
        precondition(target.count >= source.count, "room for \(source.count) bytes needed, given \(target.count)")
        let table = G711.tables.muLawEncode
        // SAFETY: `target` is as long as `source` at least, by the precondition.
        for i in source.indices { target[unchecked: i] = G711.encodeMuLaw(G711.int16(source[i]), table) }
    }

    /// Encodes 16-bit samples into the beginning of `target`.
    ///
    /// - Precondition: `target` has room for as many bytes as `source` has samples.
    public static func encode(_ source: Span<Int16>, into target: inout MutableSpan<UInt8>) {
        precondition(target.count >= source.count, "room for \(source.count) bytes needed, given \(target.count)")
        let table = G711.tables.muLawEncode
        // SAFETY: `target` is as long as `source` at least, by the precondition.
        for i in source.indices { target[unchecked: i] = G711.encodeMuLaw(source[i], table) }
    }

    static let bias = 132
    static let clip = 32_635

    /// The seven low bits, before inversion, of a magnitude that was clipped and biased (ITU-T G.711, table 2a).
    static func magnitudeCode(biased: Int) -> UInt8 {
        let exponent = Int.bitWidth - 1 - biased.leadingZeroBitCount - 7
        return UInt8(exponent << 4 | (biased >> (exponent + 3)) & 0x0F)
    }
}
