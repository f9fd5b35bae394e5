import NIOCore
import NIOHTTP1

/// A request to make a WebSocket of a connection.
public struct UpgradeRequest: Sendable {
    /// As in the request, without the query.
    public var path: String
    /// Without its question mark; nil when there is none.
    public var query: String?
    /// Looked up without regard to case.
    public var headers: HTTPHeaders
    /// The peer's address, without its port. Behind a proxy, the proxy's.
    public var remoteAddress: String?

    public init(path: String, query: String? = nil, headers: HTTPHeaders = [:], remoteAddress: String? = nil) {
        self.path = path
        self.query = query
        self.headers = headers
        self.remoteAddress = remoteAddress
    }

    init(_ head: HTTPRequestHead, on channel: any Channel) {
        let pieces = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(
            path: String(pieces[0]), query: pieces.count > 1 ? String(pieces[1]) : nil, headers: head.headers,
            remoteAddress: channel.remoteAddress?.ipAddress)
    }

    /// The first header of that name.
    public func header(_ name: String) -> String? { headers.first(name: name) }
}

/// Whether a connection becomes a socket.
public enum UpgradeAnswer {
    /// Yes, and this hears it. It is made, called and let go on the socket's event loop.
    case accept(any MediaSocketHandler)
    /// No: the client gets this HTTP status.
    case refuse(status: Int)
}

/// Hears one socket. Every method is called on the socket's event loop, in order, and must not wait there.
public protocol MediaSocketHandler: AnyObject {
    /// First of all. The socket may be kept and sent on from now on.
    func opened(_ socket: MediaSocket)
    /// A whole text message, in UTF-8.
    func received(text: ByteBuffer)
    /// Last of all, exactly once.
    ///
    /// - Parameter code: the peer's close code, or ours when we ended the socket for something it did; nil when the
    ///   connection was lost or the peer gave none.
    func closed(code: Int?)
}
