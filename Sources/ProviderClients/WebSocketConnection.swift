import NIOCore
import NIOPosix
import NIOSSL
import Providers
import Synchronization

/// Where a WebSocket is, and how much it may hold and wait for.
public struct WebSocketEndpoint: Sendable {
    /// `ws` or `wss`, with path and query.
    public var url: String
    /// Sent with the upgrade request. Their values appear in no error.
    public var headers: [(name: String, value: String)]
    /// Named in errors: `deepgram`.
    public var provider: String
    /// For name look-up, TCP, TLS and the upgrade together.
    public var connectDeadline: Duration = .milliseconds(1_500)
    /// An inbound message beyond it closes the connection with 1009.
    public var mostMessageBytes = 1 << 20
    /// Outbound bytes that are not written yet; beyond it the connection is closed, as nobody reads at the other end.
    public var mostQueuedBytes = 1 << 20
    /// A ping is sent this often. When nothing at all was received from one ping until the next is due, the connection is
    /// closed: its TCP may be half open. Nil: no pings.
    public var pingInterval: Duration? = .seconds(2)
    /// For `wss`: what is trusted. Nil: the system's certificates. The host's name is verified unless this says otherwise.
    public var tls: TLSConfiguration?

    public init(url: String, provider: String, headers: [(name: String, value: String)] = []) {
        self.url = url
        self.provider = provider
        self.headers = headers
    }
}

/// A client's WebSocket (RFC 6455) to a vendor.
///
/// - Threads: every method may be called from any thread and returns at once. Messages leave in the order in which one
///   thread sends them; a call on the connection's own event loop writes directly, without a hop.
/// - Bounds: `WebSocketEndpoint` has them all. Inbound messages are not queued: they are handed on as they are complete.
/// - Cost of a message: one buffer for header and masked payload, one write and flush.
public final class WebSocketConnection: Sendable {
    public enum Event: Sendable {
        case text(ByteBuffer)
        case binary(ByteBuffer)
        /// Exactly once, and last. `code`: the peer's, or ours where it broke the protocol; nil: the transport ended.
        case closed(code: Int?, reason: String)
    }

    let channel: any Channel
    private let mostQueuedBytes: Int
    private let open = Atomic(true)
    /// Bytes on their way from other threads to the event loop.
    private let handedOver = Atomic(0)

    init(channel: any Channel, mostQueuedBytes: Int) {
        self.channel = channel
        self.mostQueuedBytes = mostQueuedBytes
    }

    /// Connects and upgrades. Events arrive on the connection's event loop, in order, the first ones possibly before this
    /// returns; none when it throws.
    ///
    /// - Throws: `ProviderError`. An answer other than an upgrade is `rejected` with its status in the text (retryable:
    ///   429, with `Retry-After` where it was sent) or, from 500 on, `unavailable`; no connection is `unavailable` or
    ///   `timedOut`, both retryable.
    public static func connect(
        _ endpoint: WebSocketEndpoint, on eventLoop: (any EventLoop)? = nil,
        onEvent: @escaping @Sendable (Event) -> Void
    ) async throws(ProviderError) -> WebSocketConnection {
        let loop = eventLoop ?? MultiThreadedEventLoopGroup.singleton.next()
        do {
            return try await WebSocketHandshake.start(endpoint, on: loop, onEvent: onEvent).get()
        } catch let error as ProviderError {
            throw error
        } catch {
            throw ProviderError(
                provider: endpoint.provider, kind: .unavailable, detail: "the connection failed: \(type(of: error))",
                isRetryable: true)
        }
    }

    public var eventLoop: any EventLoop { channel.eventLoop }
    /// False from the moment either side begins to close.
    public var isOpen: Bool { open.load(ordering: .acquiring) }

    public func send(text: String) { send(.text, text.utf8) }
    public func send(text: ByteBuffer) { send(.text, text.readableBytesView) }
    public func send(binary: ByteBuffer) { send(.binary, binary.readableBytesView) }

    /// Sends a close frame, waits at most 1 s for the peer's, then closes TCP. Messages that still come are handed on.
    public func close(code: Int = 1_000) {
        let close = WebSocketCommand.close(code: UInt16(clamping: code))
        if channel.eventLoop.inEventLoop {
            channel.triggerUserOutboundEvent(close, promise: nil)
        } else {
            channel.eventLoop.execute { self.channel.triggerUserOutboundEvent(close, promise: nil) }
        }
    }

    func markClosed() { open.store(false, ordering: .releasing) }

    private func send(_ opcode: WebSocketFrameBytes.Opcode, _ payload: some Collection<UInt8>) {
        guard isOpen else { return }
        let frame = WebSocketFrameBytes.make(opcode, payload, allocator: channel.allocator)
        if channel.eventLoop.inEventLoop { return write(frame) }
        let bytes = frame.readableBytes
        let waiting = handedOver.add(bytes, ordering: .relaxed).newValue
        channel.eventLoop.execute {
            self.handedOver.subtract(bytes, ordering: .relaxed)
            if self.isOpen { self.write(frame) }
        }
        if waiting > mostQueuedBytes { overflow() }
    }

    private func write(_ frame: ByteBuffer) {
        // Below NIO's own low mark there is nothing to count.
        if !channel.isWritable || frame.readableBytes > mostQueuedBytes {
            let queued = try? channel.syncOptions?.getOption(.bufferedWritableBytes)
            if (queued ?? 0) + frame.readableBytes > mostQueuedBytes { return overflow() }
        }
        channel.writeAndFlush(frame, promise: nil)
    }

    private func overflow() {
        let drop = WebSocketCommand.drop(reason: "more than \(mostQueuedBytes) bytes wait to be sent")
        markClosed()
        channel.eventLoop.execute { self.channel.triggerUserOutboundEvent(drop, promise: nil) }
    }
}

/// What a connection asks of its handler.
enum WebSocketCommand: Sendable {
    case close(code: UInt16)
    case drop(reason: String)
}
