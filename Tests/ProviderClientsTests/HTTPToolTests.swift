import CallTime
import Foundation
import ProviderClients
import ProviderConformance
import Providers
import TestSupport
import Testing

/// The tool against a real socket on this machine.
@Suite struct HTTPToolTests {
    static let schema =
        #"{"type":"object","properties":{"id":{"type":"string"},"count":{"type":"integer"},"#
        + #""kind":{"type":"string","enum":["a","b"]},"note":{"type":["string","null"]}},"required":["id"]}"#
    let context = ToolContext(callID: "call-1", toolCallID: "tool 1\r\n", now: CivilDateTime(day: 0))

    /// Runs `body` with a server, and a client that is shut down afterwards.
    private func withServer<T>(
        _ reply: @escaping @Sendable (HTTPToolServer.Request, Int) -> HTTPToolServer.Reply,
        _ body: (HTTPToolServer, HTTPToolClient) async throws -> T
    ) async throws -> T {
        let server = try await HTTPToolServer(reply)
        let client = HTTPToolClient()
        do {
            let result = try await body(server, client)
            try await client.shutdown()
            try await server.close()
            return result
        } catch {
            try? await client.shutdown()
            try? await server.close()
            throw error
        }
    }

    private func configuration(_ url: String, _ change: (inout HTTPTool.Configuration) -> Void = { _ in })
        -> HTTPTool.Configuration
    {
        var configuration = HTTPTool.Configuration(
            name: "post_lead", purpose: "Posts.", parametersJSON: Self.schema, url: url)
        change(&configuration)
        return configuration
    }

    /// What the tool answers, and what it asked the server.
    private func run(
        _ arguments: String = #"{"id":"7"}"#, path: String = "/leads",
        reply: @escaping @Sendable (HTTPToolServer.Request, Int) -> HTTPToolServer.Reply,
        change: @escaping (inout HTTPTool.Configuration) -> Void = { _ in }
    ) async throws -> (answer: String, requests: [HTTPToolServer.Request]) {
        try await withServer(reply) { server, client in
            let tool = try HTTPTool(configuration(server.url(path), change), client: client) { 1_772_442_000 }
            return (try await tool.run(arguments, context: context), server.requests)
        }
    }

    private func run(
        _ arguments: String = #"{"id":"7"}"#, path: String = "/leads",
        _ change: @escaping (inout HTTPTool.Configuration) -> Void = { _ in }
    ) async throws -> (answer: String, requests: [HTTPToolServer.Request]) {
        try await run(arguments, path: path, reply: { _, _ in .text(#"{"ok":true}"#) }, change: change)
    }

    private func error(
        reply: @escaping @Sendable (HTTPToolServer.Request, Int) -> HTTPToolServer.Reply,
        change: @escaping (inout HTTPTool.Configuration) -> Void = { _ in }
    ) async throws -> (error: ProviderError?, requests: [HTTPToolServer.Request]) {
        try await withServer(reply) { server, client in
            let tool = try HTTPTool(configuration(server.url("/leads"), change), client: client)
            let error = await #expect(throws: ProviderError.self) {
                try await tool.run(#"{"id":"7"}"#, context: context)
            }
            return (error, server.requests)
        }
    }

    // MARK: What is sent

    @Test func argumentsArePostedAsJSONUnderAKeyOfTheToolCall() async throws {
        let (answer, requests) = try await run(#"{"id":"7","count":12345678901234567,"note":null}"#) {
            $0.headers = [.init(name: "Authorization", value: "Bearer hunter2")]
        }
        #expect(answer == #"{"ok":true}"#)
        let request = try #require(requests.first)
        #expect(requests.count == 1)
        #expect((request.method, request.uri) == ("POST", "/leads"))
        #expect(String(decoding: request.body, as: UTF8.self) == #"{"count":12345678901234567,"id":"7","note":null}"#)
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.headers["idempotency-key"] == "call-1/tool%201%0D%0A")
        #expect(request.headers["x-parley-timestamp"] == "1772442000")
        #expect(request.headers["x-parley-signature"] == nil)
        #expect(request.headers["authorization"] == "Bearer hunter2")
    }

    /// RFC 2104, written out with the tests' own SHA-256.
    private static func hmac(_ key: [UInt8], _ message: [UInt8]) -> String {
        let padded = key + [UInt8](repeating: 0, count: 64 - key.count)
        let inner = SHA256.hex(padded.map { $0 ^ 0x36 } + message)
        let bytes = stride(from: 0, to: inner.utf8.count, by: 2).map { place in
            UInt8(inner.dropFirst(place).prefix(2), radix: 16)!
        }
        return SHA256.hex(padded.map { $0 ^ 0x5C } + bytes)
    }

    @Test func aSignedBodyIsVerifiedWithTheKey() async throws {
        let (_, requests) = try await run { $0.secret = Array("key".utf8) }
        let request = try #require(requests.first)
        let signed = Array("1772442000.".utf8) + request.body
        #expect(request.headers["x-parley-signature"] == "sha256=" + Self.hmac(Array("key".utf8), signed))
        // The well-known example, so that the check above checks something.
        #expect(
            Self.hmac(Array("key".utf8), Array("The quick brown fox jumps over the lazy dog".utf8))
                == "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8")
    }

    @Test(arguments: [HTTPTool.Method.get, .delete])
    func argumentsWithoutABodyAreTheQuery(method: HTTPTool.Method) async throws {
        let (_, requests) = try await run(#"{"id":"a&b=c d","count":3,"note":"ü"}"#, path: "/leads?from=phone") {
            $0.method = method
        }
        let request = try #require(requests.first)
        #expect(request.method == method.rawValue)
        #expect(request.uri == "/leads?from=phone&count=3&id=a%26b%3Dc%20d&note=%C3%BC")
        #expect(request.body.isEmpty)
    }

    @Test func argumentsThatFillTheAddressAreEncodedAndLeftOutOfTheBody() async throws {
        let (_, requests) = try await run(#"{"id":"a/../b?c#d","count":3}"#, path: "/leads/{id}/notes?by={id}") {
            $0.method = .put
        }
        let request = try #require(requests.first)
        #expect(request.uri == "/leads/a%2F..%2Fb%3Fc%23d/notes?by=a%2F..%2Fb%3Fc%23d")
        #expect(String(decoding: request.body, as: UTF8.self) == #"{"count":3}"#)
    }

    /// Whatever an argument holds, the request arrives at this server, under the path it was meant for.
    @Test(arguments: [
        "@evil.example", "//evil.example", "\\\\evil.example", "http://evil.example", ":80@evil.example", "#@evil",
        "?@evil.example", "\r\nHost: evil.example", "%2F%2Fevil", "a.b",
    ])
    func noArgumentChangesHostOrScheme(id: String) async throws {
        let arguments = String(decoding: try JSONEncoder().encode(["id": id]), as: UTF8.self)
        for path in ["/{id}", "/leads/{id}", "/?x={id}"] {
            let (answer, requests) = try await run(arguments, path: path)
            #expect(answer == #"{"ok":true}"#)
            let request = try #require(requests.first)
            #expect(request.headers["host"]?.hasPrefix("127.0.0.1:") == true)
            let prefix = path.prefix { $0 != "{" }
            #expect(request.uri.hasPrefix(prefix) && !request.uri.dropFirst(prefix.count).contains("/"))
        }
    }

    @Test(arguments: ["..", ".", ""])
    func anArgumentThatWouldClimbOutOfItsPathIsRefused(id: String) async throws {
        let (answer, requests) = try await run(#"{"id":"\#(id)"}"#, path: "/leads/{id}")
        #expect(answer.hasPrefix(#"{"error":"id: given "#))
        #expect(requests.isEmpty)
    }

    @Test(arguments: [
        "ftp://a.example/", "https://{id}.example/", "https://{id}/", "http:///x", "https://me:key@a.example/",
        "https://a.example/#x", "https://a.example/{id", "https://a.example/ x", "a.example", "",
    ])
    func anAddressWithoutAFixedHostIsRefused(url: String) async throws {
        let client = HTTPToolClient()
        #expect(throws: ConfigurationError.self) { try HTTPTool(configuration(url), client: client) }
        try await client.shutdown()
    }

    // MARK: What is refused before anything is sent

    @Test(arguments: [
        ("{}", "id: missing"), (#"{"id":null}"#, "id: missing"), (#"{"id":7}"#, "id: given 7, allowed string"),
        (#"{"id":"7","count":1.5}"#, "count: given 1.5, allowed integer"),
        (#"{"id":"7","kind":"c"}"#, "kind: given c, allowed a, b"),
        (#"{"id":"7","note":[]}"#, "note: given [], allowed string, null"),
        ("[", "arguments: given [, allowed a JSON object"), ("", "arguments: given nothing, allowed a JSON object"),
    ])
    func argumentsThatTheSchemaDoesNotAllowAreNotSent(arguments: String, complaint: String) async throws {
        let (answer, requests) = try await run(arguments)
        #expect(answer == #"{"error":"\#(complaint)"}"#)
        #expect(requests.isEmpty)
    }

    @Test func unknownArgumentsAreRefusedWhereTheSchemaSaysSo() async throws {
        let (answer, _) = try await run(#"{"a":1,"b":2}"#) {
            $0.parametersJSON = #"{"properties":{"a":{}},"additionalProperties":false}"#
        }
        #expect(answer == #"{"error":"b: given an unknown argument, allowed a"}"#)
    }

    // MARK: What is answered

    @Test(arguments: [
        (200, "{ \"a\": 1 }", "{ \"a\": 1 }"), (201, "[1,2]", #"{"result":[1,2]}"#), (200, "12", #"{"result":12}"#),
        (200, "Thank \"you\"", #"{"result":"Thank \"you\""}"#), (204, "", #"{"result":""}"#),
        (404, "no such lead", #"{"detail":"no such lead","error":"HTTP 404"}"#), (302, "", #"{"error":"HTTP 302"}"#),
    ])
    func anAnswerIsToldToTheModel(status: Int, body: String, answer: String) async throws {
        let told = try await run(reply: { _, _ in
            .init(status: status, headers: ["Location": "/elsewhere"], body: Array(body.utf8))
        })
        #expect(told.answer == answer)
        // A redirect is not followed.
        #expect(told.requests.count == 1)
    }

    @Test func ofARefusalAtMostTwoHundredBytesAreTold() async throws {
        let (answer, _) = try await run(reply: { _, _ in .text(String(repeating: "é", count: 1_000), status: 400) })
        #expect(answer == #"{"detail":"\#(String(repeating: "é", count: 100))","error":"HTTP 400"}"#)
    }

    @Test(arguments: [65_536, 65_537])
    func anAnswerOfMoreThanSixtyFourKiBIsMalformed(bytes: Int) async throws {
        let body = #"{"a":""# + String(repeating: "x", count: bytes - 8) + #""}"#
        if bytes <= HTTPTool.mostAnswerBytes {
            #expect(try await run(reply: { _, _ in .text(body) }).answer == body)
        } else {
            let (error, requests) = try await error(reply: { _, _ in .text(body) }) { $0.isIdempotent = true }
            #expect(error?.kind == .malformed)
            #expect(requests.count == 1)
        }
    }

    @Test func anAnswerThatIsNoTextIsMalformed() async throws {
        let (error, _) = try await error(reply: { _, _ in .init(body: [0xFF, 0xFE]) })
        #expect(error?.kind == .malformed)
        #expect(error?.provider == "post_lead")
    }

    @Test func deepArgumentsAreRefusedAndADeepAnswerIsText() async throws {
        let deep = String(repeating: "[", count: 20_000) + String(repeating: "]", count: 20_000)
        let (answer, requests) = try await run(#"{"id":"7","x":\#(deep)}"#)
        #expect(answer.hasPrefix(#"{"error":"arguments: given "#))
        #expect(requests.isEmpty)
        #expect(try await run(reply: { _, _ in .text(deep) }).answer == #"{"result":"\#(deep)"}"#)
    }

    @Test func hugeArgumentsAreRefused() async throws {
        let (answer, requests) = try await run(#"{"id":"\#(String(repeating: "x", count: 70_000))"}"#)
        #expect(answer.hasPrefix(#"{"error":"arguments: given "#))
        #expect(requests.isEmpty)
    }

    // MARK: Trouble

    @Test func anAnswerThatIsLateIsTimedOut() async throws {
        let (error, requests) = try await error(reply: { _, _ in .text("{}", delay: .seconds(5)) }) {
            $0.timeout = .milliseconds(100)
            $0.isIdempotent = true
        }
        #expect(error?.kind == .timedOut)
        #expect(requests.count == 1)
    }

    @Test func anAnswerWhoseBodyIsLateIsTimedOut() async throws {
        let (error, _) = try await error(reply: { _, _ in
            var reply = HTTPToolServer.Reply.text("{}")
            reply.bodyDelay = .seconds(5)
            return reply
        }) { $0.timeout = .milliseconds(100) }
        #expect(error?.kind == .timedOut)
    }

    @Test func anAnswerThatComesBeforeTheTimeIsUpIsTaken() async throws {
        let (answer, _) = try await run(reply: { _, _ in .text(#"{"late":true}"#, delay: .milliseconds(200)) }) {
            $0.timeout = .seconds(10)
        }
        #expect(answer == #"{"late":true}"#)
    }

    @Test(arguments: [429, 500, 503])
    func anIdempotentToolIsTriedAgain(status: Int) async throws {
        let (answer, requests) = try await run(reply: { _, count in
            count == 1 ? .text("oops", status: status) : .text(#"{"ok":true}"#)
        }) { $0.isIdempotent = true }
        #expect(answer == #"{"ok":true}"#)
        #expect(requests.count == 2)
        #expect(Set(requests.compactMap { $0.headers["idempotency-key"] }).count == 1)
    }

    @Test func aToolThatIsNotIdempotentIsTriedOnce() async throws {
        let (answer, requests) = try await run(reply: { _, _ in .text("stack trace", status: 500) })
        #expect(answer == #"{"error":"HTTP 500"}"#)
        #expect(requests.count == 1)
    }

    @Test func triesEnd() async throws {
        let (answer, requests) = try await run(reply: { _, _ in .text("", status: 500) }) {
            $0.isIdempotent = true
            $0.retries = 3
        }
        #expect(answer == #"{"error":"HTTP 500"}"#)
        #expect(requests.count == 4)
    }

    @Test func aRefusalIsNotTriedAgain() async throws {
        let (_, requests) = try await run(reply: { _, _ in .text("", status: 400) }) { $0.isIdempotent = true }
        #expect(requests.count == 1)
    }

    @Test func whatCannotBeReachedIsUnavailableAndSoonSaidSo() async throws {
        let server = try await HTTPToolServer { _, _ in .text("{}") }
        let url = server.url("/leads")
        try await server.close()
        let client = HTTPToolClient()
        let tool = try HTTPTool(configuration(url) { $0.isIdempotent = true }, client: client)
        let clock = ContinuousClock()
        let started = clock.now
        let error = await #expect(throws: ProviderError.self) {
            try await tool.run(#"{"id":"7"}"#, context: context)
        }
        #expect(error?.kind == .unavailable)
        #expect(error?.isRetryable == true)
        #expect(started.duration(to: clock.now) < .seconds(3))
        try await client.shutdown()
    }

    @Test func aCallThatIsOverCancelsItsRequest() async throws {
        try await withServer({ _, _ in .text("{}", delay: .seconds(30)) }) { server, client in
            let tool = try HTTPTool(configuration(server.url("/")) { $0.timeout = .seconds(10) }, client: client)
            let context = context
            let work = Task { try await tool.run(#"{"id":"7"}"#, context: context) }
            work.cancel()
            let error = await #expect(throws: ProviderError.self) { try await work.value }
            #expect(error?.kind == .cancelled)
        }
    }

    // MARK: Secrets

    @Test func headersAndKeysAreInNoErrorAnswerOrDescription() async throws {
        let secret: @Sendable (inout HTTPTool.Configuration) -> Void = {
            $0.headers = [.init(name: "Authorization", value: "Bearer hunter2-hunter2")]
            $0.secret = Array("correct horse".utf8)
            $0.timeout = .milliseconds(300)
        }
        var texts: [String] = []
        for status in [400, 401, 500] {
            let (answer, _) = try await run(
                reply: { request, _ in
                    .text("\(request.headers) hunter2-hunter2 correct horse", status: status)
                }, change: secret)
            texts.append(answer)
        }
        texts.append("\(try await error(reply: { _, _ in .text("", delay: .seconds(5)) }, change: secret).error!)")
        let configuration = configuration("https://a.example/", secret)
        texts += ["\(configuration)", String(reflecting: configuration), "\(configuration.headers)"]
        dump(configuration, to: &texts[0])
        let client = HTTPToolClient()
        let tool = try HTTPTool(configuration, client: client)
        dump(tool, to: &texts[0])
        texts += ["\(tool)"]
        try await client.shutdown()
        for text in texts {
            #expect(!text.contains("hunter2") && !text.contains("correct horse"), "\(text)")
        }
    }

    @Test func aHeaderThatCannotBeSentIsRefusedWithoutShowingIt() async throws {
        let client = HTTPToolClient()
        let error = #expect(throws: ConfigurationError.self) {
            try HTTPTool(
                configuration("https://a.example/") { $0.headers = [.init(name: "A", value: "hunter2\n")] },
                client: client)
        }
        #expect(error?.field == "headers.A")
        #expect(error?.description.contains("hunter2") == false)
        try await client.shutdown()
    }

    // MARK: What every tool promises

    @Test func itConforms() async throws {
        try await withServer({ request, _ in .text(#"{"for":"\#(request.headers["idempotency-key"] ?? "")"}"#) }) {
            server, client in
            let tool = try HTTPTool(configuration(server.url("/leads")), client: client)
            var suite = CallToolConformance(tool, arguments: #"{"id":"7"}"#, context: context)
            suite.failing = try HTTPTool(configuration("http://127.0.0.1:1/"), client: client)
            #expect(await suite.violations() == [])
        }
    }
}
