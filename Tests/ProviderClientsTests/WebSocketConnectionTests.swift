import CallTime
import NIOCore
import Providers
import Synchronization
import Testing

@testable import ProviderClients

/// The events of one connection.
private final class EventLog: Sendable {
    private let events = Mutex<[String]>([])

    func take(_ event: WebSocketConnection.Event) {
        let line =
            switch event {
            case .text(let bytes): "text \(String(buffer: bytes))"
            case .binary(let bytes): "binary \(Array(buffer: bytes))"
            case .closed(let code, let reason): "closed \(code.map(String.init) ?? "-") \(reason)"
            }
        events.withLock { $0.append(line) }
    }

    var all: [String] { events.withLock { $0 } }
    var isClosed: Bool { all.last?.hasPrefix("closed") ?? false }
}

@Suite("A client's WebSocket")
struct WebSocketConnectionTests {
    private func connect(
        to server: FakeWebSocketServer, _ log: EventLog = EventLog(), path: String = "/live?a=1",
        _ change: (inout WebSocketEndpoint) -> Void = { _ in }
    ) async throws(ProviderError) -> WebSocketConnection {
        var endpoint = WebSocketEndpoint(
            url: server.url + path, provider: "vendor", headers: [("Authorization", "Token s3cret")])
        change(&endpoint)
        return try await WebSocketConnection.connect(endpoint) { log.take($0) }
    }

    private func failure(
        of server: FakeWebSocketServer, _ change: (inout WebSocketEndpoint) -> Void = { _ in }
    ) async -> ProviderError? {
        do throws(ProviderError) {
            _ = try await connect(to: server, EventLog(), path: "/", change)
            return nil
        } catch {
            return error
        }
    }

    @Test("Messages of both kinds arrive whole and in order, both ways")
    func echoes() async throws {
        let server = try await FakeWebSocketServer(received: { client, message in
            switch message {
            case .text(let text): client.send(text)
            case .binary(let bytes): client.send(bytes)
            case .close: break
            }
        })
        let log = EventLog()
        let connection = try await connect(to: server, log)
        connection.send(text: "héllo")
        connection.send(binary: ByteBuffer(bytes: [0, 255, 7]))
        connection.send(text: ByteBuffer(string: "three"))
        #expect(await eventually { log.all.count == 3 })
        #expect(log.all == ["text héllo", "binary [0, 255, 7]", "text three"])
        connection.close()
        #expect(await eventually { log.isClosed })
        #expect(log.all.last == "closed 1000 ")
        await server.stop()
    }

    @Test("Payloads of every header form survive", arguments: [0, 1, 125, 126, 65_535, 65_536, 300_000])
    func headerForms(size: Int) async throws {
        let server = try await FakeWebSocketServer(received: { client, message in
            if case .binary(let bytes) = message { client.send(bytes) }
        })
        let echoed = Mutex<[UInt8]?>(nil)
        let endpoint = WebSocketEndpoint(url: server.url, provider: "vendor")
        let connection = try await WebSocketConnection.connect(endpoint) { event in
            if case .binary(let bytes) = event { echoed.withLock { $0 = Array(buffer: bytes) } }
        }
        let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        connection.send(binary: ByteBuffer(bytes: payload))
        #expect(await eventually { echoed.withLock { $0 != nil } })
        #expect(echoed.withLock { $0 } == payload)
        connection.close()
        await server.stop()
    }

    @Test("Path, query and headers are sent as given")
    func request() async throws {
        let server = try await FakeWebSocketServer()
        let connection = try await connect(to: server, path: "/v1/x?k=a%20b&k=c")
        let request = try #require(server.requests.first)
        #expect(request.uri == "/v1/x?k=a%20b&k=c")
        #expect(request.headers["authorization"] == ["Token s3cret"])
        #expect(request.headers["host"] == ["127.0.0.1:\(server.port)"])
        connection.close()
        await server.stop()
    }

    @Test("What the server says with its upgrade answer is not lost")
    func earlyMessages() async throws {
        let server = try await FakeWebSocketServer(opened: { client in
            client.eventLoop.execute {
                client.send("first")
                client.send(fragments: ["sec", "", "ond"])
            }
        })
        for _ in 0..<20 {
            let log = EventLog()
            let connection = try await connect(to: server, log)
            #expect(await eventually { log.all.count == 2 })
            #expect(log.all == ["text first", "text second"])
            connection.close()
        }
        await server.stop()
    }

    @Test(
        "A refused upgrade is told apart by its status",
        arguments: [
            (401, ProviderError.Kind.rejected, false), (402, .rejected, false), (403, .rejected, false),
            (400, .rejected, false), (429, .rejected, true), (500, .unavailable, true), (503, .unavailable, true),
            (200, .malformed, false),
        ])
    func refused(status: Int, kind: ProviderError.Kind, isRetryable: Bool) async throws {
        let server = try await FakeWebSocketServer(accept: { _ in
            .refuse(status: status, headers: [("Retry-After", "7"), ("X-Echo", "s3cret")])
        })
        let error = try #require(await failure(of: server))
        #expect(error.kind == kind && error.isRetryable == isRetryable && error.provider == "vendor")
        #expect(error.detail.contains("HTTP \(status)"))
        #expect(error.detail.contains("retry after 7 s"))
        #expect(!"\(error)".contains("s3cret"))
        await server.stop()
    }

    @Test("An upgrade that is never answered times out within its deadline")
    func silence() async throws {
        let server = try await FakeWebSocketServer(accept: { _ in .silence })
        let begin = ContinuousClock.now
        let error = try #require(await failure(of: server) { $0.connectDeadline = .milliseconds(80) })
        #expect(error.kind == .timedOut && error.isRetryable)
        #expect(ContinuousClock.now - begin < .seconds(1))
        await server.stop()
    }

    @Test("A port where nobody listens is unavailable, and worth another try")
    func nobody() async throws {
        let server = try await FakeWebSocketServer()
        await server.stop()
        let error = try #require(await failure(of: server))
        #expect(error.kind == .unavailable && error.isRetryable)
    }

    @Test("A key with a line break is refused before anything is sent, and not repeated")
    func injection() async throws {
        let server = try await FakeWebSocketServer()
        let error = try #require(await failure(of: server) { $0.headers = [("Authorization", "Token s3\r\nX: 1")] })
        #expect(error.kind == .rejected && !error.isRetryable && !"\(error)".contains("s3"))
        #expect(server.requests.isEmpty)
        await server.stop()
    }

    @Test("The server's close frame gives its code and reason, once and last")
    func peerCloses() async throws {
        let server = try await FakeWebSocketServer(opened: { client in
            client.after(.milliseconds(10)) {
                client.send("last")
                client.close(code: 1_011, reason: "NET-0001")
                client.send("too late")
            }
        })
        let log = EventLog()
        let connection = try await connect(to: server, log)
        #expect(await eventually { log.isClosed })
        #expect(log.all == ["text last", "closed 1011 NET-0001"])
        #expect(!connection.isOpen)
        connection.send(text: "nobody hears this")
        connection.close()
        #expect(await eventually { server.clients[0].messages.last == .close(code: 1_011) })
        #expect(log.all.count == 2)
        await server.stop()
    }

    @Test("A transport that ends without a close frame is a close without a code")
    func dropped() async throws {
        let server = try await FakeWebSocketServer(opened: { client in client.after(.milliseconds(10)) { client.drop() }
        })
        let log = EventLog()
        _ = try await connect(to: server, log)
        #expect(await eventually { log.isClosed })
        #expect(log.all == ["closed - the transport ended without a close frame"])
        await server.stop()
    }

    @Test("A ping is answered with its own bytes, and an open line stays open while pings are answered")
    func pings() async throws {
        let server = try await FakeWebSocketServer()
        let log = EventLog()
        let connection = try await connect(to: server, log) { $0.pingInterval = .milliseconds(100) }
        try await Task.sleep(for: .milliseconds(450))
        #expect(connection.isOpen && log.all.isEmpty)
        connection.close()
        await server.stop()
    }

    @Test("A half-open line is noticed by a ping that is not answered")
    func halfOpen() async throws {
        let server = try await FakeWebSocketServer(opened: { $0.freeze() })
        let log = EventLog()
        let begin = ContinuousClock.now
        let connection = try await connect(to: server, log) { $0.pingInterval = .milliseconds(60) }
        #expect(await eventually { log.isClosed })
        #expect(log.all == ["closed - a ping was not answered"])
        #expect(ContinuousClock.now - begin < .seconds(1))
        #expect(!connection.isOpen)
        await server.stop()
    }

    @Test("A message larger than allowed closes with 1009, in one frame or in many", arguments: [true, false])
    func tooLarge(isWhole: Bool) async throws {
        let server = try await FakeWebSocketServer(opened: { client in
            client.after(.milliseconds(10)) {
                let piece = String(repeating: "x", count: 600)
                if isWhole { client.send(piece + piece) } else { client.send(fragments: [piece, piece]) }
            }
        })
        let log = EventLog()
        _ = try await connect(to: server, log) { $0.mostMessageBytes = 1_000 }
        #expect(await eventually { log.isClosed })
        #expect(log.all == ["closed 1009 a message is larger than 1000 bytes"])
        #expect(await eventually { server.clients[0].messages.last == .close(code: 1_009) })
        await server.stop()
    }

    @Test("A peer that reads nothing costs no more memory than the bound, and the connection is closed")
    func overflows() async throws {
        let server = try await FakeWebSocketServer(opened: { $0.freeze() })
        let log = EventLog()
        let connection = try await connect(to: server, log) {
            $0.mostQueuedBytes = 200_000
            $0.pingInterval = nil
        }
        let chunk = ByteBuffer(repeating: 1, count: 50_000)
        var sent = 0
        while connection.isOpen, sent < 1_000 {
            connection.send(binary: chunk)
            sent += 1
            if sent % 4 == 0 { try await Task.sleep(for: .milliseconds(1)) }
        }
        #expect(sent < 1_000)
        #expect(await eventually { log.isClosed })
        #expect(log.all == ["closed - more than 200000 bytes wait to be sent"])
        await server.stop()
    }

    @Test("A close that nobody answers ends within a good second")
    func unansweredClose() async throws {
        let server = try await FakeWebSocketServer(opened: { $0.freeze() })
        let log = EventLog()
        let connection = try await connect(to: server, log) { $0.pingInterval = nil }
        connection.close()
        #expect(await eventually(within: .milliseconds(1_500)) { log.isClosed })
        #expect(log.all == ["closed - the close was not answered"])
        await server.stop()
    }
}

@Suite("A vendor's address")
struct WebSocketVendorURLTests {
    @Test(
        "Both schemes are derived from any, and host, port and prefix are kept",
        arguments: [
            ("https://api.deepgram.com", "wss://api.deepgram.com/v1", "https://api.deepgram.com/v1"),
            ("ws://127.0.0.1:8080/", "ws://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
            ("WSS://h.example/a/b/", "wss://h.example/a/b/v1", "https://h.example/a/b/v1"),
            ("http://[::1]:9", "ws://[::1]:9/v1", "http://[::1]:9/v1"),
        ])
    func derived(base: String, webSocket: String, http: String) throws {
        let url = try VendorURL(base)
        #expect(url.webSocket(path: "/v1") == webSocket)
        #expect(url.http(path: "/v1") == http)
    }

    @Test("A query is percent-encoded, in order, and names may repeat")
    func query() throws {
        let url = try VendorURL("https://h")
        #expect(
            url.http(path: "v1/x y", query: [("k", "a b&c"), ("k", "Zoë"), ("", "1/2")])
                == "https://h/v1/x%20y?k=a%20b%26c&k=Zo%C3%AB&=1%2F2")
    }

    @Test(
        "What is no address is refused",
        arguments: [
            "", "h", "ftp://h", "https://", "https://h:0", "https://h:65536", "https://h:x", "https://h?a=1",
            "https://h/#f", "https://h h", "https://[::1", "https://.", "https://hé", "https://[::1]x",
        ])
    func refused(text: String) {
        #expect(throws: ConfigurationError.self) { try VendorURL(text) }
    }

    @Test("A refused address with a password is not repeated")
    func secret() throws {
        let error = try #require(throws: ConfigurationError.self) { try VendorURL("https://me:s3cret@h") }
        #expect(!"\(error)".contains("s3cret"))
    }
}
