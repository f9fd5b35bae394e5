/// Base64 (RFC 4648, with `+` and `/`) straight from a message's bytes.
enum Base64 {
    /// 64 and above: no character of the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8.enumerated() {
            values[Int(character)] = UInt8(value)
        }
        return values
    }()

    /// nil when a character is none of the alphabet, or some are missing. Padding may be left out.
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var end = text.endIndex
        while end > text.startIndex, text.endIndex - end < 2, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        let count = end - text.startIndex
        guard count % 4 != 1 else { return nil }
        let byteCount = count / 4 * 3 + max(0, count % 4 - 1)
        var seen: UInt8 = 0
        let result = [UInt8](unsafeUninitializedCapacity: byteCount) { output, initialized in
            values.withUnsafeBufferPointer { values in
                text[..<end].withUnsafeBufferPointer { input in
                    // SAFETY: each round reads four of `count` input bytes and writes three of `byteCount` output bytes,
                    // which is what the two counts are made for; `values` has an element for every byte.
                    var (read, write) = (0, 0)
                    while read + 4 <= count {
                        let (a, b) = (values[Int(input[read])], values[Int(input[read + 1])])
                        let (c, d) = (values[Int(input[read + 2])], values[Int(input[read + 3])])
                        seen |= a | b | c | d
                        output[write] = a << 2 | b >> 4
                        output[write + 1] = b << 4 | c >> 2
                        output[write + 2] = c << 6 | d
                        read += 4
                        write += 3
                    }
                    if count - read >= 2 {
                        let (a, b) = (values[Int(input[read])], values[Int(input[read + 1])])
                        seen |= a | b
                        output[write] = a << 2 | b >> 4
                        if count - read == 3 {
                            let c = values[Int(input[read + 2])]
                            seen |= c
                            output[write + 1] = b << 4 | c >> 2
                        }
                    }
                }
            }
            initialized = byteCount
        }
        return seen < 64 ? result : nil
    }
}
