import NIOCore
import NIOWebSocket

/// The open connection's end of the pipeline: frames become messages, pings are answered, the close is agreed upon.
///
/// Everything runs on the connection's event loop.
final class WebSocketMessages: ChannelInboundHandler, ChannelOutboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How long the peer may take to answer our close frame.
    static let closeLimit: TimeAmount = .seconds(1)
    /// Nobody cuts a message of 1 MB finer; what comes in more pieces is an attack.
    static let mostFragments = 1_024

    private let connection: WebSocketConnection
    private let endpoint: WebSocketEndpoint
    private let onEvent: @Sendable (WebSocketConnection.Event) -> Void
    private var pings: RepeatedTask?
    private var hasReceived = true
    private var hasSentClose = false
    private var isFinished = false
    /// What `.closed` will say.
    private var ending: (code: Int?, reason: String)?
    /// The message whose first frames have come.
    private var partial: (isText: Bool, bytes: ByteBuffer, fragments: Int)?

    init(
        _ connection: WebSocketConnection, _ endpoint: WebSocketEndpoint,
        _ onEvent: @escaping @Sendable (WebSocketConnection.Event) -> Void
    ) {
        self.connection = connection
        self.endpoint = endpoint
        self.onEvent = onEvent
    }

    func handlerAdded(context: ChannelHandlerContext) {
        guard let interval = endpoint.pingInterval.map(TimeAmount.init) else { return }
        let own = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        pings = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            own.value.0.ping(own.value.1)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { pings?.cancel() }

    private func ping(_ context: ChannelHandlerContext) {
        guard hasReceived else { return drop(context, nil, "a ping was not answered") }
        hasReceived = false
        write(.ping, [UInt8](), context)
    }

    // MARK: Inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        hasReceived = true
        guard !isFinished else { return }
        let frame = Self.unwrapInboundIn(data)
        switch frame.opcode {
        case .text, .binary:
            guard partial == nil else { return refuse(context, 1_002, "a message began within another") }
            let bytes = frame.unmaskedData
            if frame.fin { return deliver(frame.opcode == .text, bytes) }
            partial = (frame.opcode == .text, bytes, 1)
        case .continuation: proceed(frame, context)
        case .ping: write(.pong, frame.unmaskedData.readableBytesView, context)
        case .pong: break
        case .connectionClose: peerClosed(frame.unmaskedData, context)
        default: refuse(context, 1_002, "a frame of an unknown kind")
        }
    }

    private func proceed(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        guard var message = partial else { return refuse(context, 1_002, "a message without a beginning") }
        // Let go of the stored buffer, or each fragment would copy all before it.
        partial = nil
        var bytes = frame.unmaskedData
        message.fragments += 1
        guard message.bytes.readableBytes + bytes.readableBytes <= endpoint.mostMessageBytes,
            message.fragments <= Self.mostFragments
        else { return refuse(context, 1_009, tooLarge) }
        message.bytes.writeBuffer(&bytes)
        if frame.fin { deliver(message.isText, message.bytes) } else { partial = message }
    }

    private var tooLarge: String { "a message is larger than \(endpoint.mostMessageBytes) bytes" }

    private func deliver(_ isText: Bool, _ bytes: ByteBuffer) { onEvent(isText ? .text(bytes) : .binary(bytes)) }

    private func peerClosed(_ payload: ByteBuffer, _ context: ChannelHandlerContext) {
        var payload = payload
        let code = payload.readInteger(as: UInt16.self)
        ending = (code.map(Int.init), String(buffer: payload))
        finish(context, answer: code ?? 1_000)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength: refuse(context, 1_009, tooLarge)
        case is NIOWebSocketError: refuse(context, 1_002, "a frame breaks the protocol")
        default: drop(context, nil, "the transport failed: \(type(of: error))")
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        pings?.cancel()
        connection.markClosed()
        isFinished = true
        let end = ending ?? (nil, hasSentClose ? "closed by us" : "the transport ended without a close frame")
        onEvent(.closed(code: end.code, reason: end.reason))
        context.fireChannelInactive()
    }

    // MARK: Outbound

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let command = event as? WebSocketCommand else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        promise?.succeed()
        switch command {
        case .drop(let reason): drop(context, nil, reason)
        case .close(let code):
            guard !hasSentClose, !isFinished else { return }
            hasSentClose = true
            connection.markClosed()
            context.writeAndFlush(
                Self.wrapOutboundOut(.close(code, context.channel.allocator)), promise: nil)
            let own = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.assumeIsolated().scheduleTask(in: Self.closeLimit) {
                own.value.0.drop(own.value.1, nil, "the close was not answered")
            }
        }
    }

    private func write(
        _ opcode: WebSocketFrameBytes.Opcode, _ bytes: some Collection<UInt8>, _ context: ChannelHandlerContext
    ) {
        guard !hasSentClose, !isFinished else { return }
        let frame = WebSocketFrameBytes.make(opcode, bytes, allocator: context.channel.allocator)
        context.writeAndFlush(Self.wrapOutboundOut(frame), promise: nil)
    }

    /// The peer broke the rules: says so and closes.
    private func refuse(_ context: ChannelHandlerContext, _ code: UInt16, _ reason: String) {
        guard !isFinished else { return }
        partial = nil
        if ending == nil { ending = (Int(code), reason) }
        finish(context, answer: code)
    }

    /// Sends the last close frame, unless one was sent, and closes TCP after it.
    private func finish(_ context: ChannelHandlerContext, answer code: UInt16) {
        isFinished = true
        pings?.cancel()
        connection.markClosed()
        guard !hasSentClose else { return context.close(promise: nil) }
        hasSentClose = true
        let own = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(Self.wrapOutboundOut(.close(code, context.channel.allocator)))
            .whenComplete { _ in own.value.close(promise: nil) }
        // A peer that does not read would keep the frame, and us, waiting.
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.closeLimit) { own.value.close(promise: nil) }
    }

    /// Closes TCP at once: nobody is there to be told.
    private func drop(_ context: ChannelHandlerContext, _ code: Int?, _ reason: String) {
        if ending == nil { ending = (code, reason) }
        isFinished = true
        pings?.cancel()
        connection.markClosed()
        context.close(promise: nil)
    }
}

extension ByteBuffer {
    /// The close frame that says `code`.
    fileprivate static func close(_ code: UInt16, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        // Codes that only stand for the lack of one must not be sent (RFC 6455, 7.4.1).
        let isSendable = (1_000..<5_000).contains(code) && ![1_004, 1_005, 1_006, 1_015].contains(code)
        return WebSocketFrameBytes.close(code: isSendable ? code : 1_000, reason: "", allocator: allocator)
    }
}
