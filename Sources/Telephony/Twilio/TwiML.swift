/// What Twilio is to do with a call: verbs, done one after the other, as an XML document.
///
/// ```swift
/// let answer = TwiML(.connectStream(url: "wss://voice.example.com/media", parameters: ["token": token]), .hangup)
/// ```
/// Text and attributes are escaped; characters that XML cannot hold are left out.
public struct TwiML: Sendable, Equatable {
    public enum Verb: Sendable, Equatable {
        /// A stream in both directions. It blocks: what follows runs when we close the socket.
        ///
        /// - Parameters:
        ///   - url: `wss`, without a query (Twilio drops it): what must be said goes into `parameters`, below 500
        ///     characters each, name and value together.
        ///   - action: asked for more TwiML when the stream is over.
        case connectStream(
            url: String, parameters: FormFields = FormFields(), action: String? = nil, statusCallback: String? = nil)
        case say(_ text: String)
        case hangup
        case pause(seconds: Int)
        /// Only as the first verb; the call is then not charged.
        case reject(RejectReason = .rejected)
        case redirect(url: String)
        /// Rings a number and joins it to the call. The caller hears ringing until somebody answers.
        ///
        /// - Parameters:
        ///   - action: asked for more TwiML when the leg is over; carries `DialCallStatus`.
        ///   - whisper: TwiML for who answers, before the two are joined.
        case dial(
            number: String, action: String? = nil, timeoutSeconds: Int? = nil, callerID: String? = nil,
            whisper: String? = nil)
        /// Keys: `0`…`9`, `*`, `#`; `w` waits half a second.
        case play(digits: String)
    }

    public enum RejectReason: String, Sendable, CaseIterable {
        case rejected
        case busy
    }

    public static let contentType = "text/xml; charset=utf-8"

    public var verbs: [Verb]

    public init(_ verbs: Verb...) { self.verbs = verbs }

    public init(_ verbs: [Verb]) { self.verbs = verbs }

    /// The document.
    public var text: String {
        var xml = XML()
        for verb in verbs { Self.append(verb, to: &xml) }
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>\(xml.text)</Response>\n"
    }

    private static func append(_ verb: Verb, to xml: inout XML) {
        switch verb {
        case .connectStream(let url, let parameters, let action, let statusCallback):
            xml.element("Connect", [("action", action)]) { xml in
                xml.element("Stream", [("url", url), ("statusCallback", statusCallback)]) { xml in
                    for field in parameters.fields {
                        xml.element("Parameter", [("name", field.name), ("value", field.value)])
                    }
                }
            }
        case .say(let text): xml.element("Say") { $0.characters(text) }
        case .hangup: xml.element("Hangup")
        case .pause(let seconds): xml.element("Pause", [("length", String(seconds))])
        case .reject(let reason): xml.element("Reject", [("reason", reason.rawValue)])
        case .redirect(let url): xml.element("Redirect") { $0.characters(url) }
        case .dial(let number, let action, let timeoutSeconds, let callerID, let whisper):
            let attributes = [
                ("action", action), ("timeout", timeoutSeconds.map { String($0) }), ("callerId", callerID),
                ("answerOnBridge", "true"),
            ]
            xml.element("Dial", attributes) { xml in
                xml.element("Number", [("url", whisper)]) { $0.characters(number) }
            }
        case .play(let digits): xml.element("Play", [("digits", digits)])
        }
    }
}

/// XML text as it grows.
private struct XML {
    var text = ""

    /// An element with those attributes that have a value; closed at once when nothing is put into it.
    mutating func element(
        _ name: String, _ attributes: [(String, String?)] = [], content: (inout XML) -> Void = { _ in }
    ) {
        text += "<\(name)"
        for case (let name, let value?) in attributes {
            text += " \(name)=\""
            characters(value)
            text += "\""
        }
        var inner = XML()
        content(&inner)
        text += inner.text.isEmpty ? "/>" : ">\(inner.text)</\(name)>"
    }

    /// Escaped for text and for attributes alike: a line break in an attribute would be read as a space.
    mutating func characters(_ string: String) {
        for scalar in string.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&apos;"
            case "\t", "\n", "\r": text += "&#\(scalar.value);"
            // XML 1.0, production 2: other controls and two noncharacters cannot be written at all.
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": break
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
