import Crypto

/// The signature Twilio sends with every request (`X-Twilio-Signature`): HMAC-SHA1 under the account's token.
///
/// The URL is the one Twilio was given, down to the last slash, as written in the TwiML or the number's settings; never
/// one rebuilt from what a proxy says. For the upgrade of a media stream it begins with `wss` and has no parameters.
public enum TwilioSignature {
    public static let headerName = "X-Twilio-Signature"

    /// The signature of a request, 28 characters.
    ///
    /// - Parameters:
    ///   - url: with its query, without a fragment.
    ///   - parameters: all fields of the form, also unknown ones; none for a GET or a JSON body. Order does not matter; a
    ///     value that comes twice under one name counts once.
    public static func sign(url: String, parameters: FormFields = FormFields(), token: String) -> String {
        var text = Array(url.utf8)
        var pairs = parameters.fields.map { (name: Array($0.name.utf8), value: Array($0.value.utf8)) }
        // Bytes, not Strings: those compare by characters.
        pairs.sort { ($0.name, $0.value) < ($1.name, $1.value) }
        for (index, pair) in pairs.enumerated() where index == 0 || pairs[index - 1] != pair {
            text += pair.name + pair.value
        }
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: text, using: SymmetricKey(data: Array(token.utf8)))
        var signature: [UInt8] = []
        Base64.append(Array(code).span, to: &signature)
        return String(decoding: signature, as: UTF8.self)
    }

    /// Whether a request with these form parameters is Twilio's.
    ///
    /// Twilio writes a port into what it signs at times and at other times not: the URL is tried as it is, without its
    /// port, and, when it has none, with the default one. All three are compared in constant time.
    public static func isValid(header: String?, url: String, parameters: FormFields = FormFields(), token: String)
        -> Bool
    {
        guard let header, !token.isEmpty else { return false }
        var isValid = false
        for candidate in portVariants(of: url) {
            let isEqual = areEqual(header, sign(url: candidate, parameters: parameters, token: token))
            isValid = isValid || isEqual
        }
        return isValid
    }

    /// Whether a request with a body that is no form is Twilio's: the URL carries the body's digest as `bodySHA256`.
    public static func isValid(header: String?, url: String, body: Span<UInt8>, token: String) -> Bool {
        guard let query = url.split(separator: "?", maxSplits: 1).dropFirst().first,
            let fields = try? FormFields(parsing: String(query)), let wanted = fields["bodySHA256"]
        else { return false }
        var hash = SHA256()
        // SAFETY: the hash reads the bytes before this returns.
        body.withUnsafeBytes { hash.update(bufferPointer: $0) }
        let digits = Array("0123456789abcdef".utf8)
        let hex = hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        let isBody = areEqual(wanted.lowercased(), String(decoding: hex, as: UTF8.self))
        let isSigned = isValid(header: header, url: url, token: token)
        return isBody && isSigned
    }

    /// Compares two secrets without telling by the time how far they agree. Their lengths are no secret.
    public static func areEqual(_ one: String, _ other: String) -> Bool {
        let (one, other) = (Array(one.utf8), Array(other.utf8))
        guard one.count == other.count else { return false }
        var difference: UInt8 = 0
        for place in one.indices { difference |= one[place] ^ other[place] }
        return difference == 0
    }

    /// The URL as it is, without its port, and with the default port if it has none.
    static func portVariants(of url: String) -> [String] {
        guard let scheme = url.range(of: "://") else { return [url] }
        let start = scheme.upperBound
        let authorityEnd = url[start...].firstIndex { "/?#".contains($0) } ?? url.endIndex
        let hostStart = url[start..<authorityEnd].lastIndex(of: "@").map { url.index(after: $0) } ?? start
        let host = url[hostStart..<authorityEnd]
        // The colons of an IPv6 address are inside its brackets.
        let portStart = host.lastIndex(of: ":").flatMap { colon in
            host[colon...].contains("]") ? nil : colon
        }
        if let portStart { return [url, String(url[..<portStart] + url[authorityEnd...])] }
        let port: String
        switch url[..<scheme.lowerBound].lowercased() {
        case "https", "wss": port = ":443"
        case "http", "ws": port = ":80"
        default: return [url]
        }
        return [url, String(url[..<authorityEnd] + port + url[authorityEnd...])]
    }
}

extension String {
    /// Where a piece first occurs (Foundation's, without Foundation).
    fileprivate func range(of piece: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(piece) { return start..<index(start, offsetBy: piece.count) }
            start = index(after: start)
        }
        return nil
    }
}

private func < (one: ([UInt8], [UInt8]), other: ([UInt8], [UInt8])) -> Bool {
    one.0 == other.0 ? one.1.lexicographicallyPrecedes(other.1) : one.0.lexicographicallyPrecedes(other.0)
}
