import Foundation
import NIOCore
import NIOSSL
import Server
import TestSupport
import Testing

@Suite struct ListenerSocketTests {
    typealias Client = ListenerClient

    // MARK: Upgrades

    @Test func anUpgradeIsAcceptedAndTheRequestIsSeen() async throws {
        try await withListener { port, log, _ in
            let client = try await ListenerClient(port: port)
            await client.send(Client.upgrade("/media?a=1&b=2"))
            let head = try await client.takeHead().lowercased()
            #expect(head.hasPrefix("http/1.1 101 "))
            // RFC 6455, section 1.3.
            #expect(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="))
            let request = try #require(log.upgradeRequests.first)
            #expect(request.path == "/media")
            #expect(request.query == "a=1&b=2")
            #expect(request.header("x-test") == "1" && request.header("X-TEST") == "1")
            #expect(request.remoteAddress == "127.0.0.1")
        }
    }

    @Test(arguments: [
        ("/forbidden", 403, "Forbidden"), ("/x", 404, "Not Found"), ("/full", 503, "Service Unavailable"),
    ])
    func aRefusalIsARealAnswer(_ path: String, _ status: Int, _ phrase: String) async throws {
        try await withListener { port, log, _ in
            let client = try await ListenerClient(port: port)
            await client.send(Client.upgrade(path))
            let answer = try await client.takeAll()
            #expect(answer.hasPrefix("HTTP/1.1 \(status) \(phrase)\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n\(status) \(phrase)\n"))
            #expect(log.count(.upgradeRefused(status: status)) == 1)
            #expect(log.count(.socketOpened) == 0)
        }
    }

    @Test func anUpgradeWithoutAKeyOrOfAnotherVersionIsRefused() async throws {
        try await withListener { port, log, _ in
            let request = Client.upgrade("/media")
            for (wrong, status) in [
                (request.replacing("Version: 13", with: "Version: 8"), "426"),
                (request.replacing("Sec-WebSocket-Version: 13\r\n", with: ""), "400"),
                (request.replacing("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", with: ""), "400"),
                (request.replacing("GET", with: "PUT"), "400"),
            ] {
                let client = try await ListenerClient(port: port)
                await client.send(wrong)
                #expect(try await client.takeAll().hasPrefix("HTTP/1.1 \(status) "))
            }
            #expect(log.upgradeRequests.isEmpty)
        }
    }

    // MARK: Messages

    @Test func messagesGoBothWaysInOrder() async throws {
        try await withListener { port, _, _ in
            let client = try await openSocket(port)
            await client.send(Client.text("hé 😀") + Client.text("three") + Client.text(""))
            for word in ["hé 😀", "one", "two", "three", ""] {
                let frame = try await client.takeFrame()
                #expect(frame == Client.Frame(first: 0x81, payload: Array(word.utf8)))
            }
        }
    }

    @Test func framesMayComeWithTheUpgradeAndByteByByte() async throws {
        try await withListener { port, _, _ in
            let client = try await ListenerClient(port: port)
            await client.send(Array(Client.upgrade("/media").utf8) + Client.text("early"))
            _ = try await client.takeHead()
            #expect(try await client.takeFrame()?.text == "early")
            for byte in Client.text("slow") { await client.send([byte]) }
            #expect(try await client.takeFrame()?.text == "slow")
        }
    }

    @Test func fragmentsMakeOneMessageAndPingsMayComeBetween() async throws {
        try await withListener { port, _, _ in
            let client = try await openSocket(port)
            // A character is cut in two.
            let text = Array("naïve".utf8)
            await client.send(Client.frame(1, Array(text[..<3]), fin: false))
            await client.send(Client.frame(9, Array("p1".utf8)))
            await client.send(Client.frame(0, [], fin: false) + Client.frame(0, Array(text[3...])))
            #expect(try await client.takeFrame() == Client.Frame(first: 0x8A, payload: Array("p1".utf8)))
            #expect(try await client.takeFrame()?.text == "naïve")
        }
    }

    @Test func aMessageMayBeAsLongAsTheBoundAndNoLonger() async throws {
        try await withListener({ $0.mostMessageBytes = 5_000 }) { port, log, _ in
            let text = String(repeating: "x", count: 5_000)
            let client = try await openSocket(port)
            await client.send(Client.text(text))
            #expect(try await client.takeFrame()?.text == text)
            await client.send(Client.frame(1, Array(text.utf8), fin: false) + Client.frame(0, []))
            #expect(try await client.takeFrame()?.text == text)
            await client.send(Client.frame(1, Array(text.utf8), fin: false) + Client.frame(0, [0x78]))
            #expect(try await client.takeFrame()?.closeCode == 1_009)
            let other = try await openSocket(port)
            await other.send(Client.text(text + "x"))
            #expect(try await other.takeFrame()?.closeCode == 1_009)
            try await log.waitUntil("two closings") { log.closeCodes == [1_009, 1_009] }
            #expect(log.count(.messageTooLarge) == 2)
        }
    }

    @Test func tenMegabytesEndTheirSocketAndNoOther() async throws {
        try await withListener { port, log, _ in
            let good = try await openSocket(port)
            let bad = try await openSocket(port)
            let sending = Task { await bad.send(Client.frame(1, [UInt8](repeating: 0x61, count: 10_000_000))) }
            #expect(try await bad.takeFrame()?.closeCode == 1_009)
            await good.send(Client.text("still here"))
            #expect(try await good.takeFrame()?.text == "still here")
            bad.close()
            await sending.value
            #expect(log.count(.messageTooLarge) == 1)
        }
    }

    // MARK: Ends

    @Test func aGoodbyeIsAnsweredWithItsCode() async throws {
        try await withListener { port, log, _ in
            let client = try await openSocket(port)
            await client.send(Client.close(1_000, "done"))
            #expect(try await client.takeFrame()?.closeCode == 1_000)
            #expect(try await client.takeFrame() == nil)
            let silent = try await openSocket(port)
            await silent.send(Client.frame(8, []))
            #expect(try await silent.takeFrame() == Client.Frame(first: 0x88, payload: []))
            try await log.waitUntil("two closings, had \(log.closeCodes)") { log.closeCodes == [1_000, nil] }
        }
    }

    @Test func ourGoodbyeIsSentOnceAndItsReasonIsCut() async throws {
        try await withListener { port, log, _ in
            let client = try await openSocket(port)
            await client.send(Client.text("bye") + Client.text("more"))
            let frame = try #require(try await client.takeFrame())
            #expect(frame.closeCode == 4_000)
            #expect(frame.payload.count == 2 + 122)
            await client.send(Client.close(4_000))
            #expect(try await client.takeFrame() == nil)
            try await log.waitUntil("closing") { log.closeCodes == [4_000] }
        }
    }

    @Test func aPeerThatDoesNotAnswerOurGoodbyeIsLeftTwoSecondsLater() async throws {
        try await withListener { port, log, _ in
            let client = try await openSocket(port)
            await client.send(Client.text("bye"))
            #expect(try await client.takeFrame()?.closeCode == 4_000)
            let start = ContinuousClock.now
            #expect(try await client.takeFrame() == nil)
            #expect(ContinuousClock.now - start < .seconds(4))
            try await log.waitUntil("closing") { log.closeCodes == [nil] }
        }
    }

    @Test func aConnectionThatVanishesClosesItsSocketOnce() async throws {
        try await withListener { port, log, listener in
            let client = try await openSocket(port)
            client.close()
            try await log.waitFor(.socketClosed)
            try await log.waitUntil("no connection left") { listener.openConnections == 0 }
            #expect(log.closeCodes == [nil])
            #expect(log.count(.socketClosed) == 1)
        }
    }

    @Test func stoppingSaysGoodbyeToEverySocket() async throws {
        try await withListener { port, log, listener in
            let client = try await openSocket(port)
            await listener.stop()
            #expect(try await client.takeFrame()?.closeCode == 1_001)
            await client.send(Client.close(1_001))
            #expect(try await client.takeFrame() == nil)
            try await log.waitUntil("closing") { log.closeCodes == [1_001] }
        }
    }

    // MARK: Violations

    @Test func binaryMessagesAndBadTextHaveTheirCodes() async throws {
        try await withListener { port, log, _ in
            for (frame, code) in [
                (Client.frame(2, [1, 2, 3]), 1_003), (Client.frame(2, [1], fin: false), 1_003),
                (Client.frame(1, [0xFF]), 1_007), (Client.frame(1, [0xC3]), 1_007),
                (Client.frame(1, [0xC3], fin: false) + Client.frame(0, [0x28]), 1_007),
            ] {
                let client = try await openSocket(port)
                await client.send(frame)
                #expect(try await client.takeFrame()?.closeCode == code)
            }
            #expect(log.count(.binaryMessage) == 2)
            #expect(log.count(.textNotUTF8) == 3)
        }
    }

    @Test func whatIsAgainstTheProtocolIs1002() async throws {
        try await withListener { port, log, _ in
            let frames: [[UInt8]] = [
                Client.frame(0, [1]),
                Client.frame(1, [0x61], fin: false) + Client.frame(1, [0x61]),
                Client.frame(1, [0x61], masked: false),
                Client.frame(1, [0x61], rsv: 0x40),
                Client.frame(3, [0x61]),
                Client.frame(0xB, []),
                Client.frame(9, [], fin: false),
                Client.frame(9, [UInt8](repeating: 0, count: 126)),
                Client.frame(8, [3]),
                Client.close(1_005),
                Client.close(999),
                Client.close(5_000),
                Client.frame(8, [3, 0xE8, 0xFF]),
            ]
            for frame in frames {
                let client = try await openSocket(port)
                await client.send(frame)
                #expect(try await client.takeFrame()?.closeCode == 1_002, "\(frame)")
            }
            #expect(log.count(.protocolError) == frames.count)
            try await log.waitUntil("closings") { log.closeCodes.count == frames.count }
            #expect(log.closeCodes.allSatisfy { $0 == 1_002 })
        }
    }

    @Test func randomFramesEndTheirOwnSocketOnly() async throws {
        try await withListener { port, log, listener in
            let good = try await openSocket(port)
            var random = SplitMix64(seed: 5)
            for _ in 0..<60 {
                let client = try await openSocket(port)
                await client.send((0..<Int(random.next() % 300)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
                client.close()
            }
            await good.send(Client.text("still here"))
            #expect(try await good.takeFrame()?.text == "still here")
            try await log.waitFor(.socketClosed, count: 60)
            try await log.waitUntil("one connection left") { listener.openConnections == 1 }
        }
    }

    @Test func everyTruncationOfAFrameLeavesNothingBehind() async throws {
        try await withListener { port, log, listener in
            let frame = Client.frame(1, [UInt8](repeating: 0x61, count: 130))
            for length in stride(from: 0, to: frame.count, by: 3) {
                let client = try await openSocket(port)
                await client.send(Array(frame[..<length]))
                client.close()
            }
            try await log.waitUntil("no connection left") { listener.openConnections == 0 }
            #expect(log.count(.socketOpened) == log.count(.socketClosed))
        }
    }

    // MARK: Patience

    @Test func aSocketIsPingedAndLivesAsLongAsItSaysAnything() async throws {
        try await withListener({ $0.pingInterval = .milliseconds(600) }) { port, log, _ in
            let client = try await openSocket(port)
            for _ in 0..<3 {
                #expect(try await client.takeFrame() == Client.Frame(first: 0x89, payload: []))
                await client.send(Client.frame(0xA, []))
            }
            #expect(log.count(.pingUnanswered) == 0)
            // Nothing more from us: one more ping, then the end.
            #expect(try await client.takeFrame()?.first == 0x89)
            #expect(try await client.takeFrame() == nil)
            try await log.waitUntil("closing") { log.closeCodes == [nil] }
            #expect(log.count(.pingUnanswered) == 1)
        }
    }

    @Test func aSocketIsNotClosedForBeingIdle() async throws {
        try await withListener({ $0.idleTimeout = .milliseconds(100) }) { port, _, _ in
            let client = try await openSocket(port)
            try await Task.sleep(for: .milliseconds(400))
            await client.send(Client.text("still here"))
            #expect(try await client.takeFrame()?.text == "still here")
        }
    }

    @Test func aPeerThatDoesNotReadIsCutOffWhenItsQueueIsFull() async throws {
        try await withListener { port, log, listener in
            let client = try await openSocket(port)
            try await client.setReading(false)
            // 13 MB, of which the kernel takes a part.
            await client.send(Client.text("flood"))
            try await log.waitFor(.sendQueueFull)
            try await log.waitUntil("closing") { log.closeCodes == [1_013] }
            try await log.waitUntil("no connection left") { listener.openConnections == 0 }
        }
    }

    // MARK: TLS

    @Test func socketsAndRequestsGoThroughTLS() async throws {
        let (certificate, key) = try selfSignedCertificate()
        try await withListener({ ($0.certificatePath, $0.keyPath) = (certificate, key) }) { port, _, _ in
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = .file(certificate)
            configuration.certificateVerification = .noHostnameVerification
            let context = try NIOSSLContext(configuration: configuration)
            let secured: @Sendable (any Channel) throws -> Void = { channel in
                try channel.pipeline.syncOperations.addHandler(
                    NIOSSLClientHandler(context: context, serverHostname: "localhost"))
            }
            let client = try await ListenerClient(port: port, prepare: secured)
            await client.send(Client.upgrade("/media"))
            #expect(try await client.takeHead().hasPrefix("HTTP/1.1 101 "))
            await client.send(Client.text("secret"))
            #expect(try await client.takeFrame()?.text == "secret")
            let refused = try await ListenerClient(port: port, prepare: secured)
            await refused.send(Client.upgrade("/forbidden"))
            #expect(try await refused.takeAll().hasSuffix("403 Forbidden\n"))
            let plain = try await ListenerClient(port: port)
            await plain.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await !plain.takeAll().contains("hello 127"))
        }
    }
}

/// A certificate for localhost, made by openssl, in a directory of its own.
private func selfSignedCertificate() throws -> (certificate: String, key: String) {
    let folder = FileManager.default.temporaryDirectory.appending(path: "listener-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let (certificate, key) = (folder.appending(path: "c.pem").path, folder.appending(path: "k.pem").path)
    let openssl = Process()
    openssl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    openssl.arguments = [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
    ]
    openssl.standardError = FileHandle.nullDevice
    try openssl.run()
    openssl.waitUntilExit()
    try #require(openssl.terminationStatus == 0)
    return (certificate, key)
}
