import CallTime

/// Where the server listens and what it puts up with.
public struct ListenerConfiguration: Sendable {
    public var host = "0.0.0.0"
    /// 0: whichever is free; `Listener.boundPort` says which.
    public var port = 8_080
    /// PEM files; with both, the port speaks TLS only.
    public var certificatePath: String?
    public var keyPath: String?
    /// The longest socket message, also in fragments. A longer one ends its socket with 1009.
    public var mostMessageBytes = 65_536
    /// What may wait to be sent on one socket. More ends it with 1013: its peer no longer reads.
    public var mostQueuedBytes = 1_048_576
    /// The longest body of a request. A longer one is answered 413.
    public var mostBodyBytes = 262_144
    /// Beyond it, a new connection is closed at once.
    public var mostConnections = 4_096
    /// How long a connection may say nothing, before its first request and between two.
    public var idleTimeout: Duration = .seconds(30)
    /// From the first byte of a connection to the end of its first head; on a kept connection the idle timeout bounds it.
    public var headTimeout: Duration = .seconds(10)
    /// From the end of a head to the end of its body.
    public var bodyTimeout: Duration = .seconds(10)
    /// How often a socket is asked whether it lives. One that sent nothing at all from one time to the next is closed.
    public var pingInterval: Duration = .seconds(20)
    /// Nil: as many as there are cores that this process may run on.
    public var eventLoopThreads: Int?

    public init() {}

    func validate() throws(ConfigurationError) {
        func check(_ field: String, _ given: Int, _ allowed: ClosedRange<Int>) throws(ConfigurationError) {
            guard allowed ~= given else {
                throw ConfigurationError(
                    field: field, given: String(given), allowed: "\(allowed.lowerBound)…\(allowed.upperBound)")
            }
        }
        try check("port", port, 0...65_535)
        try check("mostMessageBytes", mostMessageBytes, 125...(1 << 26))
        try check("mostQueuedBytes", mostQueuedBytes, 1_024...(1 << 30))
        try check("mostBodyBytes", mostBodyBytes, 0...(1 << 30))
        try check("mostConnections", mostConnections, 1...1_000_000)
        if let eventLoopThreads { try check("eventLoopThreads", eventLoopThreads, 1...1_024) }
        for (field, timeout) in [
            ("idleTimeout", idleTimeout), ("headTimeout", headTimeout), ("bodyTimeout", bodyTimeout),
            ("pingInterval", pingInterval),
        ] where timeout <= .zero {
            throw ConfigurationError(field: field, given: "\(timeout)", allowed: "above 0 s")
        }
        if (certificatePath == nil) != (keyPath == nil) {
            throw ConfigurationError(
                field: certificatePath == nil ? "certificatePath" : "keyPath", given: "nothing",
                allowed: "certificate and key together, or neither")
        }
    }
}

/// What happened at the listener, to be counted. None of it ends more than one connection.
public enum ListenerEvent: Sendable, Equatable {
    /// One connection too many.
    case connectionRefused
    /// A connection said nothing for too long, or did not finish what it began.
    case timedOut
    /// What came was no HTTP.
    case malformedRequest
    case bodyTooLarge
    case upgradeRefused(status: Int)
    case socketOpened
    /// Every socket that was opened says this once.
    case socketClosed
    case messageTooLarge
    case binaryMessage
    case textNotUTF8
    /// Against RFC 6455.
    case protocolError
    case sendQueueFull
    case pingUnanswered
}
