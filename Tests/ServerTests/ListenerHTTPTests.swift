import CallTime
import Hummingbird
import Logging
import NIOPosix
import Server
import TestSupport
import Testing

/// One listener at a time: each test has its own, and some count connections.
@Suite struct ListenerHTTPTests {
    // MARK: Requests

    @Test func requestsReachTheRouterAndSeveralMayShareAConnection() async throws {
        try await withListener { port, _, _ in
            let client = try await ListenerClient(port: port)
            await client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.takeHead().hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(try await client.take { $0.count >= 15 ? 15 : nil } == Array("hello 127.0.0.1".utf8))
            await client.send("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\n12345")
            #expect(try await client.takeAll().hasSuffix("\r\n\r\n5"))
        }
    }

    @Test func anUnknownRouteIs404() async throws {
        try await withListener { port, _, _ in
            let client = try await ListenerClient(port: port)
            await client.send("GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(try await client.takeAll().hasPrefix("HTTP/1.1 404 "))
        }
    }

    @Test func aBodyThatSaysItIsTooLongIs413BeforeItComes() async throws {
        try await withListener({ $0.mostBodyBytes = 1_000 }) { port, log, _ in
            let client = try await ListenerClient(port: port)
            await client.send("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n")
            #expect(try await client.takeAll().hasPrefix("HTTP/1.1 413 "))
            #expect(log.count(.bodyTooLarge) == 1)
        }
    }

    @Test func aBodyOfUnsaidLengthIs413OnceItIsTooLong() async throws {
        try await withListener({ $0.mostBodyBytes = 1_000 }) { port, log, _ in
            let head = "POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            let client = try await ListenerClient(port: port)
            await client.send(head + "3e8\r\n" + String(repeating: "a", count: 1_000) + "\r\n0\r\n\r\n")
            #expect(try await client.takeHead().hasPrefix("HTTP/1.1 200 "))
            let other = try await ListenerClient(port: port)
            await other.send(head + "3e9\r\n" + String(repeating: "a", count: 1_001) + "\r\n")
            #expect(try await other.takeAll().hasPrefix("HTTP/1.1 413 "))
            #expect(log.count(.bodyTooLarge) == 1)
        }
    }

    // MARK: Time

    @Test func connectionsThatSayNothingAreClosedAndCounted() async throws {
        try await withListener({ $0.idleTimeout = .milliseconds(300) }) { port, log, listener in
            var clients: [ListenerClient] = []
            for _ in 0..<200 { clients.append(try await ListenerClient(port: port)) }
            for client in clients { #expect(try await client.takeAll() == "") }
            try await log.waitFor(.timedOut, count: 200)
            try await log.waitUntil("no connection left") { listener.openConnections == 0 }
        }
    }

    @Test func aHeadThatDripsInIsCutOff() async throws {
        try await withListener({ $0.headTimeout = .milliseconds(200) }) { port, log, _ in
            let client = try await ListenerClient(port: port)
            await client.send("GET /hello HTTP/1.1\r\nX: ")
            let dripping = Task {
                for _ in 0..<200 {
                    await client.send("x")
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            #expect(try await client.takeAll() == "")
            dripping.cancel()
            #expect(log.count(.timedOut) == 1)
        }
    }

    @Test func aBodyThatDripsInIs408() async throws {
        try await withListener({ $0.bodyTimeout = .milliseconds(200) }) { port, log, _ in
            let client = try await ListenerClient(port: port)
            await client.send("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12")
            #expect(try await client.takeAll().hasPrefix("HTTP/1.1 408 "))
            #expect(log.count(.timedOut) == 1)
        }
    }

    @Test func aKeptConnectionIsClosedWhenNothingMoreComes() async throws {
        try await withListener({ $0.idleTimeout = .milliseconds(200) }) { port, _, _ in
            let client = try await ListenerClient(port: port)
            await client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.takeAll().hasSuffix("hello 127.0.0.1"))
        }
    }

    // MARK: Number

    @Test func oneConnectionTooManyIsClosedAtOnceAndTheOthersGoOn() async throws {
        try await withListener({ $0.mostConnections = 2 }) { port, log, listener in
            let first = try await ListenerClient(port: port)
            let second = try await ListenerClient(port: port)
            try await log.waitUntil("two connections") { listener.openConnections == 2 }
            let third = try await ListenerClient(port: port)
            #expect(try await third.takeAll() == "")
            #expect(log.count(.connectionRefused) == 1)
            for client in [first, second] {
                await client.send("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                #expect(try await client.takeAll().hasPrefix("HTTP/1.1 200 "))
            }
            try await log.waitUntil("no connection left") { listener.openConnections == 0 }
            let fourth = try await ListenerClient(port: port)
            await fourth.send("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(try await fourth.takeAll().hasPrefix("HTTP/1.1 200 "))
        }
    }

    // MARK: Hostile bytes

    @Test func whatIsNoHTTPIs400AndClosed() async throws {
        try await withListener { port, log, _ in
            let client = try await ListenerClient(port: port)
            await client.send("nonsense\r\n\r\n")
            #expect(try await client.takeAll().hasPrefix("HTTP/1.1 400 "))
            #expect(log.count(.malformedRequest) == 1)
        }
    }

    @Test func randomBytesEndTheirOwnConnectionOnly() async throws {
        try await withListener({ $0.headTimeout = .milliseconds(200) }) { port, log, listener in
            let good = try await openSocket(port)
            var random = SplitMix64(seed: 77)
            for _ in 0..<60 {
                let client = try await ListenerClient(port: port)
                await client.send((0..<Int(random.next() % 400)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
                client.close()
            }
            await good.send(ListenerClient.text("still here"))
            #expect(try await good.takeFrame()?.text == "still here")
            try await log.waitUntil("one connection left") { listener.openConnections == 1 }
        }
    }

    @Test func everyTruncationOfAnUpgradeLeavesNothingBehind() async throws {
        try await withListener({ $0.headTimeout = .milliseconds(300) }) { port, log, listener in
            let request = Array(ListenerClient.upgrade("/media").utf8)
            for length in 0..<request.count {
                let client = try await ListenerClient(port: port)
                await client.send(Array(request[..<length]))
                client.close()
            }
            try await log.waitUntil("no connection left") { listener.openConnections == 0 }
            #expect(log.count(.socketOpened) == 0)
        }
    }

    // MARK: TLS and configuration

    @Test func badConfigurationIsNamed() throws {
        func failure(_ change: (inout ListenerConfiguration) -> Void) -> String? {
            var configuration = ListenerConfiguration()
            change(&configuration)
            do throws(ConfigurationError) {
                _ = try Listener(
                    configuration: configuration, router: Router(context: ListenerContext.self),
                    eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "test"))
                return nil
            } catch {
                return error.field
            }
        }
        #expect(failure { $0.port = 70_000 } == "port")
        #expect(failure { $0.mostConnections = 0 } == "mostConnections")
        #expect(failure { $0.idleTimeout = .zero } == "idleTimeout")
        #expect(failure { $0.certificatePath = "/nowhere" } == "keyPath")
        #expect(failure { ($0.certificatePath, $0.keyPath) = ("/nowhere", "/nowhere") } == "certificatePath")
        #expect(failure { _ in } == nil)
    }

    @Test func aPortThatIsTakenIsAnError() async throws {
        try await withListener { port, _, _ in
            await #expect(throws: (any Error).self) {
                try await withListener({ $0.port = port }) { _, _, _ in }
            }
        }
    }

    @Test func aProcessMayUseAtLeastOneCore() {
        #expect(Listener.availableCores >= 1)
    }
}
