import CallTime
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Server
import Synchronization

/// What a listener and its sockets said, from any thread.
final class ListenerLog: Sendable {
    struct Missing: Error, CustomStringConvertible {
        var description: String
    }

    private let entries = Mutex<[ListenerEvent]>([])
    private let closings = Mutex<[Int?]>([])
    private let requests = Mutex<[UpgradeRequest]>([])

    var events: [ListenerEvent] { entries.withLock { $0 } }
    /// The codes sockets were closed with, in order.
    var closeCodes: [Int?] { closings.withLock { $0 } }
    var upgradeRequests: [UpgradeRequest] { requests.withLock { $0 } }

    func add(_ event: ListenerEvent) { entries.withLock { $0.append(event) } }
    func addClosing(_ code: Int?) { closings.withLock { $0.append(code) } }
    func add(_ request: UpgradeRequest) { requests.withLock { $0.append(request) } }

    func count(_ event: ListenerEvent) -> Int { events.filter { $0 == event }.count }

    func waitFor(_ event: ListenerEvent, count wanted: Int = 1) async throws {
        try await waitUntil("\(wanted) × \(event), had \(events.suffix(5))") { self.count(event) >= wanted }
    }

    func waitUntil(_ what: @autoclosure () -> String, within deadline: Duration = .seconds(10), _ isTrue: () -> Bool)
        async throws
    {
        let end = ContinuousClock.now + deadline
        while !isTrue() {
            guard ContinuousClock.now < end else { throw Missing(description: what()) }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}

/// Sends back what it hears; a few words make it do something else.
final class EchoSocket: MediaSocketHandler {
    private let log: ListenerLog
    private var socket: MediaSocket?

    init(_ log: ListenerLog) { self.log = log }

    func opened(_ socket: MediaSocket) { self.socket = socket }

    func received(text: ByteBuffer) {
        switch String(buffer: text) {
        case "bye": socket?.close(code: 4_000, reason: String(repeating: "é", count: 100))
        case "three": for word in ["one", "two", "three"] { socket?.send(text: Array(word.utf8)) }
        case "flood": for _ in 0..<200 { socket?.send(text: [UInt8](repeating: 0x61, count: 65_000)) }
        default: socket?.send(text: text)
        }
    }

    func closed(code: Int?) {
        log.addClosing(code)
        socket = nil
    }
}

/// Runs a listener on a free port for as long as the body takes, and demands that it stops afterwards.
func withListener(
    _ change: (inout ListenerConfiguration) -> Void = { _ in },
    _ body: (_ port: Int, _ log: ListenerLog, _ listener: Listener) async throws -> Void
) async throws {
    var configuration = ListenerConfiguration()
    configuration.host = "127.0.0.1"
    configuration.port = 0
    change(&configuration)
    let log = ListenerLog()
    let router = Router(context: ListenerContext.self)
    router.get("hello") { _, context in "hello \(context.remoteAddress ?? "nobody")" }
    router.post("length") { request, context in
        let body = try await request.body.collect(upTo: context.maxUploadSize)
        return "\(body.readableBytes)"
    }
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let listener = try Listener(
        configuration: configuration, router: router,
        upgrade: { request in
            log.add(request)
            switch request.path {
            case "/media": return .accept(EchoSocket(log))
            case "/forbidden": return .refuse(status: 403)
            case "/full": return .refuse(status: 503)
            default: return .refuse(status: 404)
            }
        }, onEvent: { log.add($0) }, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
    let running = Task { try await listener.run() }
    do {
        try await body(try await listener.boundPort(), log, listener)
    } catch {
        await listener.stop()
        throw error
    }
    await listener.stop()
    try await running.value
}

/// An open socket.
func openSocket(_ port: Int, _ path: String = "/media") async throws -> ListenerClient {
    let client = try await ListenerClient(port: port)
    await client.send(ListenerClient.upgrade(path))
    let head = try await client.takeHead()
    guard head.hasPrefix("HTTP/1.1 101") else { throw ListenerLog.Missing(description: "no upgrade: \(head)") }
    return client
}
