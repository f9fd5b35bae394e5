import AgentFile
import CallRuntime
import CallStore
import Foundation
import Logging
import NIOCore
import NIOPosix
import Providers
import Telephony
import UnixSignals

/// A server that answers and places telephone calls: the listener, the calls, the vendors, from start to drain.
public final class PhoneServer: Sendable {
    public let settings: ServerSettings
    let desk: CallDesk
    let outbound: OutboundCalls
    private let listener: Listener
    private let logger: Logger

    /// - Throws: `ConfigurationError`, `CallStoreError` or `ProviderError` for what cannot work.
    public convenience init(settings: ServerSettings, agents: [AgentFile], logger: Logger? = nil) async throws {
        let metrics = Metrics()
        let vendors = Vendors(settings: settings, metrics: metrics)
        try await self.init(settings: settings, agents: agents, logger: logger, metrics: metrics) {
            try await vendors.serve($0, store: $1)
        }
    }

    /// With agents whose providers are made by `serve`.
    init(
        settings: ServerSettings, agents: [AgentFile], logger given: Logger? = nil, metrics: Metrics = Metrics(),
        serve: (AgentFile, CallStore) async throws -> ServedAgent
    ) async throws {
        self.settings = settings
        let logger = given ?? Self.logger(settings)
        self.logger = logger
        let store = try CallStore(folder: settings.dataFolder)
        var served: [ServedAgent] = []
        for file in agents { served.append(try await serve(file, store)) }
        let desk = CallDesk(settings: settings, agents: served, store: store, metrics: metrics, logger: logger)
        self.desk = desk
        let client = TwilioClient(
            accountSID: settings.twilio.accountSID, authToken: settings.twilio.authToken,
            baseURL: settings.twilio.baseURL)
        outbound = OutboundCalls(desk: desk, client: client)
        listener = try Self.listener(settings, desk, outbound, logger)
        if settings.checksSignatures, settings.twilio.authToken.isEmpty {
            logger.warning("TWILIO_AUTH_TOKEN is not set: every request of the carrier will be refused")
        }
        if !settings.checksSignatures { logger.warning("signatures of the carrier are not checked") }
    }

    private static func logger(_ settings: ServerSettings) -> Logger {
        let redaction = Redaction(secrets: settings.secrets, keepsNumbers: settings.logsPrivate)
        return Logger(label: "parley") { label in
            LineLogHandler(
                label: label, level: Logger.Level(rawValue: settings.logLevel) ?? .info,
                isJSON: settings.logFormat == .json, redaction: redaction)
        }
    }

    private static func listener(
        _ settings: ServerSettings, _ desk: CallDesk, _ outbound: OutboundCalls, _ logger: Logger
    ) throws -> Listener {
        var configuration = ListenerConfiguration()
        configuration.host = settings.host
        configuration.port = settings.port
        configuration.certificatePath = settings.certificatePath
        configuration.keyPath = settings.keyPath
        let routes = WebRouter(
            twilio: TwilioRoutes(desk: desk, outbound: outbound), api: APIRoutes(desk: desk, outbound: outbound),
            mostBodyBytes: configuration.mostBodyBytes, isSecure: settings.certificatePath != nil)
        let door = MediaDoor(desk: desk)
        return try Listener(
            configuration: configuration, router: routes.router(), upgrade: { door.answer($0) },
            onEvent: { desk.metrics.count($0) }, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: logger)
    }

    /// Gives the process one event loop for each core it may use. Calls, vendors' connections and requests share them:
    /// what happens on one loop needs no hop to another.
    ///
    /// To be called once by a program that serves, before it uses any event loop.
    public static func sizeEventLoops() { NIOSingletons.groupLoopCountSuggestion = Listener.availableCores }

    // MARK: Running

    /// Serves until `stop` or `drain`.
    public func run() async throws {
        for agent in desk.agents {
            Task { for lines in agent.fixedLines { await lines.prepare() } }
        }
        logger.info(
            "serving",
            metadata: ["agents": "\(desk.agents.map(\.slug).joined(separator: ","))", "port": "\(settings.port)"])
        try await listener.run()
    }

    /// The port it listens on, once it does.
    public func boundPort() async throws -> Int { try await listener.boundPort() }

    /// Serves until SIGTERM or SIGINT, and then lets the calls end in peace.
    public func runUntilSignalled() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let draining = Task {
            for await _ in signals { break }
            // A signal comes here by itself; a server that failed ends the wait without one.
            if !Task.isCancelled { await self.drain() }
        }
        defer { draining.cancel() }
        // Draining ends in the listener's stop, and that ends this.
        try await run()
        await desk.journals.flush()
        try? desk.store.close()
    }

    /// The last words of a drained call may take this long.
    private static let lastWords = Duration.seconds(12)

    /// No new calls; running ones go on up to the limit, then the agent says goodbye; then the server stops.
    public func drain() async {
        guard !desk.isDraining else { return }
        desk.beginDrain()
        logger.info("draining", metadata: ["calls": "\(desk.directory.active)"])
        await waitForCalls(atMost: settings.drain)
        for call in desk.directory.running {
            let live = call.state.withLock { $0.live }
            if let live {
                await live.tell(.endRequested(line: ServerLines.drain, .requested))
            } else {
                desk.finish(call, outcome: .failed, reason: "the server closed")
            }
        }
        await waitForCalls(atMost: Self.lastWords)
        // The carrier still asks what to do after the stream; it shall be answered.
        if !desk.agents.isEmpty { try? await Task.sleep(for: .milliseconds(300)) }
        logger.info("stopped", metadata: ["calls_left": "\(desk.directory.active)"])
        await listener.stop()
    }

    private func waitForCalls(atMost limit: Duration) async {
        let clock = ContinuousClock()
        let end = clock.now + limit
        while desk.directory.active > 0, clock.now < end { try? await Task.sleep(for: .milliseconds(50)) }
    }

    public func stop() async { await listener.stop() }

    // MARK: One call

    public struct PlacedCall: Sendable {
        public var id: String
        public var outcome: String
        public var reason: String?
        /// Somebody, or a machine, was spoken to.
        public var wasReached: Bool
    }

    /// Serves for one call of ours, places it and waits for its end.
    public func placeOne(to number: String, detectsMachine: Bool) async throws -> PlacedCall {
        let running = Task { try await self.run() }
        _ = try await listener.boundPort()
        let order = OutboundCalls.Order(to: number, detectsMachine: detectsMachine)
        let id: String
        do {
            id = try await outbound.place(order).id
        } catch {
            await listener.stop()
            throw error
        }
        while let call = desk.directory.call(id), !call.isOver { try await Task.sleep(for: .milliseconds(100)) }
        let (outcome, reason) = desk.directory.call(id)?.state.withLock { ($0.outcome, $0.reason) } ?? (nil, nil)
        await listener.stop()
        try? await running.value
        await desk.journals.flush()
        let unreached: [CallOutcome] = [.noAnswer, .busy, .rejected, .cancelled, .failed]
        return PlacedCall(
            id: id, outcome: outcome?.rawValue ?? "failed", reason: reason,
            wasReached: outcome.map { !unreached.contains($0) } ?? false)
    }
}
