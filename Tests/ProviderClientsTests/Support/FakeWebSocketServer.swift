import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization

/// A WebSocket server inside the test process, on a free port of 127.0.0.1. What it does is said by closures, which run
/// on its clients' event loops; what it received is kept.
final class FakeWebSocketServer: Sendable {
    struct Request: Sendable {
        var uri: String
        var headers: HTTPHeaders
        /// 0 for the first request, whether it was accepted or not.
        var index: Int
    }

    enum Answer: Sendable {
        case upgrade
        case refuse(status: Int, headers: [(String, String)] = [])
        /// The request is never answered.
        case silence
    }

    enum Message: Sendable, Equatable {
        case text(String)
        case binary([UInt8])
        case close(code: Int?)
    }

    /// Asked for every request.
    typealias Accept = @Sendable (Request) -> Answer
    /// A client is connected.
    typealias Opened = @Sendable (FakeWebSocketClient) -> Void
    /// A message came; the close frame is the last.
    typealias Received = @Sendable (FakeWebSocketClient, Message) -> Void

    private let channel: any Channel
    private let log: Log
    /// Where it listens, or listened.
    let port: Int

    init(
        accept: @escaping Accept = { _ in .upgrade }, opened: @escaping Opened = { _ in },
        received: @escaping Received = { _, _ in }
    ) async throws {
        let log = Log()
        self.log = log
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let visit = Visit(log: log, accept: accept, opened: opened, received: received)
                    try visit.configure(channel)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress!.port!
    }

    var url: String { "ws://127.0.0.1:\(port)" }
    /// Every request so far, accepted or not.
    var requests: [Request] { log.state.withLock { $0.requests } }
    /// Every client that was accepted, gone or not.
    var clients: [FakeWebSocketClient] { log.state.withLock { $0.clients } }

    /// Closes the listening socket and every client's, without a close frame.
    func stop() async {
        for client in clients { client.drop() }
        try? await channel.close()
    }

    fileprivate final class Log: Sendable {
        struct State {
            var requests: [Request] = []
            var clients: [FakeWebSocketClient] = []
        }
        let state = Mutex(State())
    }
}

/// One connection to a `FakeWebSocketServer`. Every method may be called from any thread.
final class FakeWebSocketClient: Sendable {
    let request: FakeWebSocketServer.Request
    let channel: any Channel
    private let received = Mutex<[FakeWebSocketServer.Message]>([])

    fileprivate init(_ request: FakeWebSocketServer.Request, _ channel: any Channel) {
        self.request = request
        self.channel = channel
    }

    var eventLoop: any EventLoop { channel.eventLoop }
    /// What has come, in order.
    var messages: [FakeWebSocketServer.Message] { received.withLock { $0 } }
    var texts: [String] { messages.compactMap { if case .text(let text) = $0 { text } else { nil } } }
    var binaries: [[UInt8]] { messages.compactMap { if case .binary(let bytes) = $0 { bytes } else { nil } } }
    var isConnected: Bool { channel.isActive }

    fileprivate func keep(_ message: FakeWebSocketServer.Message) { received.withLock { $0.append(message) } }

    func send(_ text: String) { send(.text, ByteBuffer(string: text)) }
    func send(_ bytes: [UInt8]) { send(.binary, ByteBuffer(bytes: bytes)) }
    func ping(_ bytes: [UInt8] = []) { send(.ping, ByteBuffer(bytes: bytes)) }

    /// One message in several frames.
    func send(fragments: [String]) {
        for (index, piece) in fragments.enumerated() {
            send(index == 0 ? .text : .continuation, ByteBuffer(string: piece), fin: index == fragments.count - 1)
        }
    }

    func send(_ opcode: WebSocketOpcode, _ data: ByteBuffer, fin: Bool = true) {
        channel.writeAndFlush(WebSocketFrame(fin: fin, opcode: opcode, data: data), promise: nil)
    }

    /// Sends a close frame and leaves TCP open until the client closes it.
    func close(code: Int, reason: String = "") {
        var data = ByteBuffer(integer: UInt16(code))
        data.writeString(reason)
        send(.connectionClose, data)
    }

    /// Closes TCP without a word.
    func drop() { channel.close(promise: nil) }

    /// Reads nothing and answers nothing from now on, while TCP stays up: a half-open line.
    func freeze() { channel.setOption(.autoRead, value: false).whenComplete { _ in } }

    /// After a while, on the client's event loop.
    func after(_ delay: Duration, _ act: @escaping @Sendable () -> Void) {
        channel.eventLoop.scheduleTask(in: TimeAmount(delay), act)
    }
}

/// One client from its request on.
private final class Visit: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame

    private let log: FakeWebSocketServer.Log
    private let accept: FakeWebSocketServer.Accept
    private let opened: FakeWebSocketServer.Opened
    private let received: FakeWebSocketServer.Received
    private var answer = FakeWebSocketServer.Answer.upgrade
    private var client: FakeWebSocketClient?
    private var request: FakeWebSocketServer.Request?

    init(
        log: FakeWebSocketServer.Log, accept: @escaping FakeWebSocketServer.Accept,
        opened: @escaping FakeWebSocketServer.Opened, received: @escaping FakeWebSocketServer.Received
    ) {
        self.log = log
        self.accept = accept
        self.opened = opened
        self.received = received
    }

    func configure(_ channel: any Channel) throws {
        let own = NIOLoopBound(self, eventLoop: channel.eventLoop)
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: 1 << 24,
            shouldUpgrade: { channel, head in
                channel.eventLoop.makeSucceededFuture(own.value.decide(head) ? HTTPHeaders() : nil)
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture { try own.value.open(channel) }
            })
        let refusal = NIOLoopBound(Refusal { own.value.answer }, eventLoop: channel.eventLoop)
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withServerUpgrade: (
                upgraders: [upgrader],
                completionHandler: { $0.pipeline.syncOperations.removeHandler(refusal.value, promise: nil) }
            ))
        try channel.pipeline.syncOperations.addHandler(refusal.value)
    }

    private func decide(_ head: HTTPRequestHead) -> Bool {
        let request = log.state.withLock { state in
            let request = FakeWebSocketServer.Request(
                uri: head.uri, headers: head.headers, index: state.requests.count)
            state.requests.append(request)
            return request
        }
        self.request = request
        answer = accept(request)
        if case .upgrade = answer { return true }
        return false
    }

    private func open(_ channel: any Channel) throws {
        let client = FakeWebSocketClient(request!, channel)
        self.client = client
        log.state.withLock { $0.clients.append(client) }
        try channel.pipeline.syncOperations.addHandler(self)
        opened(client)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = Self.unwrapInboundIn(data)
        guard let client else { return }
        var bytes = frame.unmaskedData
        switch frame.opcode {
        case .text: take(.text(String(buffer: bytes)), client)
        case .binary: take(.binary(Array(buffer: bytes)), client)
        case .ping: client.send(.pong, bytes)
        case .connectionClose:
            let code = bytes.readInteger(as: UInt16.self)
            take(.close(code: code.map(Int.init)), client)
            // Answers, or confirms the answer; either way nothing more is to come.
            client.close(code: Int(code ?? 1_000))
            client.drop()
        default: break
        }
    }

    private func take(_ message: FakeWebSocketServer.Message, _ client: FakeWebSocketClient) {
        client.keep(message)
        received(client, message)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Answers a request that is not upgraded.
    private final class Refusal: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let answer: () -> FakeWebSocketServer.Answer

        init(answer: @escaping () -> FakeWebSocketServer.Answer) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = Self.unwrapInboundIn(data), case .refuse(let status, let fields) = answer() else {
                return
            }
            var headers = HTTPHeaders(fields)
            headers.add(name: "Content-Length", value: "0")
            let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)
            context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
