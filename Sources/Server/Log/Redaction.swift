/// Takes out of a line what must not be in a log: keys, and, unless private matters may be logged, phone numbers.
public struct Redaction: Sendable {
    private let secrets: [String]
    private let keepsNumbers: Bool

    /// - Parameter secrets: Keys; shorter than four characters they are not looked for, since they would be everywhere.
    public init(secrets: [String], keepsNumbers: Bool) {
        self.secrets = secrets.filter { $0.utf8.count >= 4 }.sorted { $0.utf8.count > $1.utf8.count }
        self.keepsNumbers = keepsNumbers
    }

    public func clean(_ text: String) -> String {
        var text = text
        for secret in secrets where text.contains(secret) {
            text = text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "***")
        }
        return keepsNumbers ? text : Self.maskNumbers(text)
    }

    /// `+15550100005` becomes `+15*******05`: 7 to 15 digits that stand alone, with or without a plus.
    static func maskNumbers(_ text: String) -> String {
        var bytes = Array(text.utf8)
        var place = 0
        var isMasked = false
        while place < bytes.count {
            guard bytes[place].isDigit else {
                place += 1
                continue
            }
            var end = place
            while end < bytes.count, bytes[end].isDigit { end += 1 }
            let before = place > 0 ? bytes[place - 1] : 0x20
            let after = end < bytes.count ? bytes[end] : 0x20
            if (7...15).contains(end - place), !before.isWordByte, !after.isWordByte {
                for digit in (place + 2)..<(end - 2) { bytes[digit] = UInt8(ascii: "*") }
                isMasked = true
            }
            place = end
        }
        return isMasked ? String(decoding: bytes, as: UTF8.self) : text
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (48...57).contains(self) }
    /// Part of an identifier: the digits of a call's SID are no phone number.
    fileprivate var isWordByte: Bool { isDigit || (65...90).contains(self) || (97...122).contains(self) || self == 95 }
}
