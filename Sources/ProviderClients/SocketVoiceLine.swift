import NIOCore
import NIOPosix
import Providers

/// The sockets of one line to a vendor's voice and what is said on them. Only used on its event loop.
protocol VoiceSockets: AnyObject, SendableMetatype {
    associatedtype Configuration: Sendable

    init(_ configuration: Configuration, isShared: Bool, loop: any EventLoop)

    var loop: any EventLoop { get }
    var socketCount: Int { get }
    var openCount: Int { get }
    var requestCount: Int { get }

    func warmUp()
    func begin(_ ticket: SpeechTicket)
    func cancel(_ number: Int)
    func end()

    func connected(_ connection: WebSocketConnection, _ number: Int)
    func receive(_ event: WebSocketConnection.Event, from number: Int)
    func lost(_ number: Int, _ error: ProviderError)
}

extension VoiceSockets {
    /// Connects the socket of this number, straight on the event loop: a task would wait its turn behind whatever else
    /// the process computes.
    func connect(_ endpoint: WebSocketEndpoint, number: Int) {
        let own = NIOLoopBound(self, eventLoop: loop)
        let (loop, provider) = (loop, endpoint.provider)
        WebSocketHandshake.start(endpoint, on: loop) { event in own.value.receive(event, from: number) }
            .whenComplete { result in
                switch result {
                case .success(let connection): own.value.connected(connection, number)
                case .failure(let error):
                    let known = error as? ProviderError
                    // Later, since it may be known before this function has returned.
                    loop.execute {
                        own.value.lost(
                            number,
                            known
                                ?? ProviderError(
                                    provider: provider, kind: .unavailable, detail: "no connection", isRetryable: true))
                    }
                }
            }
    }
}

/// One call's sockets, or those of nobody's, all on one event loop; asked from any thread.
final class SocketVoiceLine<Sockets: VoiceSockets>: VoiceLine {
    private let loop: any EventLoop
    private let sockets: NIOLoopBoundBox<Sockets?>
    private let configuration: Sockets.Configuration
    private let isShared: Bool

    init(_ configuration: Sockets.Configuration, isShared: Bool) {
        loop = MultiThreadedEventLoopGroup.singleton.next()
        sockets = .makeEmptyBox(valueType: Sockets.self, eventLoop: loop)
        self.configuration = configuration
        self.isShared = isShared
    }

    func warmUp() { run { $0.warmUp() } }
    func say(_ ticket: SpeechTicket) { run { $0.begin(ticket) } }
    func cancel(_ number: Int) { run { $0.cancel(number) } }
    func end() { run { $0.end() } }

    /// For tests: sockets that are open or opening, those of them that are open, and requests that are not over.
    func counts() async throws -> (sockets: Int, open: Int, requests: Int) {
        try await loop.submit { [self] in
            (sockets.value?.socketCount ?? 0, sockets.value?.openCount ?? 0, sockets.value?.requestCount ?? 0)
        }.get()
    }

    private func run(_ act: @escaping @Sendable (Sockets) -> Void) {
        loop.execute { [self] in
            let known = sockets.value ?? Sockets(configuration, isShared: isShared, loop: loop)
            sockets.value = known
            act(known)
        }
    }
}
