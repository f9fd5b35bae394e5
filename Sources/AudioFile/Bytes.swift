/// Numbers in file headers. Offsets are the caller's to keep inside the array.
extension [UInt8] {
    func little16(_ offset: Int) -> UInt16 { UInt16(self[offset]) | UInt16(self[offset + 1]) << 8 }
    func little32(_ offset: Int) -> UInt32 { UInt32(little16(offset)) | UInt32(little16(offset + 2)) << 16 }
    func little64(_ offset: Int) -> UInt64 { UInt64(little32(offset)) | UInt64(little32(offset + 4)) << 32 }
    func big32(_ offset: Int) -> UInt32 { little32(offset).byteSwapped }
    func big64(_ offset: Int) -> UInt64 { little64(offset).byteSwapped }

    /// Four bytes as ASCII; bytes beyond it become the replacement character.
    func text(_ offset: Int) -> String { String(decoding: self[offset..<offset + 4], as: UTF8.self) }

    /// The four bytes of a 32-bit number, little-endian.
    init(little32 value: Int) { self = (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
    /// The four bytes of a 32-bit number, big-endian.
    init(big32 value: Int) { self = [UInt8](little32: value).reversed() }
}
