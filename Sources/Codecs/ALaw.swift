/// G.711 A-law, the codec of telephony outside North America and Japan (RTP payload type 8, PCMA).
///
/// One byte a sample, 8,000 a second. Every byte decodes; every sample encodes to the byte ITU-T G.711 gives it.
/// - Delay: none. Real time: no allocation but for the tables, once a process; `G711.prepareTables()` builds them early.
/// - Loss: SNR about 39 dB down to amplitude 1,000 (of 32,768), 23 dB at 100.
public enum ALaw {
    /// The byte of silence. It decodes to +8: A-law has no exact zero.
    public static let silence: UInt8 = 0xD5

    /// The sample of one byte, −32,256…32,256.
    public static func decode16(_ byte: UInt8) -> Int16 {
        let code = Int(byte ^ 0x55)
        let segment = (code >> 4) & 7
        let low = ((code & 0x0F) << 4) + 8
        let magnitude = segment == 0 ? low : (low + 256) << (segment - 1)
        return Int16(truncatingIfNeeded: code & 0x80 == 0 ? -magnitude : magnitude)
    }

    /// The sample of one byte, ±0.98 (`decode16` / 32,768).
    public static func decode(_ byte: UInt8) -> Float { G711.tables.aLawDecode[Int(byte)] }

    /// The byte of one sample.
    public static func encode(_ sample: Int16) -> UInt8 { G711.encodeALaw(sample, G711.tables.aLawEncode) }

    /// Decodes `source` into the beginning of `target`.
    ///
    /// - Precondition: `target` has room for as many samples as `source` has bytes.
    public static func decode(_ source: Span<UInt8>, into target: inout MutableSpan<Float>) {
        G711.decode(source, into: &target, table: G711.tables.aLawDecode)
    }

    /// Encodes samples of −1…1 into the beginning of `target`: clipped, rounded to 16 bits, then encoded.
    /// What is not a number becomes silence.
    ///
    /// - Precondition: `target` has room for as many bytes as `source` has samples.
    public static func encode(_ source: Span<Float>, into target: inout MutableSpan<UInt8>) {
        precondition(target.count >= source.count, "room for \(source.count) bytes needed, given \(target.count)")
        let table = G711.tables.aLawEncode
        // SAFETY: `target` is as long as `source` at least, by the precondition.
        for i in source.indices { target[unchecked: i] = G711.encodeALaw(G711.int16(source[i]), table) }
    }

    /// Encodes 16-bit samples into the beginning of `target`.
    ///
    /// - Precondition: `target` has room for as many bytes as `source` has samples.
    public static func encode(_ source: Span<Int16>, into target: inout MutableSpan<UInt8>) {
        precondition(target.count >= source.count, "room for \(source.count) bytes needed, given \(target.count)")
        let table = G711.tables.aLawEncode
        // SAFETY: `target` is as long as `source` at least, by the precondition.
        for i in source.indices { target[unchecked: i] = G711.encodeALaw(source[i], table) }
    }

    /// The seven low bits, before the exclusive or, of a 12-bit magnitude (ITU-T G.711, table 1a).
    static func magnitudeCode(_ magnitude: Int) -> UInt8 {
        guard magnitude >= 32 else { return UInt8(magnitude >> 1) }
        let segment = Int.bitWidth - 1 - magnitude.leadingZeroBitCount - 4
        return UInt8(segment << 4 | (magnitude >> segment) & 0x0F)
    }
}
