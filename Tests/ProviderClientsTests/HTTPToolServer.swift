import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server on a port of its own: answers as it is told, and remembers what it was asked.
final class HTTPToolServer: Sendable {
    struct Request: Sendable {
        var method: String
        var uri: String
        var headers: [String: String]
        var body: [UInt8]
    }

    struct Reply: Sendable {
        var status = 200
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        /// How long it waits before the head, and again before the body.
        var delay: Duration = .zero
        var bodyDelay: Duration = .zero

        static func text(_ text: String, status: Int = 200, delay: Duration = .zero) -> Reply {
            Reply(status: status, body: Array(text.utf8), delay: delay)
        }
    }

    private let seen = Mutex<[Request]>([])
    private let channel = Mutex<(any Channel)?>(nil)
    private let reply: @Sendable (Request, _ count: Int) -> Reply

    var requests: [Request] { seen.withLock { $0 } }

    /// - Parameter reply: What is answered to the request that is the `count`th, from 1.
    init(_ reply: @escaping @Sendable (Request, _ count: Int) -> Reply) async throws {
        self.reply = reply
        let bound = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(server: self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        channel.withLock { $0 = bound }
    }

    var port: Int { channel.withLock { $0?.localAddress?.port } ?? 0 }
    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    func close() async throws { try await channel.withLock { $0 }?.close() }

    private func reply(to request: Request) -> Reply {
        let count = seen.withLock { seen in
            seen.append(request)
            return seen.count
        }
        return reply(request, count)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let server: HTTPToolServer
        private var request: Request?

        init(server: HTTPToolServer) { self.server = server }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                let headers = head.headers.map { ($0.name.lowercased(), $0.value) }
                request = Request(
                    method: head.method.rawValue, uri: head.uri, headers: Dictionary(headers) { $1 }, body: [])
            case .body(let part): request?.body += part.readableBytesView
            case .end: if let request { answer(server.reply(to: request), context) }
            }
        }

        private func answer(_ reply: Reply, _ context: ChannelHandlerContext) {
            var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: reply.status))
            for (name, value) in reply.headers { head.headers.add(name: name, value: value) }
            head.headers.add(name: "Content-Length", value: "\(reply.body.count)")
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            let loop = context.eventLoop
            loop.scheduleTask(in: .init(reply.delay)) { [head] in
                let (handler, context) = bound.value
                context.writeAndFlush(handler.wrapOutboundOut(.head(head)), promise: nil)
                loop.scheduleTask(in: .init(reply.bodyDelay)) {
                    let (handler, context) = bound.value
                    context.write(
                        handler.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: reply.body)))), promise: nil)
                    context.writeAndFlush(handler.wrapOutboundOut(.end(nil)), promise: nil)
                }
            }
        }
    }
}
