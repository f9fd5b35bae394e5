import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Providers

/// Opens TCP and TLS, asks for the upgrade and turns whatever else happens into a `ProviderError`.
///
/// Everything runs on the connection's event loop; `result` is completed exactly once.
final class WebSocketHandshake: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let endpoint: WebSocketEndpoint
    private let address: WebAddress
    private let onEvent: @Sendable (WebSocketConnection.Event) -> Void
    private let result: EventLoopPromise<WebSocketConnection>
    private var isDone = false

    private init(
        _ endpoint: WebSocketEndpoint, _ address: WebAddress, _ result: EventLoopPromise<WebSocketConnection>,
        _ onEvent: @escaping @Sendable (WebSocketConnection.Event) -> Void
    ) {
        self.endpoint = endpoint
        self.address = address
        self.result = result
        self.onEvent = onEvent
    }

    // MARK: Start

    static func start(
        _ endpoint: WebSocketEndpoint, on loop: any EventLoop,
        onEvent: @escaping @Sendable (WebSocketConnection.Event) -> Void
    ) -> EventLoopFuture<WebSocketConnection> {
        func fail(_ kind: ProviderError.Kind, _ detail: String, isRetryable: Bool) -> ProviderError {
            ProviderError(provider: endpoint.provider, kind: kind, detail: detail, isRetryable: isRetryable)
        }
        guard let address = WebAddress(endpoint.url) else {
            return loop.makeFailedFuture(fail(.rejected, "its address is not one of a WebSocket", isRetryable: false))
        }
        guard endpoint.headers.allSatisfy({ isSafe($0.name) && isSafe($0.value) }) else {
            return loop.makeFailedFuture(
                fail(.rejected, "a header (a key?) holds a line break or another control character", isRetryable: false)
            )
        }
        let result = loop.makePromise(of: WebSocketConnection.self)
        loop.execute {
            let handshake = NIOLoopBound(WebSocketHandshake(endpoint, address, result, onEvent), eventLoop: loop)
            let deadline = TimeAmount(endpoint.connectDeadline)
            let timer = loop.scheduleTask(in: deadline) {
                handshake.value.fail(.timedOut, "no connection within \(endpoint.connectDeadline)", isRetryable: true)
            }
            result.futureResult.whenComplete { _ in timer.cancel() }
            ClientBootstrap(group: loop)
                .connectTimeout(deadline)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try handshake.value.configure(channel) }
                }
                .connect(host: address.hostToConnect, port: address.port)
                .whenComplete { outcome in
                    switch outcome {
                    case .success(let channel):
                        // Also when the deadline has passed meanwhile.
                        result.futureResult.whenFailure { _ in channel.close(promise: nil) }
                    case .failure(let error): handshake.value.fail(error)
                    }
                }
        }
        return result.futureResult
    }

    private static func isSafe(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    private func configure(_ channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        if address.isSecure {
            let context = try endpoint.tls.map { try NIOSSLContext(configuration: $0) } ?? Self.systemTrust.get()
            // SNI has no place for an address, only for a name.
            let name = address.isLiteral ? nil : address.hostToConnect
            try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
        }
        try pipeline.addHTTPClientHandlers(
            leftOverBytesStrategy: .forwardBytes,
            withClientUpgrade: (upgraders: [Upgrader(handshake: self)], completionHandler: { _ in }))
        try pipeline.addHandler(self)
    }

    /// Reading the system's certificates takes milliseconds: once a process.
    private static let systemTrust = Result { try NIOSSLContext(configuration: .makeClientConfiguration()) }

    // MARK: The upgrade

    func channelActive(context: ChannelHandlerContext) {
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: address.host + (address.explicitPort.map { ":\($0)" } ?? ""))
        for header in endpoint.headers { headers.add(name: header.name, value: header.value) }
        let target = address.target.hasPrefix("/") ? address.target : "/" + address.target
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: headers)
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    /// Only what is not an upgrade gets here.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = Self.unwrapInboundIn(data), !isDone else { return }
        let status = Int(head.status.code)
        var detail = "the upgrade was answered with HTTP \(status)"
        if let wait = head.headers.first(name: "Retry-After").flatMap({ Int($0) }), wait >= 0 {
            detail += ", retry after \(wait) s"
        }
        switch status {
        case 500...: fail(.unavailable, detail, isRetryable: true)
        case 408: fail(.timedOut, detail, isRetryable: true)
        case 429: fail(.rejected, detail, isRetryable: true)
        case 400..<500: fail(.rejected, detail, isRetryable: false)
        default: fail(.malformed, detail, isRetryable: false)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error) }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.unavailable, "the connection was closed before it was a WebSocket", isRetryable: true)
        context.fireChannelInactive()
    }

    fileprivate func upgraded(_ context: ChannelHandlerContext) throws {
        guard !isDone else { throw ChannelError.ioOnClosedChannel }
        let channel = context.channel
        let connection = WebSocketConnection(channel: channel, mostQueuedBytes: endpoint.mostQueuedBytes)
        let pipeline = channel.pipeline.syncOperations
        pipeline.removeHandler(self, promise: nil)
        try pipeline.addHandler(
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: max(125, endpoint.mostMessageBytes))))
        try pipeline.addHandler(WebSocketMessages(connection, endpoint, onEvent))
        isDone = true
        result.succeed(connection)
    }

    // MARK: The end

    private func fail(_ error: any Error) {
        switch error {
        case let error as ProviderError: fail(error.kind, error.detail, isRetryable: error.isRetryable)
        case ChannelError.connectTimeout:
            fail(.timedOut, "no connection within \(endpoint.connectDeadline)", isRetryable: true)
        case is NIOConnectionError:
            fail(.unavailable, "no connection to \(address.host) port \(address.port)", isRetryable: true)
        case is NIOSSLExtraError:
            fail(.unavailable, "the certificate of \(address.host) is for another name", isRetryable: false)
        case is NIOSSLError, is BoringSSLError:
            // The library's own text names files of the machine that built it.
            let isDistrusted = "\(error)".contains("CERTIFICATE_VERIFY_FAILED")
            fail(
                .unavailable,
                "TLS with \(address.host) failed\(isDistrusted ? ": its certificate is not trusted" : "")",
                isRetryable: !isDistrusted)
        case is NIOHTTPClientUpgradeError, is HTTPParserError:
            fail(.malformed, "the upgrade was not answered as a WebSocket answers", isRetryable: false)
        default: fail(.unavailable, "the connection failed: \(type(of: error))", isRetryable: true)
        }
    }

    private func fail(_ kind: ProviderError.Kind, _ detail: String, isRetryable: Bool) {
        guard !isDone else { return }
        isDone = true
        result.fail(
            ProviderError(provider: endpoint.provider, kind: kind, detail: detail, isRetryable: isRetryable))
    }

    /// NIO's upgrader makes the key and checks the answer; the frames are written without its encoder.
    private final class Upgrader: NIOHTTPClientProtocolUpgrader {
        let supportedProtocol = "websocket"
        let requiredUpgradeHeaders: [String] = []
        private let handshake: WebSocketHandshake
        private let rules = NIOWebSocketClientUpgrader { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }

        init(handshake: WebSocketHandshake) { self.handshake = handshake }

        func addCustom(upgradeRequestHeaders: inout HTTPHeaders) {
            rules.addCustom(upgradeRequestHeaders: &upgradeRequestHeaders)
        }

        func shouldAllowUpgrade(upgradeResponse: HTTPResponseHead) -> Bool {
            rules.shouldAllowUpgrade(upgradeResponse: upgradeResponse)
        }

        func upgrade(context: ChannelHandlerContext, upgradeResponse: HTTPResponseHead) -> EventLoopFuture<Void> {
            context.eventLoop.makeCompletedFuture { try handshake.upgraded(context) }
        }
    }
}
