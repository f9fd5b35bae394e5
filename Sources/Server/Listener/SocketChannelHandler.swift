import NIOCore
import NIOWebSocket

/// The last handler of a socket's channel: whole messages up, messages and control frames down.
///
/// RFC 6455 from the server's side. A violation ends the socket with the code the RFC has for it; nothing else is touched.
final class SocketChannelHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    /// How long a peer has to answer our goodbye. What it still sends is read and dropped, so that the goodbye reaches it.
    static let lingering: TimeAmount = .seconds(2)

    private enum Phase {
        case open
        /// Our close frame is sent.
        case closing
        case closed
    }

    private let configuration: ListenerConfiguration
    private let id: Int
    private let onEvent: @Sendable (ListenerEvent) -> Void
    private var handler: (any MediaSocketHandler)?
    private var context: ChannelHandlerContext?
    private var phase = Phase.open
    /// The message so far when it comes in fragments.
    private var fragments: ByteBuffer?
    /// Whether anything came since the last ping.
    private var hasHeard = true
    private var timer: Scheduled<Void>?
    private var isReading = false
    private var needsFlush = false

    init(
        id: Int, handler: any MediaSocketHandler, configuration: ListenerConfiguration,
        onEvent: @escaping @Sendable (ListenerEvent) -> Void
    ) {
        self.id = id
        self.handler = handler
        self.configuration = configuration
        self.onEvent = onEvent
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        onEvent(.socketOpened)
        schedulePing(context)
        handler?.opened(MediaSocket(id: id, eventLoop: context.eventLoop, handler: self))
    }

    func handlerRemoved(context: ChannelHandlerContext) { finish(code: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        finish(code: nil)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = Self.unwrapInboundIn(data)
        isReading = true
        hasHeard = true
        switch phase {
        case .open: receive(frame, context)
        case .closing: if frame.opcode == .connectionClose { end(code: Self.closeCode(frame.unmaskedData), context) }
        case .closed: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flushIfNeeded()
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: end(code: nil, context)
        case is ChannelShouldQuiesceEvent: close(code: 1_001, reason: "the server stops")
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength: fail(1_009, .messageTooLarge)
        case is NIOWebSocketError: fail(1_002, .protocolError)
        // What comes after a frame that could not be read; we linger for the peer to see why.
        case is ByteToMessageDecoderError: break
        default: end(code: nil, context)
        }
    }

    // MARK: Receiving

    private func receive(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        // A client masks everything and no extension was agreed upon (RFC 6455, sections 5.1 and 5.2).
        guard frame.maskKey != nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else { return fail(1_002, .protocolError) }
        switch frame.opcode {
        case .text:
            guard fragments == nil else { return fail(1_002, .protocolError) }
            if frame.fin { deliver(frame.unmaskedData) } else { fragments = frame.unmaskedData }
        case .continuation:
            guard var message = fragments else { return fail(1_002, .protocolError) }
            guard message.readableBytes + frame.length <= configuration.mostMessageBytes else {
                return fail(1_009, .messageTooLarge)
            }
            fragments = nil
            message.writeImmutableBuffer(frame.unmaskedData)
            if frame.fin { deliver(message) } else { fragments = message }
        case .binary: fail(1_003, .binaryMessage)
        case .ping: write(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData))
        case .pong: break
        case .connectionClose: answerClose(frame.unmaskedData, context)
        default: fail(1_002, .protocolError)
        }
    }

    private func deliver(_ message: ByteBuffer) {
        guard Self.isUTF8(message) else { return fail(1_007, .textNotUTF8) }
        handler?.received(text: message)
    }

    private func answerClose(_ data: ByteBuffer, _ context: ChannelHandlerContext) {
        let code = Self.closeCode(data)
        let isGood = data.readableBytes == 0 || code.map(Self.maySay) == true && Self.isUTF8(data, from: 2)
        guard isGood else { return fail(1_002, .protocolError) }
        sendClose(code, "")
        end(code: code, context)
    }

    private static func closeCode(_ data: ByteBuffer) -> Int? {
        data.getInteger(at: data.readerIndex, as: UInt16.self).map { Int($0) }
    }

    /// Whether a peer may send this code (RFC 6455, section 7.4).
    private static func maySay(_ code: Int) -> Bool {
        switch code {
        case 1_000...1_003, 1_007...1_014, 3_000...4_999: true
        default: false
        }
    }

    private static func isUTF8(_ data: ByteBuffer, from start: Int = 0) -> Bool {
        guard data.readableBytes > start else { return data.readableBytes == start || start == 0 }
        return (try? UTF8Span(validating: data.readableBytesUInt8Span.extracting(droppingFirst: start))) != nil
    }

    // MARK: Sending

    var isOpen: Bool { phase == .open }

    var queuedBytes: Int {
        guard let context, phase != .closed else { return 0 }
        return (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    func send(_ text: ByteBuffer) {
        guard phase == .open else { return }
        write(WebSocketFrame(fin: true, opcode: .text, data: text))
    }

    private func write(_ frame: WebSocketFrame) {
        guard let context, phase == .open else { return }
        context.write(Self.wrapOutboundOut(frame), promise: nil)
        if !needsFlush {
            needsFlush = true
            // While we read, the end of reading flushes.
            if !isReading { context.eventLoop.assumeIsolated().execute { self.flushIfNeeded() } }
        }
        if queuedBytes > configuration.mostQueuedBytes { fail(1_013, .sendQueueFull) }
    }

    private func flushIfNeeded() {
        guard needsFlush, let context else { return }
        needsFlush = false
        context.flush()
    }

    private func schedulePing(_ context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(configuration.pingInterval)) {
            guard self.phase == .open, let context = self.context else { return }
            guard self.hasHeard else {
                self.onEvent(.pingUnanswered)
                return self.end(code: nil, context)
            }
            self.hasHeard = false
            self.write(WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer()))
            self.schedulePing(context)
        }
    }

    // MARK: Ending

    func close(code: Int, reason: String) {
        guard phase == .open, let context else { return }
        sendClose(code, reason)
        phase = .closing
        fragments = nil
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingering) {
            if let context = self.context { self.end(code: nil, context) }
        }
    }

    /// Ends the socket for what the peer did.
    private func fail(_ code: Int, _ event: ListenerEvent) {
        guard phase == .open else { return }
        onEvent(event)
        close(code: code, reason: "")
        tellClosed(code: code)
    }

    private func sendClose(_ code: Int?, _ reason: String) {
        guard let context else { return }
        var data = ByteBuffer()
        if let code {
            data.writeInteger(UInt16(clamping: code))
            var reason = reason
            while reason.utf8.count > 123 { reason.removeLast() }
            data.writeString(reason)
        }
        needsFlush = false
        context.writeAndFlush(
            Self.wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: data)), promise: nil)
    }

    private func end(code: Int?, _ context: ChannelHandlerContext) {
        guard phase != .closed else { return }
        phase = .closed
        tellClosed(code: code)
        context.close(promise: nil)
    }

    private func finish(code: Int?) {
        phase = .closed
        timer?.cancel()
        timer = nil
        tellClosed(code: code)
        context = nil
    }

    private func tellClosed(code: Int?) {
        guard let handler else { return }
        self.handler = nil
        onEvent(.socketClosed)
        handler.closed(code: code)
    }
}
