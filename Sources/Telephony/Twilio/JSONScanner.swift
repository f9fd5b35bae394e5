/// Walks over JSON text without building a tree: who calls it asks for the members it knows and skips the rest.
///
/// The text is given with every call, so that nothing is copied and nothing outlives it. Every call either moves forward
/// or throws; nesting is bounded by `deepest`.
struct JSONScanner {
    typealias Failure = TwilioMessageError

    /// How many objects and arrays may lie within each other.
    static let deepest = 16

    /// A string of the text, between its quotes.
    struct Token: Equatable {
        var start: Int
        var end: Int
        /// Whether a backslash occurs, so that the text is not what the string says.
        var isEscaped: Bool

        var count: Int { end - start }
    }

    /// What a member of an object holds, as far as one looks at it.
    enum Value {
        case string(Token)
        /// As written.
        case number(Token)
        case bool(Bool)
        case null
    }

    /// The offset of the next byte.
    private(set) var place = 0
    private var depth = 0
    /// Whether the object or array just opened has had no member yet.
    private var isFresh = false

    init() {}

    // MARK: Objects and arrays

    /// Enters an object. Its members follow by `nextKey` until that returns nil.
    mutating func openObject(_ text: Span<UInt8>) throws(Failure) {
        try open(UInt8(ascii: "{"), text)
    }

    /// The next key of the object entered last; nil at its end, which leaves it. The value must be read or skipped.
    mutating func nextKey(_ text: Span<UInt8>) throws(Failure) -> Token? {
        guard try hasNext(until: UInt8(ascii: "}"), text) else { return nil }
        let key = try string(text)
        skipSpace(text)
        try expect(UInt8(ascii: ":"), text)
        return key
    }

    mutating func openArray(_ text: Span<UInt8>) throws(Failure) {
        try open(UInt8(ascii: "["), text)
    }

    /// Whether the array entered last has one more element; false leaves it. The element must be read or skipped.
    mutating func nextElement(_ text: Span<UInt8>) throws(Failure) -> Bool {
        try hasNext(until: UInt8(ascii: "]"), text)
    }

    /// Nothing but white space may follow.
    mutating func end(_ text: Span<UInt8>) throws(Failure) {
        skipSpace(text)
        if place < text.count { throw Failure(.malformed, at: place) }
    }

    private mutating func open(_ bracket: UInt8, _ text: Span<UInt8>) throws(Failure) {
        skipSpace(text)
        guard place < text.count, text[place] == bracket else { throw Failure(.malformed, at: place) }
        guard depth < Self.deepest else { throw Failure(.tooDeep, at: place) }
        place += 1
        depth += 1
        isFresh = true
    }

    private mutating func hasNext(until bracket: UInt8, _ text: Span<UInt8>) throws(Failure) -> Bool {
        skipSpace(text)
        guard place < text.count else { throw Failure(.malformed, at: place) }
        if text[place] == bracket {
            place += 1
            depth -= 1
            isFresh = false
            return false
        }
        if !isFresh {
            try expect(UInt8(ascii: ","), text)
            skipSpace(text)
        }
        isFresh = false
        return true
    }

    // MARK: Values

    /// The next byte that is not white space; nil at the end.
    mutating func peek(_ text: Span<UInt8>) -> UInt8? {
        skipSpace(text)
        return place < text.count ? text[place] : nil
    }

    /// Reads a value that is neither object nor array; those throw `wrongType`.
    mutating func value(_ text: Span<UInt8>) throws(Failure) -> Value {
        switch peek(text) {
        case UInt8(ascii: "\""): return .string(try string(text))
        case UInt8(ascii: "t"):
            try literal("true", text)
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false", text)
            return .bool(false)
        case UInt8(ascii: "n"):
            try literal("null", text)
            return .null
        case UInt8(ascii: "{"), UInt8(ascii: "["): throw Failure(.wrongType, at: place)
        default: return .number(try number(text))
        }
    }

    /// Passes over one value of any kind, which must be well formed all the same.
    mutating func skip(_ text: Span<UInt8>) throws(Failure) {
        switch peek(text) {
        case UInt8(ascii: "{"):
            try openObject(text)
            while try nextKey(text) != nil { try skip(text) }
        case UInt8(ascii: "["):
            try openArray(text)
            while try nextElement(text) { try skip(text) }
        default: _ = try value(text)
        }
    }

    /// A string. Escapes are checked when it is unescaped, not here.
    private mutating func string(_ text: Span<UInt8>) throws(Failure) -> Token {
        try expect(UInt8(ascii: "\""), text)
        let start = place
        var isEscaped = false
        while place < text.count {
            let byte = text[place]
            if byte == UInt8(ascii: "\"") {
                place += 1
                return Token(start: start, end: place - 1, isEscaped: isEscaped)
            }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                place += 1
            } else if byte < 0x20 {
                throw Failure(.malformed, at: place)
            }
            place += 1
        }
        throw Failure(.malformed, at: text.count)
    }

    private mutating func number(_ text: Span<UInt8>) throws(Failure) -> Token {
        let start = place
        if place < text.count, text[place] == UInt8(ascii: "-") { place += 1 }
        try digits(text)
        if place < text.count, text[place] == UInt8(ascii: ".") {
            place += 1
            try digits(text)
        }
        if place < text.count, text[place] | 0x20 == UInt8(ascii: "e") {
            place += 1
            if place < text.count, text[place] == UInt8(ascii: "+") || text[place] == UInt8(ascii: "-") { place += 1 }
            try digits(text)
        }
        return Token(start: start, end: place, isEscaped: false)
    }

    private mutating func digits(_ text: Span<UInt8>) throws(Failure) {
        let start = place
        while place < text.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= text[place] { place += 1 }
        if place == start { throw Failure(.malformed, at: place) }
    }

    private mutating func literal(_ word: StaticString, _ text: Span<UInt8>) throws(Failure) {
        let token = Token(start: place, end: place + word.utf8CodeUnitCount, isEscaped: false)
        guard token.end <= text.count, Self.matches(token, word, text) else { throw Failure(.malformed, at: place) }
        place = token.end
    }

    private mutating func expect(_ byte: UInt8, _ text: Span<UInt8>) throws(Failure) {
        guard place < text.count, text[place] == byte else { throw Failure(.malformed, at: place) }
        place += 1
    }

    private mutating func skipSpace(_ text: Span<UInt8>) {
        while place < text.count {
            switch text[place] {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            default: return
            }
        }
    }
}

// MARK: - What a token says

extension JSONScanner {
    /// Whether a token without escapes is this word. Names written with escapes are taken for unknown ones.
    @inline(__always)
    static func matches(_ token: Token, _ word: StaticString, _ text: Span<UInt8>) -> Bool {
        guard token.count == word.utf8CodeUnitCount, !token.isEscaped else { return false }
        return word.withUTF8Buffer { word in
            for i in 0..<word.count where word[i] != text[token.start + i] { return false }
            return true
        }
    }

    /// The string a token stands for.
    static func string(_ token: Token, _ text: Span<UInt8>) throws(Failure) -> String {
        let bytes = token.isEscaped ? try unescaped(token, text) : copied(token, text)
        guard let string = String(validating: bytes, as: UTF8.self) else { throw Failure(.badText, at: token.start) }
        return string
    }

    /// A string as it is, a number or a truth value as written; nil for null.
    static func string(_ value: Value, _ text: Span<UInt8>) throws(Failure) -> String? {
        switch value {
        case .string(let token), .number(let token): try string(token, text)
        case .bool(let isTrue): isTrue ? "true" : "false"
        case .null: nil
        }
    }

    /// A whole number of at most 18 digits, written as a number or as a string holding one; nil for null.
    static func integer(_ value: Value, _ text: Span<UInt8>) throws(Failure) -> Int? {
        let token: Token
        switch value {
        case .string(let found), .number(let found): token = found
        case .null: return nil
        case .bool: throw Failure(.wrongType, at: text.count)
        }
        let isNegative = token.count > 0 && text[token.start] == UInt8(ascii: "-")
        let first = token.start + (isNegative ? 1 : 0)
        guard 1...18 ~= token.end - first else { throw Failure(.badNumber, at: token.start) }
        var number = 0
        for place in first..<token.end {
            let digit = Int(text[place]) - Int(UInt8(ascii: "0"))
            guard 0...9 ~= digit else { throw Failure(.badNumber, at: place) }
            number = number * 10 + digit
        }
        return isNegative ? -number : number
    }

    static func copied(_ token: Token, _ text: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(token.count)
        for place in token.start..<token.end { bytes.append(text[place]) }
        return bytes
    }

    /// The bytes of a string with its escapes resolved (RFC 8259, section 7). Half a surrogate pair is an error.
    static func unescaped(_ token: Token, _ text: Span<UInt8>) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(token.count)
        var place = token.start
        while place < token.end {
            let byte = text[place]
            place += 1
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            // `string` stops only at a quote that no backslash precedes: one more byte is there.
            let kind = text[place]
            place += 1
            switch kind {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(kind)
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0C)
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "u"): try scalar(at: &place, before: token.end, text, into: &bytes)
            default: throw Failure(.malformed, at: place - 1)
            }
        }
        return bytes
    }

    private static func scalar(at place: inout Int, before end: Int, _ text: Span<UInt8>, into bytes: inout [UInt8])
        throws(Failure)
    {
        let start = place
        var code = try hexadecimal(at: &place, before: end, text)
        if 0xD800...0xDBFF ~= code {
            guard place + 6 <= end, text[place] == UInt8(ascii: "\\"), text[place + 1] == UInt8(ascii: "u") else {
                throw Failure(.badText, at: start)
            }
            place += 2
            let low = try hexadecimal(at: &place, before: end, text)
            guard 0xDC00...0xDFFF ~= low else { throw Failure(.badText, at: start) }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw Failure(.badText, at: start) }
        bytes.append(contentsOf: UTF8.encode(scalar)!)
    }

    private static func hexadecimal(at place: inout Int, before end: Int, _ text: Span<UInt8>) throws(Failure)
        -> UInt32
    {
        guard place + 4 <= end else { throw Failure(.malformed, at: place) }
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(text[place])).hexDigitValue else {
                throw Failure(.malformed, at: place)
            }
            code = code << 4 | UInt32(digit)
            place += 1
        }
        return code
    }
}

// MARK: - Writing

extension JSONScanner {
    /// Appends a string in its quotes, escaped as RFC 8259 asks.
    static func append(_ string: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                appendRaw("\\u00", to: &bytes)
                bytes.append(hexDigit(byte >> 4))
                bytes.append(hexDigit(byte & 0x0F))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends text as it is.
    static func appendRaw(_ text: StaticString, to bytes: inout [UInt8]) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
