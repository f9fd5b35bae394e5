import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Telephony
import Testing

@testable import Server

/// Answers like Twilio, one prepared answer after the other; the last one stays.
private final class FakeTwilio: Sendable {
    struct Answer: Sendable {
        var status = 200
        var body = #"{"sid":"CA1","status":"queued"}"#
        var headers: [String: String] = [:]
        var delay: Duration = .zero
    }

    struct Seen: Sendable, Equatable {
        var method: String
        var path: String
        var authorization: String?
        var contentType: String?
        var body: String
    }

    private let answers: Mutex<[Answer]>
    private let requests = Mutex<[Seen]>([])

    var seen: [Seen] { requests.withLock { $0 } }

    init(_ answers: [Answer]) { self.answers = Mutex(answers) }

    private func respond(_ request: Request) async throws -> Response {
        let body = String(buffer: try await request.body.collect(upTo: 100_000))
        let seen = Seen(
            method: request.method.rawValue, path: request.uri.string,
            authorization: request.headers[.authorization], contentType: request.headers[.contentType], body: body)
        requests.withLock { $0.append(seen) }
        let answer = answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
        if answer.delay > .zero { try await Task.sleep(for: answer.delay) }
        var fields = HTTPFields()
        for (name, value) in answer.headers { fields[HTTPField.Name(name)!] = value }
        return Response(
            status: .init(code: answer.status), headers: fields,
            body: .init(byteBuffer: ByteBuffer(string: answer.body)))
    }

    /// Serves on a free port for as long as the body takes.
    func serve(_ body: (_ port: Int) async throws -> Void) async throws {
        let router = Router(context: ListenerContext.self)
        router.get("**") { request, _ in try await self.respond(request) }
        router.post("**") { request, _ in try await self.respond(request) }
        var configuration = ListenerConfiguration()
        (configuration.host, configuration.port) = ("127.0.0.1", 0)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let listener = try Listener(
            configuration: configuration, router: router, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: logger)
        let running = Task { try await listener.run() }
        do {
            try await body(try await listener.boundPort())
        } catch {
            await listener.stop()
            throw error
        }
        await listener.stop()
        try await running.value
    }
}

/// How many connections broke after a request had begun to arrive.
private final class BrokenRequests: Sendable {
    let count = Atomic<Int>(0)
}

/// Closes its connection at the first byte. A connection that closes before any is none that a request was sent on: the
/// HTTP client opens another by itself.
private final class BreakingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let broken: BrokenRequests
    private var hasBroken = false

    init(_ broken: BrokenRequests) { self.broken = broken }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !hasBroken { broken.count.add(1, ordering: .relaxed) }
        hasBroken = true
        context.close(promise: nil)
    }
}

@Suite struct TwilioClientTests {
    private let update = TwilioRequest.updateCall(account: "AC1", sid: "CA1", .complete)
    private let create = TwilioRequest.createCall(
        account: "AC1", TwilioNewCall(to: "+15005550010", from: "+15005550006", url: "https://a/b"))

    private func client(_ port: Int, scheme: String = "http", path: String = "", deadline: Duration = .seconds(5))
        -> TwilioClient
    {
        TwilioClient(
            accountSID: "AC1", authToken: "secret-token", baseURL: "\(scheme)://127.0.0.1:\(port)\(path)",
            deadline: deadline)
    }

    private func failure(_ client: TwilioClient, _ request: TwilioRequest) async -> TwilioClientError? {
        do throws(TwilioClientError) {
            _ = try await client.perform(request)
            return nil
        } catch {
            return error
        }
    }

    @Test func aCallIsCreatedWithCredentialsAndAForm() async throws {
        let twilio = FakeTwilio([.init()])
        try await twilio.serve { port in
            let response = try await client(port).perform(create)
            #expect(response.sid == "CA1")
            #expect(response.callStatus == .queued)
        }
        #expect(
            twilio.seen == [
                .init(
                    method: "POST", path: "/2010-04-01/Accounts/AC1/Calls.json",
                    // base64 of AC1:secret-token
                    authorization: "Basic QUMxOnNlY3JldC10b2tlbg==", contentType: "application/x-www-form-urlencoded",
                    body: "To=%2B15005550010&From=%2B15005550006&Url=https%3A%2F%2Fa%2Fb")
            ])
    }

    @Test func fetchingSendsNoBody() async throws {
        let twilio = FakeTwilio([.init()])
        try await twilio.serve { port in
            _ = try await client(port, scheme: "ws", path: "/prefix/").perform(.fetchAccount(account: "AC1"))
        }
        #expect(twilio.seen.map(\.path) == ["/prefix/2010-04-01/Accounts/AC1.json"])
        #expect(twilio.seen.map(\.method) == ["GET"])
        #expect(twilio.seen.map(\.body) == [""])
    }

    @Test func aRefusalCarriesStatusCodeAndMessageButNoCredentials() async throws {
        let twilio = FakeTwilio([
            .init(status: 401, body: #"{"code":20003,"message":"AC1:secret-token is wrong","status":401}"#),
            .init(status: 500, body: "<html>secret-token</html>"),
        ])
        try await twilio.serve { port in
            let error = await failure(client(port), create)
            #expect(error == .rejected(status: 401, code: 20_003, message: "AC1:… is wrong"))
            #expect(error?.description == "Twilio: refused with 401, code 20003: AC1:… is wrong")
            #expect(await failure(client(port), create) == .rejected(status: 500, code: nil, message: ""))
        }
        #expect(twilio.seen.count == 2)
    }

    @Test func updatingACallThatIsOverSaysSo() async throws {
        let twilio = FakeTwilio([
            .init(status: 404, body: #"{"code":20404,"message":"gone","status":404}"#),
            .init(status: 400, body: #"{"code":21220,"message":"not in progress","status":400}"#),
            .init(status: 404, body: #"{"code":20404,"message":"gone","status":404}"#),
        ])
        try await twilio.serve { port in
            #expect(await failure(client(port), update) == .callIsOver)
            #expect(await failure(client(port), update) == .callIsOver)
            let fetch = await failure(client(port), .fetchCall(account: "AC1", sid: "CA1"))
            #expect(fetch == .rejected(status: 404, code: 20_404, message: "gone"))
        }
    }

    @Test func aBusyTwilioIsAskedAgainTwiceAtMost() async throws {
        let busy = FakeTwilio.Answer(
            status: 429, body: #"{"code":20429,"message":"busy"}"#, headers: ["retry-after": "0"])
        let twilio = FakeTwilio([busy, busy, .init()])
        try await twilio.serve { port in
            let response = try await client(port).perform(create)
            #expect(response.sid == "CA1")
        }
        #expect(twilio.seen.count == 3)
        let stubborn = FakeTwilio([busy])
        try await stubborn.serve { port in
            #expect(await failure(client(port), create) == .rejected(status: 429, code: 20_429, message: "busy"))
        }
        #expect(stubborn.seen.count == 3)
    }

    @Test func aBusyTwilioIsNotWaitedForLongerThanTenSeconds() async throws {
        let twilio = FakeTwilio([.init(status: 429, body: "{}", headers: ["retry-after": "11"])])
        try await twilio.serve { port in
            #expect(await failure(client(port), create) == .rejected(status: 429, code: nil, message: ""))
        }
        #expect(twilio.seen.count == 1)
        #expect(TwilioClient.wait("10", retry: 0) == .seconds(10))
        for retry in 0..<2 {
            let wait = try #require(TwilioClient.wait(nil, retry: retry))
            #expect((.milliseconds(375 << retry)...(.milliseconds(625 << retry))).contains(wait))
        }
    }

    @Test func anAnswerThatDoesNotComeInTimeIsGivenUpAndNotAskedForAgain() async throws {
        let twilio = FakeTwilio([.init(delay: .seconds(3))])
        try await twilio.serve { port in
            let start = ContinuousClock.now
            #expect(await failure(client(port, deadline: .milliseconds(200)), update) == .timedOut)
            #expect(ContinuousClock.now - start < .seconds(2))
        }
        #expect(twilio.seen.count == 1)
    }

    @Test func anAnswerThatIsNotJSONIsMalformed() async throws {
        let twilio = FakeTwilio([.init(body: "fine"), .init(body: String(repeating: "x", count: 70_000))])
        try await twilio.serve { port in
            #expect(await failure(client(port), create) == .malformed(status: 200))
            #expect(await failure(client(port), create) == .malformed(status: 200))
        }
    }

    @Test func aConnectionThatBreaksIsTriedOnceMoreOnlyForWhatMayBeDoneTwice() async throws {
        let broken = BrokenRequests()
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(BreakingHandler(broken))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        #expect(await failure(client(port), create) == .unreachable)
        #expect(broken.count.load(ordering: .relaxed) == 1)
        #expect(await failure(client(port), update) == .unreachable)
        #expect(broken.count.load(ordering: .relaxed) == 3)
        try await server.close()
    }

    @Test func whoNoLongerWaitsIsToldAtOnce() async throws {
        let twilio = FakeTwilio([.init(delay: .seconds(3))])
        try await twilio.serve { port in
            let asking = Task { await failure(client(port), update) }
            while twilio.seen.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
            asking.cancel()
            #expect(await asking.value == .cancelled)
        }
    }

    @Test func addressesMayBeWrittenInAnyScheme() {
        #expect(TwilioClient.address("https://api.twilio.com") == "https://api.twilio.com")
        #expect(TwilioClient.address("wss://x:8443/a/") == "https://x:8443/a")
        #expect(TwilioClient.address("WS://x") == "http://x")
        for wrong in ["", "x", "ftp://x", "https://", "https:///a", "https://u:p@x", "https://x?y", "https://a b"] {
            #expect(TwilioClient.address(wrong) == nil, "\(wrong)")
        }
    }
}
