/// Walks over one JSON text and takes out what is wanted, without building a tree of the rest.
///
/// A member that nobody asks for is passed over by counting brackets and minding strings; its grammar is not judged.
/// What is truncated is found: every walk that meets the end of the text throws.
struct JSONScanner {
    struct Broken: Error {}

    private let bytes: [UInt8]
    private var index: Int
    private let end: Int

    init(_ bytes: [UInt8]) { self.init(bytes, bytes.indices) }

    /// Looks at a part of `bytes` only.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        precondition(range.upperBound <= bytes.count, "\(range) of \(bytes.count) bytes")
        self.bytes = bytes
        index = range.lowerBound
        end = range.upperBound
    }

    /// Whether `text` is one JSON value and nothing else.
    static func isWhole(_ text: String) -> Bool {
        var scanner = JSONScanner(Array(text.utf8))
        do throws(Broken) {
            try scanner.skip()
            try scanner.expectEnd()
            return true
        } catch { return false }
    }

    // MARK: Structure

    /// The first byte of the value that comes, which says what it is.
    mutating func next() throws(Broken) -> UInt8 {
        while index < end {
            let byte = bytes[index]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            index += 1
        }
        throw Broken()
    }

    /// Nothing but white space is left.
    mutating func expectEnd() throws(Broken) {
        if (try? next()) != nil { throw Broken() }
    }

    /// Calls `member` with each name; it must take the value or `skip` it.
    mutating func object(_ member: (inout JSONScanner, Name) throws(Broken) -> Void) throws(Broken) {
        try expect("{")
        if try next() == UInt8(ascii: "}") {
            index += 1
            return
        }
        while true {
            let name = try stringRange()
            try expect(":")
            try member(&self, Name(bytes: bytes, range: name.range))
            let byte = try next()
            index += 1
            if byte == UInt8(ascii: "}") { return }
            if byte != UInt8(ascii: ",") { throw Broken() }
        }
    }

    /// Calls `element` before each element; it must take the value or `skip` it.
    mutating func array(_ element: (inout JSONScanner) throws(Broken) -> Void) throws(Broken) {
        try expect("[")
        if try next() == UInt8(ascii: "]") {
            index += 1
            return
        }
        while true {
            try element(&self)
            let byte = try next()
            index += 1
            if byte == UInt8(ascii: "]") { return }
            if byte != UInt8(ascii: ",") { throw Broken() }
        }
    }

    // MARK: Values

    /// Passes over one value of any kind; where it stood.
    @discardableResult
    mutating func skip() throws(Broken) -> Range<Int> {
        let first = try next()
        let start = index
        switch first {
        case UInt8(ascii: "\""): _ = try stringRange()
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            var depth = 0
            repeat {
                guard index < end else { throw Broken() }
                switch bytes[index] {
                case UInt8(ascii: "\""):
                    _ = try stringRange()
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
                index += 1
            } while depth > 0
        default:
            while index < end, !Self.endsLiteral(bytes[index]) { index += 1 }
            let literal = bytes[start..<index]
            guard let byte = literal.first,
                byte == 0x2D || (0x30...0x39).contains(byte)
                    || literal.elementsEqual("true".utf8) || literal.elementsEqual("false".utf8)
                    || literal.elementsEqual("null".utf8)
            else { throw Broken() }
        }
        return start..<index
    }

    /// A string's text; nil for a value of another kind, which is passed over.
    mutating func string() throws(Broken) -> String? {
        guard try next() == UInt8(ascii: "\"") else {
            try skip()
            return nil
        }
        let (range, hasEscapes) = try stringRange()
        return hasEscapes
            ? String(decoding: try unescaped(range), as: UTF8.self) : String(decoding: bytes[range], as: UTF8.self)
    }

    /// Where a string's bytes lie between its quotes; nil for a value of another kind, which is passed over.
    mutating func rawString() throws(Broken) -> (range: Range<Int>, hasEscapes: Bool)? {
        guard try next() == UInt8(ascii: "\"") else {
            try skip()
            return nil
        }
        return try stringRange()
    }

    /// nil for a value of another kind, which is passed over.
    mutating func number() throws(Broken) -> Double? {
        let range = try skip()
        var value = 0.0
        for byte in bytes[range] {
            // Times and counts are small whole numbers: no need of a general parser.
            guard (0x30...0x39).contains(byte) else { return Double(String(decoding: bytes[range], as: UTF8.self)) }
            value = value * 10 + Double(byte - 0x30)
        }
        return value
    }

    /// Nil for a value that is neither `true` nor `false`, which is passed over.
    mutating func bool() throws(Broken) -> Bool? {
        let range = try skip()
        return switch bytes[range.lowerBound] {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: nil
        }
    }

    /// The bytes of a value as they stand in the text.
    mutating func raw() throws(Broken) -> String { String(decoding: bytes[try skip()], as: UTF8.self) }

    // MARK: Strings

    /// A member's name as it stands in the text: names with escapes match nothing, and nobody sends them.
    struct Name {
        fileprivate let bytes: [UInt8]
        fileprivate let range: Range<Int>

        var text: String { String(decoding: bytes[range], as: UTF8.self) }

        static func ~= (wanted: StaticString, name: Name) -> Bool {
            guard wanted.utf8CodeUnitCount == name.range.count else { return false }
            // SAFETY: a static string's code units live as long as the process; the offsets are below their count.
            let start = wanted.utf8Start
            for (offset, index) in name.range.enumerated() where start[offset] != name.bytes[index] { return false }
            return true
        }
    }

    private mutating func stringRange() throws(Broken) -> (range: Range<Int>, hasEscapes: Bool) {
        try expect("\"")
        let start = index
        var hasEscapes = false
        while index < end {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                index += 1
                return (start..<index - 1, hasEscapes)
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                index += 1
            }
            index += 1
        }
        throw Broken()
    }

    /// The bytes that a string with escapes stands for. A lone surrogate becomes U+FFFD.
    func unescaped(_ range: Range<Int>) throws(Broken) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var place = range.lowerBound
        while place < range.upperBound {
            let byte = bytes[place]
            place += 1
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            guard place < range.upperBound else { throw Broken() }
            let escape = bytes[place]
            place += 1
            switch escape {
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(escape)
            case UInt8(ascii: "u"):
                var code = UInt32(try hexadecimal(at: &place, range.upperBound))
                if (0xD800..<0xDC00).contains(code), place + 1 < range.upperBound, bytes[place] == UInt8(ascii: "\\"),
                    bytes[place + 1] == UInt8(ascii: "u")
                {
                    var after = place + 2
                    let low = UInt32(try hexadecimal(at: &after, range.upperBound))
                    if (0xDC00..<0xE000).contains(low) {
                        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                        place = after
                    }
                }
                result += Array(String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
            default: throw Broken()
            }
        }
        return result
    }

    private func hexadecimal(at place: inout Int, _ limit: Int) throws(Broken) -> UInt16 {
        guard place + 4 <= limit,
            let code = UInt16(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
        else { throw Broken() }
        place += 4
        return code
    }

    private mutating func expect(_ wanted: Unicode.Scalar) throws(Broken) {
        guard try next() == UInt8(ascii: wanted) else { throw Broken() }
        index += 1
    }

    private static func endsLiteral(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"): true
        default: false
        }
    }
}
