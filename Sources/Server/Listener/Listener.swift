import CallTime
import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import Synchronization

/// What a route knows besides its request.
public struct ListenerContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// The peer's address, without its port. Behind a proxy, the proxy's.
    public let remoteAddress: String?

    /// The listener bounds bodies itself, by its configuration.
    public var maxUploadSize: Int { .max }

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress?.ipAddress
    }
}

/// One port that speaks HTTP, through a router, and WebSocket, through `upgrade`.
///
/// - Threads: one event loop a core that the process may use. `upgrade` and everything of a socket run on the socket's
///   loop; routes run as tasks; `onEvent` is called from any thread and must not wait.
/// - Bounds: connections, bodies, messages, send queues and every wait, all by `ListenerConfiguration`.
public final class Listener: Sendable {
    /// For others to share, so that a process has no more threads than it has use for.
    public let eventLoopGroup: any EventLoopGroup

    private let ownGroup: MultiThreadedEventLoopGroup?
    private let shared: ListenerShared
    private let service: ServiceGroup
    private let port: EventLoopPromise<Int>
    private let hasRun = Atomic<Bool>(false)

    /// - Parameters:
    ///   - upgrade: whether a request may become a socket; called on the connection's event loop.
    ///   - eventLoopGroup: nil makes one, which `shutDownEventLoops` ends.
    /// - Throws: `ConfigurationError`, also for a certificate or a key that cannot be used.
    public init(
        configuration: ListenerConfiguration, router: Router<ListenerContext>,
        upgrade: @escaping @Sendable (UpgradeRequest) -> UpgradeAnswer = { _ in .refuse(status: 404) },
        onEvent: @escaping @Sendable (ListenerEvent) -> Void = { _ in }, eventLoopGroup: (any EventLoopGroup)? = nil,
        logger: Logger
    ) throws(ConfigurationError) {
        try configuration.validate()
        let shared = ListenerShared(configuration: configuration, upgrade: upgrade, onEvent: onEvent)
        let plain = HTTPServerBuilder { responder in ListenerChannel(responder: responder, shared: shared) }
        let server = try Self.secured(plain, configuration)
        let threads = configuration.eventLoopThreads ?? Self.availableCores
        ownGroup = eventLoopGroup == nil ? MultiThreadedEventLoopGroup(numberOfThreads: threads) : nil
        let group = eventLoopGroup ?? ownGroup!
        let port = group.any().makePromise(of: Int.self)
        let application = Application(
            router: router, server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), backlog: 1_024),
            onServerRunning: { channel in port.succeed(channel.localAddress?.port ?? 0) },
            eventLoopGroupProvider: .shared(group), logger: logger)
        service = ServiceGroup(configuration: .init(services: [.init(service: application)], logger: logger))
        self.eventLoopGroup = group
        self.shared = shared
        self.port = port
    }

    deinit { port.fail(CancellationError()) }

    /// Listens until `stop`, or until the task is cancelled.
    ///
    /// - Precondition: called once.
    public func run() async throws {
        precondition(!hasRun.exchange(true, ordering: .relaxed), "a listener runs once")
        do {
            try await service.run()
            port.fail(CancellationError())
        } catch {
            port.fail(error)
            throw error
        }
    }

    /// Takes no more connections, says goodbye (1001) on every socket and lets requests under way be answered; then `run`
    /// returns.
    public func stop() async { await service.triggerGracefulShutdown() }

    /// The port it listens on, once it does. Throws what `run` does if that fails.
    public func boundPort() async throws -> Int { try await port.futureResult.get() }

    /// Connections now open, sockets among them.
    public var openConnections: Int { shared.openConnections }

    /// Ends the threads it made. Afterwards nothing may use `eventLoopGroup`.
    public func shutDownEventLoops() async throws { try await ownGroup?.shutdownGracefully() }

    /// The cores that this process may run on: 1 for one that is pinned, whatever the machine has.
    public static var availableCores: Int {
        // The kernel's own word: `Cpus_allowed:	3` is a bit set in hexadecimal, in groups of 32 bits.
        if let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed:") })
        {
            let count = line.dropFirst(13).compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
            if count > 0 { return count }
        }
        return max(1, ProcessInfo.processInfo.activeProcessorCount)
    }

    private static func secured(_ plain: HTTPServerBuilder, _ configuration: ListenerConfiguration)
        throws(ConfigurationError) -> HTTPServerBuilder
    {
        guard let certificatePath = configuration.certificatePath, let keyPath = configuration.keyPath else {
            return plain
        }
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMFile(certificatePath)
        } catch {
            throw ConfigurationError(field: "certificatePath", given: certificatePath, allowed: "a PEM certificate")
        }
        do {
            let key = try NIOSSLPrivateKey(file: keyPath, format: .pem)
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
            tls.applicationProtocols = ["http/1.1"]
            tls.minimumTLSVersion = .tlsv12
            return try .tls(plain, tlsConfiguration: tls)
        } catch {
            throw ConfigurationError(field: "keyPath", given: keyPath, allowed: "the certificate's PEM private key")
        }
    }
}
