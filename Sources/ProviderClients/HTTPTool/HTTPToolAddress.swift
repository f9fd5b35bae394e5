import CallTime

/// An address with `{argument}` placeholders in its path and query. Scheme and host are fixed: whatever an argument holds,
/// it becomes a part of one path segment or of one query value.
struct HTTPToolAddress: Sendable {
    private enum Piece: Sendable, Equatable {
        case text(String)
        case argument(String)
    }

    /// Scheme, host and port.
    private let origin: String
    private let pieces: [Piece]
    private let hasQuery: Bool

    init(_ url: String) throws(ConfigurationError) {
        func trouble(_ allowed: String) -> ConfigurationError {
            ConfigurationError(field: "url", given: url, allowed: allowed)
        }
        guard let scheme = ["https://", "http://"].first(where: url.hasPrefix) else {
            throw trouble("an address that begins with https:// or http://")
        }
        let behind = url.dropFirst(scheme.count)
        let host = behind.prefix { $0 != "/" && $0 != "?" }
        let isHost = host.utf8.allSatisfy { Self.isAlphanumeric($0) || "-.:[]_".utf8.contains($0) }
        guard isHost, host.utf8.first.map({ Self.isAlphanumeric($0) || $0 == UInt8(ascii: "[") }) == true else {
            throw trouble("a fixed host behind the scheme, without a user")
        }
        let rest = behind[host.endIndex...]
        guard rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }) else {
            throw trouble("printable ASCII without a fragment")
        }
        origin = scheme + host
        var pieces: [Piece] = []
        var left = rest
        while let open = left.firstIndex(of: "{") {
            guard let close = left[open...].firstIndex(of: "}") else { throw trouble("{argument} placeholders") }
            if open > left.startIndex { pieces.append(.text(String(left[..<open]))) }
            pieces.append(.argument(String(left[left.index(after: open)..<close])))
            left = left[left.index(after: close)...]
        }
        if !left.isEmpty { pieces.append(.text(String(left))) }
        if rest.first != "/" { pieces.insert(.text("/"), at: 0) }
        self.pieces = pieces
        hasQuery = rest.contains("?")
    }

    /// The arguments that fill it.
    var placeholders: [String] {
        pieces.compactMap { if case .argument(let name) = $0 { name } else { nil } }
    }

    /// - Parameter query: Added to the query, in order.
    func filled(
        with arguments: [String: HTTPToolJSON], query: [(name: String, value: String)]
    ) throws(HTTPToolComplaint) -> String {
        var path = ""
        for piece in pieces {
            switch piece {
            case .text(let text): path += text
            case .argument(let name):
                guard let value = arguments[name] else { throw HTTPToolComplaint(missing: name) }
                let text = value.plainText
                guard !text.isEmpty else { throw HTTPToolComplaint(name, given: "", allowed: "something to look for") }
                path += Self.encoded(text)
            }
        }
        // A segment of dots would climb to another path, encoded or not.
        let segments = path.prefix { $0 != "?" }.split(separator: "/")
        if let name = placeholders.first, segments.contains(where: { $0 == "." || $0 == ".." }) {
            throw HTTPToolComplaint(name, given: arguments[name]?.plainText ?? "", allowed: "more than dots")
        }
        let added = query.map { Self.encoded($0.name) + "=" + Self.encoded($0.value) }.joined(separator: "&")
        return origin + path + (added.isEmpty ? "" : (hasQuery ? "&" : "?") + added)
    }

    /// RFC 3986: all but unreserved characters as %XX.
    static func encoded(_ text: String, keeping kept: String = "") -> String {
        var encoded = ""
        for byte in text.utf8 {
            if isAlphanumeric(byte) || "-._~".utf8.contains(byte) || kept.utf8.contains(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}
