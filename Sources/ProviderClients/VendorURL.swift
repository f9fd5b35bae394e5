import CallTime

/// A vendor's base address: `http`, `https`, `ws` or `wss`. The form that a request needs is derived, secure from
/// secure and plain from plain; a path prefix is kept.
public struct VendorURL: Sendable, Equatable {
    let isSecure: Bool
    let host: String
    /// Nil: the scheme's own.
    let port: Int?
    /// Empty, or begins with a slash and does not end with one.
    let prefix: String

    /// - Throws: `ConfigurationError` of field `url`. An address that holds a name or a password is not repeated in it.
    public init(_ text: String) throws(ConfigurationError) {
        guard let address = WebAddress(text), !address.target.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw ConfigurationError(
                field: "url", given: text.contains("@") ? "an address with a user" : "\"\(text)\"",
                allowed: "http, https, ws or wss, a host, and perhaps a port and a path")
        }
        isSecure = address.isSecure
        host = address.host
        port = address.explicitPort
        var path = Substring(address.target)
        while path.last == "/" { path.removeLast() }
        prefix = String(path)
    }

    /// `ws` or `wss`, host, prefix, path and query; the query's order is kept and names may repeat.
    public func webSocket(path: String, query: [(String, String)] = []) -> String {
        address(isSecure ? "wss" : "ws", path, query)
    }

    /// The same with `http` or `https`.
    public func http(path: String, query: [(String, String)] = []) -> String {
        address(isSecure ? "https" : "http", path, query)
    }

    private func address(_ scheme: String, _ path: String, _ query: [(String, String)]) -> String {
        var text = "\(scheme)://\(host)\(port.map { ":\($0)" } ?? "")\(prefix)"
        if !path.hasPrefix("/"), !path.isEmpty { text += "/" }
        text += PercentEncoding.encode(path, keeping: "/:@")
        for (index, (name, value)) in query.enumerated() {
            text += index == 0 ? "?" : "&"
            text += PercentEncoding.encode(name) + "=" + PercentEncoding.encode(value)
        }
        return text
    }
}

enum PercentEncoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Everything but the unreserved characters of RFC 3986 (2.3) and those in `kept` becomes `%XX`.
    static func encode(_ text: String, keeping kept: String = "") -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            case _ where kept.utf8.contains(byte): bytes.append(byte)
            default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Scheme, host, port and the rest of an address. No user, no password: keys travel in headers.
struct WebAddress {
    var isSecure: Bool
    /// As written; an IPv6 address keeps its brackets.
    var host: String
    var explicitPort: Int?
    /// Path and query: empty or from the first slash on.
    var target: String

    var port: Int { explicitPort ?? (isSecure ? 443 : 80) }
    /// Without the brackets.
    var hostToConnect: String { host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host }
    var isLiteral: Bool { host.hasPrefix("[") || host.allSatisfy { $0.isNumber || $0 == "." } }

    init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), let colon = text.firstRange(of: "://") else {
            return nil
        }
        switch text[..<colon.lowerBound].lowercased() {
        case "http", "ws": isSecure = false
        case "https", "wss": isSecure = true
        default: return nil
        }
        let rest = text[colon.upperBound...]
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let authority = rest[..<end]
        target = String(rest[end...])
        let portMark: Substring.Index?
        if authority.first == "[" {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            let after = authority.index(after: bracket)
            host = String(authority[..<after])
            portMark = after < authority.endIndex ? after : nil
            guard host.dropFirst().dropLast().allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
                return nil
            }
        } else {
            portMark = authority.firstIndex(of: ":")
            host = String(authority[..<(portMark ?? authority.endIndex)])
            guard host.allSatisfy({ $0.isLetter || $0.isNumber || "-._".contains($0) }) else { return nil }
        }
        guard host.contains(where: { $0.isLetter || $0.isNumber || $0 == ":" }) else { return nil }
        if let portMark {
            guard authority[portMark] == ":", let port = Int(authority[authority.index(after: portMark)...]),
                (1...65_535).contains(port)
            else { return nil }
            explicitPort = port
        }
    }
}
