import CallRuntime
import Foundation
import Telephony

/// A request as the routes see it, whichever library brought it.
struct WebRequest: Sendable {
    var method: String
    /// Without the query.
    var path: String
    /// Path and query as they came.
    var target: String
    /// Small letters.
    var headers: [String: String]
    var body: [UInt8]
    var remoteAddress: String?
    var isSecure: Bool

    func header(_ name: String) -> String? { headers[name.lowercased()] }

    var query: FormFields {
        guard let mark = target.firstIndex(of: "?") else { return FormFields() }
        return (try? FormFields(parsing: String(target[target.index(after: mark)...]))) ?? FormFields()
    }
}

struct WebResponse: Sendable {
    var status: Int
    var contentType: String
    var body: String
    var headers: [(name: String, value: String)] = []

    static func json(_ value: JSONValue, status: Int = 200) -> WebResponse {
        WebResponse(status: status, contentType: "application/json", body: value.text + "\n")
    }

    /// `{"error": {"code": …, "message": …}}`
    static func problem(_ status: Int, _ code: String, _ message: String) -> WebResponse {
        .json(.object(["error": .object(["code": .string(code), "message": .string(message)])]), status: status)
    }

    static func twiML(_ document: TwiML) -> WebResponse {
        WebResponse(status: 200, contentType: TwiML.contentType, body: document.text)
    }

    static func text(_ text: String, status: Int = 200) -> WebResponse {
        WebResponse(status: status, contentType: "text/plain; charset=utf-8", body: text)
    }

    static let nothing = WebResponse(status: 204, contentType: "text/plain", body: "")
}
