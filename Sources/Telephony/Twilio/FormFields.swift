/// The fields of a form (`application/x-www-form-urlencoded`), in order; a name may come more than once.
public struct FormFields: Sendable, Equatable {
    public struct Field: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Why a body is no form: what it is longer than, or where it cannot be read.
    public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        case tooLong(mostBytes: Int)
        case tooManyFields(most: Int)
        /// A percent sign without two hexadecimal digits; counted in bytes from the beginning.
        case badEscape(offset: Int)
        /// The field of this number, from 0, is not UTF-8.
        case notUTF8(field: Int)

        public var description: String {
            switch self {
            case .tooLong(let most): "form: longer than \(most) bytes"
            case .tooManyFields(let most): "form: more than \(most) fields"
            case .badEscape(let offset): "form: percent sign without two hexadecimal digits at byte \(offset)"
            case .notUTF8(let field): "form: field \(field) is not UTF-8"
            }
        }
    }

    public static let mostBytes = 65_536
    public static let mostFields = 200

    public var fields: [Field]

    public init(_ fields: [Field] = []) { self.fields = fields }

    /// Reads a body. Empty pieces between `&` are skipped; a piece without `=` is a name with an empty value.
    public init(parsing body: Span<UInt8>) throws(Failure) {
        guard body.count <= Self.mostBytes else { throw .tooLong(mostBytes: Self.mostBytes) }
        fields = []
        var start = 0
        while start < body.count {
            var end = start
            var equals: Int?
            while end < body.count, body[end] != UInt8(ascii: "&") {
                if body[end] == UInt8(ascii: "="), equals == nil { equals = end }
                end += 1
            }
            if end > start {
                guard fields.count < Self.mostFields else { throw .tooManyFields(most: Self.mostFields) }
                let name = try Self.decoded(body, start..<(equals ?? end), field: fields.count)
                let value = try Self.decoded(body, (equals.map { $0 + 1 } ?? end)..<end, field: fields.count)
                fields.append(Field(name: name, value: value))
            }
            start = end + 1
        }
    }

    /// Reads a query string, without its question mark.
    public init(parsing text: String) throws(Failure) {
        let bytes = Array(text.utf8)
        try self.init(parsing: bytes.span)
    }

    /// The first value of a name.
    public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    public func values(of name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    public mutating func append(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }

    /// The body that says these fields: letters, digits and `-._*` as they are, a space as `+`, all else in percent.
    public var encoded: String {
        var bytes: [UInt8] = []
        for field in fields {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
            Self.encode(field.name, into: &bytes)
            bytes.append(UInt8(ascii: "="))
            Self.encode(field.value, into: &bytes)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func decoded(_ body: Span<UInt8>, _ range: Range<Int>, field: Int) throws(Failure) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        var place = range.lowerBound
        while place < range.upperBound {
            switch body[place] {
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                guard place + 2 < range.upperBound, let high = hexValue(body[place + 1]),
                    let low = hexValue(body[place + 2])
                else { throw .badEscape(offset: place) }
                bytes.append(high << 4 | low)
                place += 2
            case let byte: bytes.append(byte)
            }
            place += 1
        }
        guard let string = String(validating: bytes, as: UTF8.self) else { throw .notUTF8(field: field) }
        return string
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func encode(_ text: String, into bytes: inout [UInt8]) {
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "*"):
                bytes.append(byte)
            case 0x20: bytes.append(UInt8(ascii: "+"))
            default: bytes.append(contentsOf: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            }
        }
    }
}

extension FormFields: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }
}
