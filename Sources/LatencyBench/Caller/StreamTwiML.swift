/// What a voice webhook's answer says about the stream a call is to be connected to.
///
/// Reads as much XML as TwiML is made of, and refuses the rest: no document type, no entities but the five of XML, no
/// more than `mostBytes` and `mostDepth`. Verbs other than `<Connect><Stream>` are passed over.
public struct StreamTwiML: Sendable, Equatable {
    public struct Parameter: Sendable, Equatable {
        public var name: String
        public var value: String
    }

    /// Why an answer opens no stream, and at which byte that was seen.
    public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        public enum Reason: String, Sendable, CaseIterable {
            case tooLong = "too long"
            case notUTF8 = "not UTF-8"
            case malformed = "not well-formed XML"
            /// A document type could declare entities without end.
            case documentType = "a document type"
            case unknownEntity = "an unknown entity"
            case tooDeep = "elements too deep in each other"
            /// The document is fine, but connects the call to no stream in both directions.
            case noStream = "no <Connect><Stream url>"
        }

        public var reason: Reason
        public var offset: Int

        public var description: String { "TwiML: \(reason.rawValue) at byte \(offset)" }
    }

    public static let mostBytes = 65_536
    public static let mostDepth = 16

    public var url: String
    public var parameters: [Parameter]

    public init(parsing bytes: [UInt8]) throws(Failure) {
        guard bytes.count <= Self.mostBytes else { throw Failure(reason: .tooLong, offset: Self.mostBytes) }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw Failure(reason: .notUTF8, offset: 0) }
        var scanner = XMLScanner(bytes: bytes)
        var open: [String] = []
        var found: StreamTwiML?
        var isDone = false
        while let tag = try scanner.nextTag(isInside: !open.isEmpty) {
            switch tag {
            case .close(let name):
                guard open.popLast() == name else { throw Failure(reason: .malformed, offset: scanner.place) }
                if name == "Stream", found != nil { isDone = true }
                if open.isEmpty { try scanner.expectEnd() }
            case .open(let name, let attributes, let isEmpty):
                if open.isEmpty, name != "Response" { throw Failure(reason: .malformed, offset: scanner.place) }
                let path = open + [name]
                if path == ["Response", "Connect", "Stream"], found == nil, let url = attributes["url"] {
                    found = StreamTwiML(url: url, parameters: [])
                    isDone = isEmpty
                } else if path == ["Response", "Connect", "Stream", "Parameter"], !isDone, let name = attributes["name"] {
                    found?.parameters.append(Parameter(name: name, value: attributes["value"] ?? ""))
                }
                if isEmpty {
                    if open.isEmpty { try scanner.expectEnd() }
                } else {
                    open.append(name)
                    guard open.count <= Self.mostDepth else { throw Failure(reason: .tooDeep, offset: scanner.place) }
                }
            }
        }
        guard open.isEmpty else { throw Failure(reason: .malformed, offset: bytes.count) }
        guard let found else { throw Failure(reason: .noStream, offset: bytes.count) }
        self = found
    }

    init(url: String, parameters: [Parameter]) {
        self.url = url
        self.parameters = parameters
    }
}

/// Tags of a document, one after the other.
private struct XMLScanner {
    typealias Failure = StreamTwiML.Failure

    enum Tag {
        case open(name: String, attributes: [String: String], isEmpty: Bool)
        case close(name: String)
    }

    private static let mostAttributes = 32

    let bytes: [UInt8]
    var place = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
        // A byte order mark.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
    }

    private func fail(_ reason: Failure.Reason) -> Failure { Failure(reason: reason, offset: place) }

    private func has(_ text: StaticString) -> Bool {
        bytes[place...].starts(with: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Past the next occurrence of `end`.
    private mutating func skip(past end: StaticString) throws(Failure) {
        while place < bytes.count {
            if has(end) { return place += end.utf8CodeUnitCount }
            place += 1
        }
        throw fail(.malformed)
    }

    /// nil at the end of the document. Text is passed over, but only inside an element.
    mutating func nextTag(isInside: Bool) throws(Failure) -> Tag? {
        while place < bytes.count {
            guard bytes[place] == UInt8(ascii: "<") else {
                if bytes[place] == UInt8(ascii: "&") {
                    _ = try reference()
                } else {
                    guard isInside || Self.isSpace(bytes[place]) else { throw fail(.malformed) }
                    place += 1
                }
                continue
            }
            if has("<!--") {
                try skip(past: "-->")
            } else if has("<![CDATA["), isInside {
                try skip(past: "]]>")
            } else if has("<!") {
                throw fail(.documentType)
            } else if has("<?") {
                try skip(past: "?>")
            } else {
                return try tag()
            }
        }
        return nil
    }

    /// Nothing but comments and space may follow.
    mutating func expectEnd() throws(Failure) {
        guard try nextTag(isInside: false) == nil else { throw fail(.malformed) }
    }

    private mutating func tag() throws(Failure) -> Tag {
        place += 1
        if peek == UInt8(ascii: "/") {
            place += 1
            let name = try name()
            skipSpace()
            try expect(UInt8(ascii: ">"))
            return .close(name: name)
        }
        let name = try name()
        var attributes: [String: String] = [:]
        while true {
            let hadSpace = skipSpace()
            switch peek {
            case UInt8(ascii: ">"):
                place += 1
                return .open(name: name, attributes: attributes, isEmpty: false)
            case UInt8(ascii: "/"):
                place += 1
                try expect(UInt8(ascii: ">"))
                return .open(name: name, attributes: attributes, isEmpty: true)
            default:
                guard hadSpace, attributes.count < Self.mostAttributes else { throw fail(.malformed) }
                let key = try self.name()
                skipSpace()
                try expect(UInt8(ascii: "="))
                skipSpace()
                guard attributes.updateValue(try value(), forKey: key) == nil else { throw fail(.malformed) }
            }
        }
    }

    private mutating func value() throws(Failure) -> String {
        guard let quote = peek, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            throw fail(.malformed)
        }
        place += 1
        var text: [UInt8] = []
        while let byte = peek, byte != quote {
            switch byte {
            case UInt8(ascii: "<"): throw fail(.malformed)
            case UInt8(ascii: "&"): text += Array(try reference().utf8)
            default:
                text.append(Self.isSpace(byte) ? 0x20 : byte)
                place += 1
            }
        }
        try expect(quote)
        return String(decoding: text, as: UTF8.self)
    }

    /// `&amp;` and its like, `&#65;`, `&#x41;`.
    private mutating func reference() throws(Failure) -> String {
        guard let end = bytes[place...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
            throw fail(.unknownEntity)
        }
        let name = String(decoding: bytes[(place + 1)..<end], as: UTF8.self)
        let text: String? =
            switch name {
            case "amp": "&"
            case "lt": "<"
            case "gt": ">"
            case "quot": "\""
            case "apos": "'"
            default: Self.character(name)
            }
        guard let text else { throw fail(.unknownEntity) }
        place = end + 1
        return text
    }

    private static func character(_ name: String) -> String? {
        guard name.first == "#" else { return nil }
        let digits = name.dropFirst()
        let code =
            digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits, radix: 10)
        // XML 1.0, production 2: no other control characters, no halves of pairs.
        guard let code, code >= 0x20 || [0x9, 0xA, 0xD].contains(code), let scalar = Unicode.Scalar(code),
            digits.allSatisfy({ $0.isHexDigit || $0 == "x" })
        else { return nil }
        return String(Character(scalar))
    }

    private mutating func name() throws(Failure) -> String {
        let start = place
        while let byte = peek, Self.isNameByte(byte) { place += 1 }
        guard place > start, place - start <= 128 else { throw fail(.malformed) }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func expect(_ byte: UInt8) throws(Failure) {
        guard peek == byte else { throw fail(.malformed) }
        place += 1
    }

    @discardableResult
    private mutating func skipSpace() -> Bool {
        let start = place
        while let byte = peek, Self.isSpace(byte) { place += 1 }
        return place > start
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x9, 0xA, 0xD].contains(byte) }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: ":"), 0x80...:
            true
        default: false
        }
    }
}
