import CallTime
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// A request to a stand-in.
struct StandInRequest: Sendable {
    var method: HTTPMethod
    var path: String
    /// By name; the last value counts.
    var query: [String: String]
    var headers: HTTPHeaders

    init(_ head: HTTPRequestHead) {
        method = head.method
        headers = head.headers
        let parts = head.uri.split(separator: "?", maxSplits: 1)
        path = parts.first.map(String.init) ?? "/"
        query = [:]
        for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[String(sides[0])] = sides.count > 1 ? String(sides[1]) : ""
        }
    }
}

/// One vendor's side of a WebSocket. Called on the connection's event loop.
protocol StandInSocket: AnyObject {
    func received(text: ByteBuffer, _ line: StandInLine)
    func received(binary: ByteBuffer, _ line: StandInLine)
}

/// A connection to a stand-in, for its event loop only.
final class StandInLine {
    private let channel: any Channel

    init(_ channel: any Channel) { self.channel = channel }

    var isOpen: Bool { channel.isActive }

    func send(_ text: String) {
        channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text)), promise: nil)
    }

    func close(code: UInt16) {
        let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: ByteBuffer(integer: code))
        channel.writeAndFlush(frame, promise: nil)
    }

    /// Does something later, unless the connection is gone by then.
    func at(_ deadline: NIODeadline, _ act: @escaping (StandInLine) -> Void) {
        let own = NIOLoopBound((self, act), eventLoop: channel.eventLoop)
        channel.eventLoop.scheduleTask(deadline: deadline) {
            let (line, act) = own.value
            if line.isOpen { act(line) }
        }
    }
}

/// The answer to an HTTP request, for its event loop only.
final class StandInAnswer {
    private let channel: any Channel

    init(_ channel: any Channel) { self.channel = channel }

    func begin(_ status: HTTPResponseStatus, _ headers: HTTPHeaders) {
        channel.write(HTTPServerResponsePart.head(.init(version: .http1_1, status: status, headers: headers)), promise: nil)
    }

    func write(_ text: String) {
        channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: text))), promise: nil)
    }

    func end() { channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil) }

    func refuse(_ status: HTTPResponseStatus, _ body: String = "") {
        begin(status, ["Content-Type": "application/json", "Content-Length": "\(body.utf8.count)"])
        write(body)
        end()
    }

    /// Does something later, unless the client is gone by then.
    func at(_ deadline: NIODeadline, _ act: @escaping (StandInAnswer) -> Void) {
        let own = NIOLoopBound((self, act), eventLoop: channel.eventLoop)
        let channel = channel
        channel.eventLoop.scheduleTask(deadline: deadline) {
            if channel.isActive { own.value.1(own.value.0) }
        }
    }
}

/// A server of WebSockets and plain requests on a free port of 127.0.0.1.
final class StandInServer: Sendable {
    /// nil: the handshake is refused.
    typealias Accept = @Sendable (StandInRequest) -> (any StandInSocket)?
    typealias Serve = @Sendable (StandInRequest, ByteBuffer, StandInAnswer) -> Void

    static let mostBodyBytes = 1 << 20
    let port: Int
    private let channel: any Channel

    init(
        on group: any EventLoopGroup, accept: @escaping Accept = { _ in nil },
        serve: @escaping Serve = { $2.refuse(.notFound) }
    ) async throws {
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try Self.configure(channel, accept, serve) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let port = channel.localAddress?.port else { throw BenchFailure("a stand-in has no port") }
        self.port = port
    }

    /// Takes no more connections.
    func stop() async { try? await channel.close() }

    private static func configure(_ channel: any Channel, _ accept: @escaping Accept, _ serve: @escaping Serve) throws {
        let taken = NIOLoopBoundBox<(any StandInSocket)?>(nil, eventLoop: channel.eventLoop)
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: mostBodyBytes,
            shouldUpgrade: { channel, head in
                taken.value = accept(StandInRequest(head))
                return channel.eventLoop.makeSucceededFuture(taken.value == nil ? nil : HTTPHeaders())
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    guard let socket = taken.value else { return }
                    try channel.pipeline.syncOperations.addHandlers(
                        NIOWebSocketFrameAggregator(
                            minNonFinalFragmentSize: 1, maxAccumulatedFrameCount: 1_024,
                            maxAccumulatedFrameSize: mostBodyBytes),
                        SocketHandler(socket, StandInLine(channel)))
                }
            })
        let requests = NIOLoopBound(RequestHandler(serve), eventLoop: channel.eventLoop)
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withServerUpgrade: (
                upgraders: [upgrader],
                completionHandler: { $0.pipeline.syncOperations.removeHandler(requests.value, promise: nil) }
            ))
        try channel.pipeline.syncOperations.addHandler(requests.value)
    }
}

/// WebSocket frames in, messages out.
private final class SocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let socket: any StandInSocket
    private let line: StandInLine

    init(_ socket: any StandInSocket, _ line: StandInLine) {
        self.socket = socket
        self.line = line
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = Self.unwrapInboundIn(data)
        var bytes = frame.unmaskedData
        switch frame.opcode {
        case .text: socket.received(text: bytes, line)
        case .binary: socket.received(binary: bytes, line)
        case .ping: context.writeAndFlush(Self.wrapOutboundOut(.init(fin: true, opcode: .pong, data: bytes)), promise: nil)
        case .connectionClose:
            let code = bytes.readInteger(as: UInt16.self) ?? 1_000
            line.close(code: code)
            context.close(promise: nil)
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Whole requests.
private final class RequestHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart

    private let serve: StandInServer.Serve
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(_ serve: @escaping StandInServer.Serve) { self.serve = serve }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
        case .body(var part):
            guard body.readableBytes + part.readableBytes <= StandInServer.mostBodyBytes else {
                return context.close(promise: nil)
            }
            body.writeBuffer(&part)
        case .end:
            guard let head else { return }
            serve(StandInRequest(head), body, StandInAnswer(context.channel))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension NIODeadline {
    static func + (deadline: NIODeadline, duration: Duration) -> NIODeadline {
        deadline + TimeAmount.nanoseconds(duration.nanoseconds)
    }
}
