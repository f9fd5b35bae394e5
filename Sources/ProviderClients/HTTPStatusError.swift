import Foundation
import NIOHTTP1
import Providers

/// What a vendor's refusal over HTTP means, and what of its explanation may be repeated.
enum HTTPStatusError {
    /// Longer explanations are cut: they go to logs and journals.
    static let mostDetailBytes = 200
    /// As much of a body as is read for an explanation.
    static let mostBodyBytes = 4_096

    /// - Parameter secret: The key, which some vendors quote in part; no word that resembles it is repeated.
    static func error(
        provider: String, status: Int, headers: HTTPHeaders, body: [UInt8], secret: String
    ) -> ProviderError {
        let (message, code) = explanation(body)
        var kind = ProviderError.Kind.rejected
        var isRetryable = false
        switch status {
        case 408: (kind, isRetryable) = (.timedOut, true)
        case 409: (kind, isRetryable) = (.unavailable, true)
        // A quota that is used up comes with the status of a rate limit; waiting does not help.
        case 429: isRetryable = !["insufficient_quota", "quota_exceeded"].contains(code)
        case 500...: (kind, isRetryable) = (.unavailable, true)
        default: break
        }
        switch headers.first(name: "x-should-retry") {
        case "true": isRetryable = true
        case "false": isRetryable = false
        default: break
        }
        var detail = "status \(status)"
        if !code.isEmpty { detail += ", \(shortened(code, without: secret, bytes: 60))" }
        if isRetryable, let wait = retryAfter(headers) { detail += ", retry after \(wait)" }
        let text = shortened(message, without: secret, bytes: mostDetailBytes)
        if !text.isEmpty { detail += ": " + text }
        return ProviderError(provider: provider, kind: kind, detail: detail, isRetryable: isRetryable)
    }

    /// At most `bytes` of `text` on one line, without any word in which the key, or a part of it, may be.
    static func shortened(_ text: String, without secret: String, bytes: Int = mostDetailBytes) -> String {
        let opening = String(secret.prefix(6))
        let words = text.split { $0.isWhitespace || $0.unicodeScalars.contains { $0.value < 0x20 } }.map { word in
            let isSecret =
                word.contains("***") || (!secret.isEmpty && (word.contains(secret) || word.contains(opening)))
            return isSecret ? "(key)" : String(word)
        }
        var short = ""
        for character in words.joined(separator: " ") {
            if short.utf8.count + String(character).utf8.count > bytes { break }
            short.append(character)
        }
        return short
    }

    /// A message and a code, wherever a vendor puts them; for a body that is no JSON, its beginning.
    static func explanation(_ body: [UInt8]) -> (message: String, code: String) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] else {
            return (String(decoding: body.prefix(mostDetailBytes * 2), as: UTF8.self), "")
        }
        let inner = object["error"] as? [String: Any] ?? object["detail"] as? [String: Any] ?? object
        let message = ["message", "err_msg", "detail", "description", "error"].lazy
            .compactMap { inner[$0] as? String ?? object[$0] as? String }.first
        let code = ["code", "status", "err_code", "type"].lazy.compactMap { inner[$0] as? String }.first
        return (message ?? "", code ?? "")
    }

    private static func retryAfter(_ headers: HTTPHeaders) -> String? {
        if let text = headers.first(name: "retry-after-ms"), let wait = Double(text), wait >= 0 { return "\(text) ms" }
        guard let text = headers.first(name: "retry-after"), text.utf8.count <= 40 else { return nil }
        return Double(text) == nil ? text : "\(text) s"
    }
}
