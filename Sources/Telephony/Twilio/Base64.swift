/// Base64 of RFC 4648, section 4, straight between text and bytes.
///
/// - Decoding: with or without padding; white space, the URL alphabet and a lone last character are errors.
/// - Real time: linear; `decode` allocates only when `bytes` has to grow.
enum Base64 {
    /// Decodes `text[range]` in place of what `bytes` held.
    ///
    /// - Throws: `badBase64` with the offset of the first character that cannot be.
    static func decode(_ text: Span<UInt8>, _ range: Range<Int>, into bytes: inout [UInt8]) throws(TwilioMessageError) {
        var end = range.upperBound
        if range.count % 4 == 0, range.count >= 4 {
            if text[end - 1] == pad { end -= 1 }
            if text[end - 1] == pad, end == range.upperBound - 1 { end -= 1 }
        }
        let length = end - range.lowerBound
        guard length % 4 != 1 else { throw TwilioMessageError(.badBase64, at: end - 1) }
        resize(&bytes, to: length / 4 * 3 + (length % 4 == 0 ? 0 : length % 4 - 1))
        let table = values.span
        var target = bytes.mutableSpan
        var place = range.lowerBound
        var written = 0
        while place + 4 <= end {
            let a = table[Int(text[place])]
            let b = table[Int(text[place + 1])]
            let c = table[Int(text[place + 2])]
            let d = table[Int(text[place + 3])]
            // Values are below 64; what is not of the alphabet is above.
            guard a | b | c | d < 64 else { throw failure(from: place, text) }
            target[written] = a << 2 | b >> 4
            target[written + 1] = b << 4 | c >> 2
            target[written + 2] = c << 6 | d
            place += 4
            written += 3
        }
        guard place < end else { return }
        let a = table[Int(text[place])]
        let b = table[Int(text[place + 1])]
        let c = place + 2 < end ? table[Int(text[place + 2])] : 0
        guard a | b | c < 64 else { throw failure(from: place, text) }
        target[written] = a << 2 | b >> 4
        if place + 2 < end { target[written + 1] = b << 4 | c >> 2 }
    }

    /// Appends the text of `bytes`, padded.
    static func append(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
        let table = alphabet.span
        var place = 0
        while place + 3 <= bytes.count {
            let (a, b, c) = (bytes[place], bytes[place + 1], bytes[place + 2])
            text.append(table[Int(a >> 2)])
            text.append(table[Int((a & 0x03) << 4 | b >> 4)])
            text.append(table[Int((b & 0x0F) << 2 | c >> 6)])
            text.append(table[Int(c & 0x3F)])
            place += 3
        }
        guard place < bytes.count else { return }
        let a = bytes[place]
        let b = place + 1 < bytes.count ? bytes[place + 1] : 0
        text.append(table[Int(a >> 2)])
        text.append(table[Int((a & 0x03) << 4 | b >> 4)])
        text.append(place + 1 < bytes.count ? table[Int((b & 0x0F) << 2)] : pad)
        text.append(pad)
    }

    private static let pad = UInt8(ascii: "=")
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    /// What each byte stands for; 255 if nothing.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// Kept from reallocating: messages of one stream are of one size, so that this does nothing for all but the first.
    private static func resize(_ bytes: inout [UInt8], to count: Int) {
        if bytes.count > count { bytes.removeLast(bytes.count - count) }
        while bytes.count < count { bytes.append(0) }
    }

    private static func failure(from start: Int, _ text: Span<UInt8>) -> TwilioMessageError {
        var place = start
        while place < text.count - 1, values[Int(text[place])] < 64 { place += 1 }
        return TwilioMessageError(.badBase64, at: place)
    }
}
