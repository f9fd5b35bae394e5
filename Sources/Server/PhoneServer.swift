import AgentFile
import AsyncHTTPClient
import CallRuntime
import CallStore
import Dispatch
import Foundation
import Logging
import NIOCore
import Providers
import Telephony

/// A server that answers and places telephone calls: the listener, the calls, the vendors, from start to drain.
public final class PhoneServer: Sendable {
    public let settings: ServerSettings
    let desk: CallDesk
    let outbound: OutboundCalls
    private let listener: Listener
    private let logger: Logger
    private let httpClient: HTTPClient

    /// - Throws: `ConfigurationError`, `CallStoreError` or `ProviderError` for what cannot work.
    public init(settings: ServerSettings, agents: [AgentFile], logger given: Logger? = nil) async throws {
        self.settings = settings
        let logger = given ?? Self.logger(settings)
        self.logger = logger
        let store = try CallStore(folder: settings.dataFolder)
        let metrics = Metrics()
        let httpClient = VendorHTTP.client()
        self.httpClient = httpClient
        let vendors = try Vendors(settings: settings, httpClient: httpClient, metrics: metrics)
        var served: [ServedAgent] = []
        for file in agents { served.append(try await vendors.serve(file, store: store)) }
        let desk = CallDesk(settings: settings, agents: served, store: store, metrics: metrics, logger: logger)
        self.desk = desk
        let client = TwilioClient(
            accountSID: settings.twilio.accountSID, authToken: settings.twilio.authToken,
            baseURL: settings.twilio.baseURL, httpClient: httpClient)
        outbound = OutboundCalls(desk: desk, client: client)
        listener = Self.listener(settings, desk, outbound, logger)
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

    // MARK: Running

    /// Serves until `stop` or `drain`.
    public func run() async throws {
        for agent in desk.agents {
            Task { for lines in agent.fixedLines { await lines.prepare() } }
        }
        logger.info(
            "serving", metadata: ["agents": "\(desk.agents.map(\.slug).joined(separator: ","))", "port": "\(settings.port)"])
        try await listener.run()
    }

    public func boundPort() async -> Int { await listener.boundPort() }

    /// Serves until SIGTERM or SIGINT, and then lets the calls end in peace.
    public func runUntilSignalled() async throws {
        let signals = Self.signals()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.run() }
            group.addTask {
                for await _ in signals { break }
                await self.drain()
            }
            try await group.next()
            group.cancelAll()
        }
        await desk.journals.flush()
        try? await httpClient.shutdown()
        try? desk.store.close()
    }

    private static func signals() -> AsyncStream<Int32> {
        AsyncStream { continuation in
            let sources = [SIGTERM, SIGINT].map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { continuation.yield(number) }
                source.resume()
                return source
            }
            continuation.onTermination = { _ in for source in sources { source.cancel() } }
        }
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
        listener.stop()
    }

    private func waitForCalls(atMost limit: Duration) async {
        let clock = ContinuousClock()
        let end = clock.now + limit
        while desk.directory.active > 0, clock.now < end { try? await Task.sleep(for: .milliseconds(50)) }
    }

    public func stop() { listener.stop() }

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
        defer { listener.stop() }
        _ = await listener.boundPort()
        let order = OutboundCalls.Order(to: number, detectsMachine: detectsMachine)
        let id = try await outbound.place(order).id
        while let call = desk.directory.call(id), !call.isOver { try await Task.sleep(for: .milliseconds(100)) }
        let (outcome, reason) = desk.directory.call(id)?.state.withLock { ($0.outcome, $0.reason) } ?? (nil, nil)
        listener.stop()
        try? await running.value
        await desk.journals.flush()
        let unreached: [CallOutcome] = [.noAnswer, .busy, .failed]
        return PlacedCall(
            id: id, outcome: outcome?.rawValue ?? "failed", reason: reason,
            wasReached: outcome.map { !unreached.contains($0) } ?? false)
    }
}
