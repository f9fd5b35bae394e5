import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// The first handler of a connection (after TLS): closes it when its first request does not come in time.
final class FirstRequestClock: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let configuration: ListenerConfiguration
    private let onEvent: @Sendable (ListenerEvent) -> Void
    private var timer: Scheduled<Void>?
    private var hasBegun = false
    private var isDone = false

    init(_ configuration: ListenerConfiguration, onEvent: @escaping @Sendable (ListenerEvent) -> Void) {
        self.configuration = configuration
        self.onEvent = onEvent
    }

    /// The request is whole as far as we care, or somebody else watches over the rest.
    func stop() {
        isDone = true
        timer?.cancel()
        timer = nil
    }

    func handlerAdded(context: ChannelHandlerContext) { arm(configuration.idleTimeout, context) }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !hasBegun {
            hasBegun = true
            if !isDone { arm(configuration.headTimeout, context) }
        }
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, !isDone { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    private func arm(_ timeout: Duration, _ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(timeout)) {
            guard !self.isDone else { return }
            self.stop()
            self.onEvent(.timedOut)
            context.close(promise: nil)
        }
    }
}

/// Closes a connection whose bytes are no HTTP. The handler before it has answered 400 by then.
final class MalformedRequestCloser: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let onEvent: @Sendable (ListenerEvent) -> Void
    private var isClosed = false

    init(onEvent: @escaping @Sendable (ListenerEvent) -> Void) { self.onEvent = onEvent }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The refusal of an upgrade is no fault of the bytes; its answer is on its way.
        if error is UpgradeRefused { return }
        guard !isClosed else { return }
        isClosed = true
        if error is HTTPParserError { onEvent(.malformedRequest) }
        context.close(promise: nil)
    }
}

/// Answers a refused upgrade with its status, once the request is whole, and closes the connection.
final class RefusalHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let status: HTTPResponseStatus

    init(status: Int) { self.status = HTTPResponseStatus(statusCode: status) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = Self.unwrapInboundIn(data) else { return }
        let body = ByteBuffer(string: "\(status.code) \(status.reasonPhrase)\n")
        var headers: HTTPHeaders = [
            "content-type": "text/plain; charset=utf-8", "content-length": String(body.readableBytes),
            "connection": "close",
        ]
        if status == .upgradeRequired { headers.add(name: "sec-websocket-version", value: "13") }
        context.write(
            Self.wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
        context.write(Self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        let closing = context.eventLoop.makePromise(of: Void.self)
        closing.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: closing)
    }
}

/// Bounds the body of every request in bytes and in time: 413 and 408, then the end of the connection.
final class BodyBound: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// A client that is still sending is read for so long, so that it sees the answer.
    static let lingering: TimeAmount = .seconds(1)

    private let configuration: ListenerConfiguration
    private let onEvent: @Sendable (ListenerEvent) -> Void
    private var bodyBytes = 0
    /// Requests that are not yet answered in full.
    private var unanswered = 0
    private var isAnswering = false
    private var isOver = false
    private var timer: Scheduled<Void>?

    init(_ configuration: ListenerConfiguration, onEvent: @escaping @Sendable (ListenerEvent) -> Void) {
        self.configuration = configuration
        self.onEvent = onEvent
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            unanswered += 1
            bodyBytes = 0
            let length = head.headerFields[.contentLength].flatMap { Int($0) } ?? 0
            if length > configuration.mostBodyBytes { return refuse(.contentTooLarge, .bodyTooLarge, context) }
            timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(configuration.bodyTimeout)) {
                self.refuse(.requestTimeout, .timedOut, context)
            }
        case .body(let bytes):
            bodyBytes += bytes.readableBytes
            if bodyBytes > configuration.mostBodyBytes { return refuse(.contentTooLarge, .bodyTooLarge, context) }
        case .end:
            timer?.cancel()
            timer = nil
        }
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isOver, event as? ChannelEvent == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isOver else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch Self.unwrapOutboundIn(data) {
        case .head(let head): isAnswering = head.status.kind != .informational
        case .body: break
        case .end:
            isAnswering = false
            unanswered -= 1
        }
        context.write(data, promise: promise)
    }

    private func refuse(_ status: HTTPResponse.Status, _ event: ListenerEvent, _ context: ChannelHandlerContext) {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        onEvent(event)
        // With an answer under way, or one owed before this, ours cannot be put in.
        guard unanswered == 1, !isAnswering else { return context.close(promise: nil) }
        let head = HTTPResponse(status: status, headerFields: [.contentLength: "0", .connection: "close"])
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingering) { context.close(promise: nil) }
    }
}
