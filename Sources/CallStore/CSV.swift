/// Tables as comma-separated values: RFC 4180, with what files in the wild add to it.
///
/// Fields are separated by commas, records by CRLF, LF or CR. A field in quotes may hold commas, line breaks and, doubled,
/// quotes. A byte order mark is skipped, and so is an empty line. Spaces belong to their field.
public enum CSV {
    /// One record and the line it begins on, counted from 1.
    public struct Record: Sendable, Equatable {
        public var line: Int
        public var fields: [String]

        public init(line: Int, fields: [String]) {
            self.line = line
            self.fields = fields
        }
    }

    public struct Trouble: Error, Sendable, Equatable {
        /// Counted from 1.
        public var line: Int
        public var reason: String
    }

    /// Reads a whole table.
    ///
    /// - Parameter bytes: UTF-8.
    public static func records(_ bytes: [UInt8]) throws(Trouble) -> [Record] {
        var reader = Reader(bytes: bytes)
        return try reader.records()
    }

    private struct Reader {
        let bytes: [UInt8]
        var place = 0
        var line = 1

        static let quote = UInt8(ascii: "\"")
        static let comma = UInt8(ascii: ",")
        static let carriageReturn = UInt8(ascii: "\r")
        static let lineFeed = UInt8(ascii: "\n")

        init(bytes: [UInt8]) {
            self.bytes = bytes
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
        }

        var next: UInt8? { place < bytes.count ? bytes[place] : nil }

        mutating func records() throws(Trouble) -> [Record] {
            var records: [Record] = []
            while next != nil {
                let first = line
                let fields = try record()
                if fields != [""] { records.append(Record(line: first, fields: fields)) }
            }
            return records
        }

        /// The fields up to and with the end of the line.
        private mutating func record() throws(Trouble) -> [String] {
            var fields: [String] = []
            while true {
                fields.append(next == Self.quote ? try quotedField() : try plainField())
                guard let separator = next else { return fields }
                place += 1
                if separator == Self.comma { continue }
                if separator == Self.carriageReturn, next == Self.lineFeed { place += 1 }
                line += 1
                return fields
            }
        }

        private mutating func plainField() throws(Trouble) -> String {
            let first = place
            while let byte = next, byte != Self.comma, byte != Self.carriageReturn, byte != Self.lineFeed {
                if byte == Self.quote {
                    throw Trouble(line: line, reason: "a quote inside a field that does not begin with one")
                }
                place += 1
            }
            return try text(bytes[first..<place])
        }

        /// Stands on the opening quote; stops behind the closing one.
        private mutating func quotedField() throws(Trouble) -> String {
            let opened = line
            var content: [UInt8] = []
            place += 1
            while let byte = next {
                place += 1
                if byte != Self.quote {
                    if byte == Self.lineFeed || (byte == Self.carriageReturn && next != Self.lineFeed) { line += 1 }
                    content.append(byte)
                } else if next == Self.quote {
                    content.append(byte)
                    place += 1
                } else {
                    try endOfQuotedField()
                    return try text(content[...])
                }
            }
            throw Trouble(line: opened, reason: "a quote that is never closed")
        }

        private func endOfQuotedField() throws(Trouble) {
            switch next {
            case nil, Self.comma, Self.carriageReturn, Self.lineFeed: return
            default: throw Trouble(line: line, reason: "text behind a closing quote")
            }
        }

        private func text(_ bytes: ArraySlice<UInt8>) throws(Trouble) -> String {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw Trouble(line: line, reason: "bytes that are not UTF-8")
            }
            return text
        }
    }
}
