import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket
import Synchronization

/// Why an upgrade was not made; the client gets the status.
struct UpgradeRefused: Error {
    var status: Int
}

/// What the listener's connections share.
final class ListenerShared: Sendable {
    let configuration: ListenerConfiguration
    let upgrade: @Sendable (UpgradeRequest) -> UpgradeAnswer
    let onEvent: @Sendable (ListenerEvent) -> Void
    private let connections = Atomic<Int>(0)

    init(
        configuration: ListenerConfiguration, upgrade: @escaping @Sendable (UpgradeRequest) -> UpgradeAnswer,
        onEvent: @escaping @Sendable (ListenerEvent) -> Void
    ) {
        self.configuration = configuration
        self.upgrade = upgrade
        self.onEvent = onEvent
    }

    var openConnections: Int { connections.load(ordering: .relaxed) }

    /// Counts a connection until its channel closes; false when there are too many.
    func admit(_ channel: any Channel) -> Bool {
        let count = connections.add(1, ordering: .relaxed).newValue
        channel.closeFuture.whenComplete { _ in self.connections.subtract(1, ordering: .relaxed) }
        return count <= configuration.mostConnections
    }
}

/// Sets up one connection: HTTP through the router, or, when its first request asks for it, a WebSocket.
struct ListenerChannel: HTTPChannelHandler {
    typealias HTTPConnection = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    enum Kind: Sendable {
        case http(HTTPConnection)
        /// It lives in its channel; nothing waits for it.
        case socket
    }

    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let kind: EventLoopFuture<Kind>
    }

    let responder: Responder
    let shared: ListenerShared

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        guard shared.admit(channel) else {
            shared.onEvent(.connectionRefused)
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        return channel.eventLoop.makeCompletedFuture {
            try channel.syncOptions?.setOption(.socketOption(.tcp_nodelay), value: 1)
            let pipeline = channel.pipeline.syncOperations
            let clock = FirstRequestClock(shared.configuration, onEvent: shared.onEvent)
            try pipeline.addHandler(clock)
            let upgrader = SocketUpgrader(
                shared: shared, clock: NIOLoopBound(clock, eventLoop: channel.eventLoop),
                answer: NIOLoopBoundBox(nil, eventLoop: channel.eventLoop))
            var configuration = NIOUpgradableHTTPServerPipelineConfiguration<Kind>(
                upgradeConfiguration: .init(upgraders: [upgrader]) { channel in
                    channel.eventLoop.makeCompletedFuture { try beginHTTP(channel, upgrader, logger) }
                })
            // Requests in a row wait in the asynchronous channel; the router validates its own headers.
            configuration.enablePipelining = false
            configuration.enableResponseHeaderValidation = false
            let kind = try pipeline.configureUpgradableHTTPServerPipeline(configuration: configuration)
            try pipeline.addHandler(MalformedRequestCloser(onEvent: shared.onEvent))
            return Value(channel: channel, kind: kind)
        }
    }

    func handle(value: Value, logger: Logger) async {
        guard case .http(let connection) = try? await value.kind.get() else { return }
        await handleHTTP(asyncChannel: connection, logger: logger)
    }

    private func beginHTTP(_ channel: any Channel, _ upgrader: SocketUpgrader, _ logger: Logger) throws -> Kind {
        let pipeline = channel.pipeline.syncOperations
        if case .refuse(let status) = upgrader.answer.value {
            try pipeline.addHandler(RefusalHandler(status: status))
            return .socket
        }
        upgrader.clock.value.stop()
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try pipeline.addHandler(BodyBound(shared.configuration, onEvent: shared.onEvent))
        try pipeline.addHandler(
            HTTPConnectionStateHandler(idleTimeout: shared.configuration.idleTimeout, logger: logger))
        return .http(
            try HTTPConnection(
                wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true)))
    }
}

/// Answers the one upgrade a connection may ask for. Made for each connection and used on its event loop.
private struct SocketUpgrader: NIOTypedHTTPServerProtocolUpgrader {
    typealias UpgradeResult = ListenerChannel.Kind

    /// Counts the sockets of the process.
    private static let lastID = Atomic<Int>(0)

    let shared: ListenerShared
    let clock: NIOLoopBound<FirstRequestClock>
    let answer: NIOLoopBoundBox<UpgradeAnswer?>

    let supportedProtocol = "websocket"
    let requiredUpgradeHeaders: [String] = []

    func buildUpgradeResponse(
        channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        let answer = answer(channel, upgradeRequest)
        self.answer.value = answer
        switch answer {
        case .accept:
            return protocolUpgrader.buildUpgradeResponse(
                channel: channel, upgradeRequest: upgradeRequest, initialResponseHeaders: initialResponseHeaders)
        case .refuse(let status):
            shared.onEvent(.upgradeRefused(status: status))
            return channel.eventLoop.makeFailedFuture(UpgradeRefused(status: status))
        }
    }

    func upgrade(channel: any Channel, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<UpgradeResult> {
        clock.value.stop()
        return protocolUpgrader.upgrade(channel: channel, upgradeRequest: upgradeRequest)
    }

    private func answer(_ channel: any Channel, _ head: HTTPRequestHead) -> UpgradeAnswer {
        let versions = head.headers["sec-websocket-version"]
        guard versions == ["13"] else { return .refuse(status: versions.isEmpty ? 400 : 426) }
        guard head.method == .GET, head.version == .http1_1, head.headers["sec-websocket-key"].count == 1 else {
            return .refuse(status: 400)
        }
        return shared.upgrade(UpgradeRequest(head, on: channel))
    }

    private var protocolUpgrader: NIOTypedWebSocketServerUpgrader<UpgradeResult> {
        NIOTypedWebSocketServerUpgrader(
            maxFrameSize: shared.configuration.mostMessageBytes, enableAutomaticErrorHandling: false,
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    guard case .accept(let handler) = answer.value else { throw UpgradeRefused(status: 500) }
                    answer.value = nil
                    try channel.pipeline.syncOperations.addHandler(
                        SocketChannelHandler(
                            id: Self.lastID.add(1, ordering: .relaxed).newValue, handler: handler,
                            configuration: shared.configuration, onEvent: shared.onEvent))
                    return .socket
                }
            })
    }
}
