/// Why Twilio did not do what it was asked. No credentials are in it, whatever Twilio repeats.
public enum TwilioClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The call that was to be changed is not in progress any more: what was wanted of it is past.
    case callIsOver
    /// Twilio's answer is no.
    ///
    /// - Parameters:
    ///   - code: of Twilio's dictionary, where it gave one.
    ///   - message: Twilio's own, cut to 300 characters.
    case rejected(status: Int, code: Int?, message: String)
    /// No connection, or one that broke. Whether the request was done is not known.
    case unreachable
    /// No whole answer within the deadline. Whether the request was done is not known.
    case timedOut
    /// The answer is not Twilio's JSON.
    case malformed(status: Int)
    /// Who asked no longer waits.
    case cancelled

    public var description: String {
        switch self {
        case .callIsOver: "Twilio: the call is over"
        case .rejected(let status, let code, let message):
            "Twilio: refused with \(status)\(code.map { ", code \($0)" } ?? "")\(message.isEmpty ? "" : ": \(message)")"
        case .unreachable: "Twilio: not reachable"
        case .timedOut: "Twilio: no answer in time"
        case .malformed(let status): "Twilio: an answer with status \(status) that cannot be read"
        case .cancelled: "Twilio: cancelled"
        }
    }
}
