import CallTime
import ProviderConformance
import Providers
import Synchronization
import Testing

@testable import ProviderClients

@Suite("OpenAI's model over real sockets")
struct OpenAIModelTests {
    private static let key = "sk-test-51a9Q"
    private static let now = CivilDateTime("2026-03-02T09:05:00")!
    private static let request = ModelRequest(
        instructions: "", messages: [.caller(text: "hi")],
        tools: [ToolDescription(name: "book", purpose: "Books.", parametersJSON: "{}")], now: now)

    private func model(
        _ server: FakeHTTPServer, _ change: (inout OpenAIModel.Configuration) -> Void = { _ in }
    ) throws -> OpenAIModel {
        var configuration = try OpenAIModel.Configuration(key: Self.key, base: VendorURL(server.url + "/v1"))
        // Tests of a deadline set it; the others run on machines that are busy.
        configuration.firstTokenDeadline = .seconds(20)
        configuration.chunkDeadline = .seconds(20)
        change(&configuration)
        return try OpenAIModel(configuration)
    }

    private func read(_ model: OpenAIModel) async -> (events: [ModelEvent], error: ProviderError?) {
        var events: [ModelEvent] = []
        do {
            for try await event in model.reply(to: Self.request) { events.append(event) }
        } catch { return (events, error as? ProviderError) }
        return (events, nil)
    }

    @Test("Every server's answer means the same over a socket, in pieces of seven bytes", arguments: AnswerFixture.all)
    func overSockets(fixture: AnswerFixture) async throws {
        let bytes = Array(fixture.body.utf8)
        let server = try await FakeHTTPServer { _, answer in
            answer.head()
            for start in stride(from: 0, to: bytes.count, by: 7) {
                answer.send(Array(bytes[start..<min(start + 7, bytes.count)]))
            }
            answer.end()
        }
        let (events, error) = await read(try model(server))
        #expect(events == fixture.events && error == nil)
        let sent = try #require(server.requests.first)
        #expect(sent.method == "POST" && sent.uri == "/v1/chat/completions")
        #expect(sent.headers["authorization"] == ["Bearer \(Self.key)"])
        await server.stop()
    }

    @Test("Connections serve one request after another")
    func reuse() async throws {
        let server = try await FakeHTTPServer { _, answer in answer.answer(AnswerFixture.all[0].body) }
        let model = try model(server)
        for _ in 0..<5 { #expect(await read(model).error == nil) }
        // A reply is over before its connection is put back, so that a second one may have been opened meanwhile.
        #expect((1...2).contains(server.openedCount) && server.requests.count == 5)
        await server.stop()
    }

    @Test("Leaving a reply closes its connection at once")
    func cancelling() async throws {
        let server = try await FakeHTTPServer { _, answer in
            answer.head()
            answer.send("data: \(AnswerFixture.chunk(#"{"content":"Hi"}"#))\n\n")
        }
        let model = try model(server)
        let task = Task { [model] in
            for try await event in model.reply(to: Self.request) where event == .text("Hi") { break }
        }
        try await task.value
        #expect(await eventually(within: .milliseconds(500)) { server.connectedCount == 0 })
        #expect(server.requests.count == 1)
        // Also while nothing has come yet.
        let silent = try await FakeHTTPServer { _, _ in }
        let other = try self.model(silent)
        let waiting = Task { for try await _ in other.reply(to: Self.request) {} }
        #expect(await eventually { silent.requests.count == 1 })
        waiting.cancel()
        #expect(await eventually(within: .milliseconds(500)) { silent.connectedCount == 0 })
        await server.stop()
        await silent.stop()
    }

    @Test(
        "A status says whose fault it is, and the key is not repeated",
        arguments: [
            (
                401, #"{"error":{"message":"Incorrect API key provided: sk-test-51a9Q.","code":"invalid_api_key"}}"#,
                "", .rejected, false
            ),
            (403, "<html>no</html>", "", .rejected, false),
            (400, #"{"error":{"message":"bad messages"}}"#, "", .rejected, false),
            (404, #"{"error":{"code":"model_not_found","message":"no"}}"#, "", .rejected, false),
            (422, "", "", .rejected, false),
            (429, #"{"error":{"code":"rate_limit_exceeded","message":"slow down"}}"#, "3", .rejected, true),
            (429, #"{"error":{"code":"insufficient_quota","message":"pay"}}"#, "3", .rejected, false),
            (500, "oops", "", .unavailable, true), (503, String(repeating: "x", count: 20_000), "", .unavailable, true),
        ] as [(Int, String, String, ProviderError.Kind, Bool)])
    func statuses(status: Int, body: String, retryAfter: String, kind: ProviderError.Kind, isRetryable: Bool)
        async throws
    {
        let server = try await FakeHTTPServer { _, answer in
            answer.answer(body, status: status, headers: retryAfter.isEmpty ? [:] : ["Retry-After": retryAfter])
        }
        let error = try #require(await read(try model(server)).error)
        #expect(error.kind == kind && error.isRetryable == isRetryable && error.provider == "openai")
        #expect(error.detail.contains("\(status)") && error.detail.utf8.count < 320)
        #expect(!error.description.contains("51a9Q"))
        #expect(error.detail.contains("retry after 3 s") == (isRetryable && !retryAfter.isEmpty))
        await server.stop()
    }

    @Test("Silence before the first token, and silence between two, are timed out")
    func deadlines() async throws {
        let server = try await FakeHTTPServer { request, answer in
            answer.head()
            // Comments and roles are no token.
            answer.send(": ping\n\ndata: \(AnswerFixture.chunk(#"{"role":"assistant","content":""}"#))\n\n")
            if request.index > 0 { answer.send("data: \(AnswerFixture.chunk(#"{"content":"Hi"}"#))\n\n") }
        }
        let model = try model(server) {
            $0.firstTokenDeadline = .milliseconds(700)
            $0.chunkDeadline = .milliseconds(150)
        }
        let first = await read(model)
        #expect(first.events.isEmpty && first.error?.kind == .timedOut && first.error?.isRetryable == true)
        #expect(first.error?.detail.contains("first token") == true)
        let second = await read(model)
        #expect(second.events == [.text("Hi")] && second.error?.kind == .timedOut)
        #expect(await eventually { server.connectedCount == 0 })
        await server.stop()
    }

    @Test("Comments keep an answer alive that has begun")
    func comments() async throws {
        let server = try await FakeHTTPServer { _, answer in
            answer.head()
            answer.send("data: \(AnswerFixture.chunk(#"{"content":"Hi"}"#))\n\n")
            for index in 1...8 { answer.after(.milliseconds(150 * index)) { answer.send(": ping\n\n") } }
            answer.after(.milliseconds(1_300)) {
                answer.send("data: \(AnswerFixture.chunk("{}", "stop"))\n\n")
                answer.end()
            }
        }
        let (events, error) = await read(try model(server) { $0.chunkDeadline = .milliseconds(800) })
        #expect(events == [.text("Hi"), .finished(.stop)] && error == nil)
        await server.stop()
    }

    @Test("A connection that drops, a body without end mark and a huge line are errors of their kinds")
    func faults() async throws {
        let server = try await FakeHTTPServer { request, answer in
            if request.index == 0 { return answer.drop() }
            answer.head()
            answer.send("data: \(AnswerFixture.chunk(#"{"content":"Hi"}"#))\n\n")
            switch request.index {
            case 1: answer.after(.milliseconds(20)) { answer.drop() }
            case 2: answer.end()
            default: answer.send(": " + String(repeating: "x", count: 4 << 20) + "\n\n")
            }
        }
        let model = try model(server)
        for (kind, isRetryable, events) in [
            (.unavailable, true, []), (.unavailable, true, [.text("Hi")]), (.unavailable, true, [.text("Hi")]),
            (.malformed, true, [.text("Hi")]),
        ] as [(ProviderError.Kind, Bool, [ModelEvent])] {
            let reading = await read(model)
            #expect(reading.error?.kind == kind && reading.error?.isRetryable == isRetryable)
            #expect(reading.events == events)
        }
        await server.stop()
        let gone = await read(model)
        #expect(gone.error?.kind == .unavailable && gone.error?.isRetryable == true)
    }

    @Test("A server that gives the reason but neither the mark nor an end does not hold the reply back")
    func noEnd() async throws {
        let server = try await FakeHTTPServer { _, answer in
            answer.head()
            answer.send("data: \(AnswerFixture.chunk(#"{"content":"Hi"}"#, "stop"))\n\n")
        }
        let start = ContinuousClock.now
        #expect(await read(try model(server)).events == [.text("Hi"), .finished(.stop)])
        #expect(ContinuousClock.now - start < .seconds(10))
        // The connection is not kept for a body without end.
        #expect(await eventually { server.connectedCount == 0 })
        await server.stop()
    }

    @Test("Usage is told once")
    func usage() async throws {
        let server = try await FakeHTTPServer { _, answer in answer.answer(AnswerFixture.all[0].body) }
        let told = SeenUsage()
        _ = await read(try model(server) { $0.onUsage = { told.add($0) } })
        #expect(told.all.map(\.promptTokens) == [42] && told.all.map(\.completionTokens) == [5])
        await server.stop()
    }

    @Test("Warming up opens one connection, which the first request uses; the next warm-up waits")
    func warmUp() async throws {
        let server = try await FakeHTTPServer { request, answer in
            if request.method == "HEAD" {
                answer.head(404, ["Content-Length": "0"])
                answer.end()
            } else {
                answer.answer(AnswerFixture.all[0].body)
            }
        }
        let model = try model(server)
        for _ in 0..<3 { model.warmUp() }
        #expect(await eventually { server.requests.count == 1 })
        #expect(await eventually { server.runningCount == 0 })
        // The client must have seen the end of the answer before it takes the connection again.
        try await Task.sleep(for: .milliseconds(250))
        #expect(await read(model).error == nil)
        #expect(server.openedCount == 1 && server.requests.map(\.method) == ["HEAD", "POST"])
        await server.stop()
    }

    @Test("A hundred replies at once each get their own")
    func manyAtOnce() async throws {
        let server = try await FakeHTTPServer { _, answer in answer.answer(AnswerFixture.all[1].body) }
        let model = try model(server)
        await withTaskGroup(of: [String].self) { group in
            for _ in 0..<100 {
                group.addTask {
                    let (events, error) = await read(model)
                    return events == AnswerFixture.all[1].events
                        ? [] : ["\(events), \(error?.description ?? "no error")"]
                }
            }
            for await problems in group { #expect(problems == []) }
        }
        await server.stop()
    }

    @Test("It passes the suite of every language model")
    func conformance() async throws {
        let server = try await FakeHTTPServer { request, answer in
            let fixture = AnswerFixture.all[request.text.contains("hi") ? 0 : 1]
            answer.head()
            let cut = fixture.body.utf8.count / 2
            answer.send(Array(fixture.body.utf8.prefix(cut)))
            answer.after(.milliseconds(10)) {
                answer.send(Array(fixture.body.utf8.dropFirst(cut)))
                answer.end()
            }
        }
        let refusing = try await FakeHTTPServer { _, answer in answer.answer("{}", status: 401) }
        var other = Self.request
        other.messages = [.caller(text: "book")]
        other.tools.append(ToolDescription(name: "sms", purpose: "Sends.", parametersJSON: "{}"))
        var suite = LanguageModelConformance(try model(server), request: Self.request, other: other)
        suite.request.tools = other.tools
        suite.failing = try model(refusing)
        suite.running = { server.runningCount }
        #expect(await suite.violations() == [])
        await server.stop()
        await refusing.stop()
    }

    @Test("Settings that cannot be used are refused")
    func settings() throws {
        for change: (inout OpenAIModel.Configuration) -> Void in [
            { $0.model = "" }, { $0.temperature = 3 }, { $0.mostTokens = 0 }, { $0.key = "a\nb" },
            { $0.firstTokenDeadline = .zero },
        ] {
            var configuration = try OpenAIModel.Configuration(key: "k")
            change(&configuration)
            #expect(throws: ConfigurationError.self) { try OpenAIModel(configuration) }
        }
    }
}

private final class SeenUsage: Sendable {
    private let seen = Mutex<[OpenAIModel.Usage]>([])
    func add(_ usage: OpenAIModel.Usage) { seen.withLock { $0.append(usage) } }
    var all: [OpenAIModel.Usage] { seen.withLock { $0 } }
}
