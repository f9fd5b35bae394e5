import NIOCore

/// Our end of a WebSocket.
///
/// May be kept anywhere; everything but `eventLoop` and `id` is for its event loop only, which is checked. What is sent in
/// one turn of the loop goes out in one write. Once the socket is closing, what is sent goes nowhere.
public final class MediaSocket: Sendable {
    public let eventLoop: any EventLoop
    /// Unlike that of any other socket of the process.
    public let id: Int
    private let handler: NIOLoopBound<SocketChannelHandler>

    init(id: Int, eventLoop: any EventLoop, handler: SocketChannelHandler) {
        self.id = id
        self.eventLoop = eventLoop
        self.handler = NIOLoopBound(handler, eventLoop: eventLoop)
    }

    /// Sends a text message, UTF-8.
    public func send(text: [UInt8]) { send(text: ByteBuffer(bytes: text)) }

    /// Sends a text message, UTF-8.
    public func send(text: ByteBuffer) { handler.value.send(text) }

    /// Says goodbye. The connection ends when the peer has answered, or 2 s later.
    ///
    /// - Parameters:
    ///   - code: of RFC 6455, section 7.4: 1000 when all is well.
    ///   - reason: cut to the 123 bytes there are.
    public func close(code: Int = 1_000, reason: String = "") { handler.value.close(code: code, reason: reason) }

    /// What the peer has not yet taken.
    public var queuedBytes: Int { handler.value.queuedBytes }

    public var isOpen: Bool { handler.value.isOpen }
}
