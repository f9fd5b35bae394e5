import Foundation

/// What a server asks of the carrier on a media stream.
enum StreamCommand: Sendable, Equatable {
    /// mu-law, 8,000 Hz.
    case media([UInt8])
    case mark(String)
    case clear
    /// An event that is none of these.
    case other

    /// nil: not such a message.
    init?(_ bytes: [UInt8]) {
        var scanner = CommandScanner(bytes: bytes)
        guard scanner.readRoot() else { return nil }
        switch scanner.event {
        case "media":
            guard let payload = scanner.payload, let audio = Data(base64Encoded: payload) else { return nil }
            self = .media([UInt8](audio))
        case "mark":
            guard let name = scanner.markName else { return nil }
            self = .mark(name)
        case "clear": self = .clear
        case nil: return nil
        default: self = .other
        }
    }
}

/// Finds the few members that matter without building a tree: media messages come fifty times a second and call.
private struct CommandScanner {
    let bytes: [UInt8]
    var place = 0
    var event: String?
    var payload: String?
    var markName: String?

    private static let mostDepth = 16

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func readRoot() -> Bool {
        let isRead = members(depth: 1) { scanner, key in
            switch key {
            case "event":
                scanner.event = scanner.string()
                return scanner.event != nil
            case "media":
                return scanner.members(depth: 2) { scanner, key in
                    guard key == "payload" else { return scanner.skip(depth: 3) }
                    scanner.payload = scanner.string()
                    return scanner.payload != nil
                }
            case "mark":
                return scanner.members(depth: 2) { scanner, key in
                    guard key == "name" else { return scanner.skip(depth: 3) }
                    scanner.markName = scanner.string()
                    return scanner.markName != nil
                }
            default: return scanner.skip(depth: 2)
            }
        }
        skipSpace()
        return isRead && place == bytes.count
    }

    /// The members of an object; `read` takes each one's value.
    private mutating func members(depth: Int, _ read: (inout CommandScanner, String) -> Bool) -> Bool {
        guard depth <= Self.mostDepth, take("{") else { return false }
        if take("}") { return true }
        repeat {
            guard let key = string(), take(":"), read(&self, key) else { return false }
        } while take(",")
        return take("}")
    }

    /// Passes over any value.
    private mutating func skip(depth: Int) -> Bool {
        skipSpace()
        guard place < bytes.count else { return false }
        switch bytes[place] {
        case UInt8(ascii: "\""): return string() != nil
        case UInt8(ascii: "{"): return members(depth: depth) { scanner, _ in scanner.skip(depth: depth + 1) }
        case UInt8(ascii: "["):
            guard depth <= Self.mostDepth, take("[") else { return false }
            if take("]") { return true }
            repeat {
                guard skip(depth: depth + 1) else { return false }
            } while take(",")
            return take("]")
        default:
            // A number, true, false, null: which one does not matter.
            let start = place
            while place < bytes.count, Self.isOfScalar(bytes[place]) { place += 1 }
            return place > start
        }
    }

    private mutating func string() -> String? {
        guard take("\"") else { return nil }
        let start = place
        var isEscaped = false
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
            guard bytes[place] >= 0x20 else { return nil }
            if bytes[place] == UInt8(ascii: "\\") {
                isEscaped = true
                place += 1
            }
            place += 1
        }
        guard place < bytes.count else { return nil }
        place += 1
        guard isEscaped else { return String(validating: bytes[start..<place - 1], as: UTF8.self) }
        return try? JSONDecoder().decode(String.self, from: Data(bytes[start - 1..<place]))
    }

    /// Whether the next byte after space is this one; it is then taken.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func skipSpace() {
        while place < bytes.count, [0x20, 0x9, 0xA, 0xD].contains(bytes[place]) { place += 1 }
    }

    private static func isOfScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "E"),
            UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
