/// What both laws of G.711 share: their tables and the loops over them.
///
/// The decoding tables hold a sample for each byte. The encoding tables hold the code of a 12-bit magnitude: no rule
/// of either law looks at the lowest three bits of (biased) 16-bit input, so 4,096 bytes stand for 65,536 inputs and
/// stay in the first-level cache.
public enum G711 {
    /// Builds the tables now (10 KB, microseconds) rather than at the first frame. Any thread; any number of times.
    public static func prepareTables() { _ = tables }

    static let tables = Tables()

    struct Tables: @unchecked Sendable {
        // SAFETY: written in `init`, before anyone can see them, read for ever after, never freed.
        let muLawDecode: UnsafePointer<Float>
        let aLawDecode: UnsafePointer<Float>
        let muLawEncode: UnsafePointer<UInt8>
        let aLawEncode: UnsafePointer<UInt8>

        init() {
            muLawDecode = Self.table(256) { Float(MuLaw.decode16(UInt8($0))) / 32_768 }
            aLawDecode = Self.table(256) { Float(ALaw.decode16(UInt8($0))) / 32_768 }
            // Below the bias no input can fall; those entries only keep the index simple.
            muLawEncode = Self.table(4_096) { MuLaw.magnitudeCode(biased: max($0 << 3, MuLaw.bias)) }
            aLawEncode = Self.table(4_096) { ALaw.magnitudeCode($0) }
        }

        private static func table<T: BitwiseCopyable>(_ count: Int, _ entry: (Int) -> T) -> UnsafePointer<T> {
            let table = UnsafeMutablePointer<T>.allocate(capacity: count)
            for i in 0..<count { (table + i).initialize(to: entry(i)) }
            return UnsafePointer(table)
        }
    }

    static func decode(_ source: Span<UInt8>, into target: inout MutableSpan<Float>, table: UnsafePointer<Float>) {
        precondition(target.count >= source.count, "room for \(source.count) samples needed, given \(target.count)")
        // `unchecked`: the precondition covers every index, a byte is always below 256.
        for i in source.indices { target[unchecked: i] = table[Int(source[unchecked: i])] }
    }

    @inline(__always)
    static func encodeMuLaw(_ sample: Int16, _ table: UnsafePointer<UInt8>) -> UInt8 {
        let x = Int(sample)  // −32,768 has no magnitude in 16 bits
        let sign: UInt8 = x < 0 ? 0x80 : 0
        return ~(sign | table[(min(abs(x), MuLaw.clip) + MuLaw.bias) >> 3])
    }

    @inline(__always)
    static func encodeALaw(_ sample: Int16, _ table: UnsafePointer<UInt8>) -> UInt8 {
        let x = Int(sample)
        let sign: UInt8 = x < 0 ? 0 : 0x80
        return (sign | table[(x ^ (x >> 63)) >> 3]) ^ 0x55
    }

    /// −1…1 to 16 bits: scaled by 32,768, rounded to nearest (ties to even), clipped; 0 for what is not a number.
    @inline(__always)
    static func int16(_ sample: Float) -> Int16 {
        let scaled = sample * 32_768
        guard scaled == scaled else { return 0 }
        // Adding and taking away 1.5 · 2^23 rounds as the processor adds: SSE2 has no rounding instruction.
        let rounded = (max(-32_768, min(32_767, scaled)) + 12_582_912) - 12_582_912
        return Int16(truncatingIfNeeded: Int32(rounded))
    }
}
