/// The last 64 hops of a value for each band.
struct BandHistory: ~Copyable, Sendable {
    typealias Bands = SIMD16<Float>

    static let capacity = 64
    private let rows = Scratch(count: 16 * capacity)
    private var newest = 0

    mutating func append(_ bands: Bands) {
        newest = (newest + 1) & (Self.capacity - 1)
        // SAFETY: `newest` is under the capacity, a row has 16 values of 4 bytes.
        UnsafeMutableRawPointer(rows.floats.baseAddress!).storeBytes(
            of: bands, toByteOffset: 64 * newest, as: Bands.self)
    }

    /// What was appended `back` hops before the newest.
    @inline(__always)
    func callAsFunction(_ back: Int) -> Bands {
        // SAFETY: as above.
        UnsafeRawPointer(rows.floats.baseAddress!).loadUnaligned(
            fromByteOffset: 64 * ((newest - back) & (Self.capacity - 1)), as: Bands.self)
    }

    mutating func clear() { rows.floats.update(repeating: 0) }
}
