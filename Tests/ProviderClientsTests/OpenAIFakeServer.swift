import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server inside the test process, on a free port of 127.0.0.1. What it answers is said by a closure, which runs
/// on its clients' event loops.
final class FakeHTTPServer: Sendable {
    struct Request: Sendable {
        var method: String
        var uri: String
        var headers: HTTPHeaders
        var body: [UInt8]
        /// 0 for the first request.
        var index: Int

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    fileprivate struct State {
        var requests: [Request] = []
        var opened = 0
        var connected = 0
        var running = 0
    }

    typealias Received = @Sendable (Request, FakeHTTPAnswer) -> Void

    private let channel: any Channel
    fileprivate let state: SharedState
    let port: Int

    fileprivate final class SharedState: Sendable {
        let value = Mutex(State())
    }

    init(received: @escaping Received) async throws {
        let state = SharedState()
        self.state = state
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    state.value.withLock { ($0.opened, $0.connected) = ($0.opened + 1, $0.connected + 1) }
                    channel.closeFuture.whenComplete { _ in state.value.withLock { $0.connected -= 1 } }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(FakeHTTPVisit(state: state, received: received))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress!.port!
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { state.value.withLock { $0.requests } }
    /// Connections that ever were.
    var openedCount: Int { state.value.withLock { $0.opened } }
    var connectedCount: Int { state.value.withLock { $0.connected } }
    /// Answers that are neither ended nor broken off.
    var runningCount: Int { state.value.withLock { $0.running } }

    func stop() async { try? await channel.close() }
}

/// The answer to one request. Every method may be called from any thread.
final class FakeHTTPAnswer: Sendable {
    private let channel: any Channel
    private let state: FakeHTTPServer.SharedState
    private let isOver = Atomic(false)

    fileprivate init(_ channel: any Channel, _ state: FakeHTTPServer.SharedState) {
        self.channel = channel
        self.state = state
        state.value.withLock { $0.running += 1 }
        channel.closeFuture.whenComplete { _ in self.finish() }
    }

    func head(_ status: Int = 200, _ headers: HTTPHeaders = ["Content-Type": "text/event-stream"]) {
        write(.head(HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)))
    }

    func send(_ bytes: [UInt8]) { write(.body(.byteBuffer(ByteBuffer(bytes: bytes)))) }
    func send(_ text: String) { send(Array(text.utf8)) }

    func end() {
        write(.end(nil))
        finish()
    }

    /// A whole answer at once.
    func answer(_ text: String, status: Int = 200, headers: HTTPHeaders = ["Content-Type": "text/event-stream"]) {
        head(status, headers)
        send(text)
        end()
    }

    /// Closes TCP without a word.
    func drop() { channel.close(promise: nil) }

    func after(_ delay: Duration, _ act: @escaping @Sendable () -> Void) {
        channel.eventLoop.scheduleTask(in: TimeAmount(delay), act)
    }

    private func write(_ part: HTTPServerResponsePart) { channel.writeAndFlush(part, promise: nil) }

    private func finish() {
        if !isOver.exchange(true, ordering: .relaxed) { state.value.withLock { $0.running -= 1 } }
    }
}

private final class FakeHTTPVisit: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    private let state: FakeHTTPServer.SharedState
    private let received: FakeHTTPServer.Received
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(state: FakeHTTPServer.SharedState, received: @escaping FakeHTTPServer.Received) {
        self.state = state
        self.received = received
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head): (self.head, body) = (head, [])
        case .body(let buffer): body += buffer.readableBytesView
        case .end:
            guard let head else { return }
            let body = body
            let request = state.value.withLock { state in
                let request = FakeHTTPServer.Request(
                    method: head.method.rawValue, uri: head.uri, headers: head.headers, body: body,
                    index: state.requests.count)
                state.requests.append(request)
                return request
            }
            received(request, FakeHTTPAnswer(context.channel, state))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
