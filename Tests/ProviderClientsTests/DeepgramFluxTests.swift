import CallTime
import Providers
import Synchronization
import Testing

@testable import ProviderClients

@Suite("Deepgram's Flux", .serialized)
struct DeepgramFluxTests {
    /// A server that greets at once and says what `script` says when so many messages of audio have come.
    private func start(
        _ script: @escaping @Sendable (FakeWebSocketClient, Int) -> Void = { _, _ in }
    ) async throws -> FakeWebSocketServer {
        try await FakeWebSocketServer(
            opened: { $0.send(FakeDeepgram.connected) },
            received: { client, message in
                if case .binary = message { script(client, client.binaries.count) }
                if message == .text(#"{"type":"CloseStream"}"#) { client.drop() }
            })
    }

    private func caller(
        _ server: FakeWebSocketServer, _ change: (inout DeepgramRecogniser.Configuration) -> Void = { _ in }
    ) async throws -> DeepgramCaller {
        try await DeepgramCaller(server) {
            $0.model = "flux-general-en"
            change(&$0)
        }
    }

    @Test("The address has only what Flux knows")
    func request() async throws {
        let server = try await start()
        let caller = try await caller(server) { $0.keyterms = ["Zoë"] }
        caller.push(silentMs: 100)
        #expect(await eventually { !server.requests.isEmpty })
        #expect(
            server.requests.first?.uri == "/v2/listen?model=flux-general-en&encoding=mulaw&sample_rate=8000"
                + "&eot_threshold=0.7&eager_eot_threshold=0.4&eot_timeout_ms=5000&keyterm=Zo%C3%AB")
        await caller.session.close()
        await server.stop()
    }

    @Test("No audio goes out before the greeting; then all of it, in messages of 80 ms")
    func greeting() async throws {
        let tooEarly = Mutex(0)
        let server = try await FakeWebSocketServer(opened: { client in
            client.after(.milliseconds(100)) {
                tooEarly.withLock { $0 = client.messages.count }
                client.send(FakeDeepgram.connected)
            }
        })
        let caller = try await caller(server)
        caller.push(loudMs: 480)
        #expect(await eventually { server.clients.first?.binaries.count == 6 })
        #expect(tooEarly.withLock { $0 } == 0)
        #expect(server.clients[0].binaries.allSatisfy { $0.count == 640 })
        #expect(server.clients[0].binaries.flatMap { $0 } == caller.audio)
        await caller.session.close()
        #expect(await eventually { server.clients[0].texts == [#"{"type":"CloseStream"}"#] })
        await server.stop()
    }

    @Test("A vendor that never greets is left for a new connection")
    func noGreeting() async throws {
        let server = try await FakeWebSocketServer(opened: { client in
            if client.request.index > 0 { client.send(FakeDeepgram.connected) }
        })
        let caller = try await caller(server)
        caller.push(loudMs: 480)
        #expect(await eventually { server.clients.count == 2 && server.clients[1].binaries.count == 6 })
        #expect(server.clients[0].binaries.isEmpty)
        await caller.session.close()
        await server.stop()
    }

    @Test(
        "A turn's updates are interim texts, and its end answers at once", arguments: ["EagerEndOfTurn", "EndOfTurn"])
    func turn(end: String) async throws {
        let server = try await start { client, count in
            switch count {
            case 2: client.send(FakeDeepgram.turn("StartOfTurn", 0, "Hello", from: 0, to: 16))
            case 4: client.send(FakeDeepgram.turn("Update", 0, "Hello there", from: 0, to: 32))
            // The last message is sent because of the question.
            case 8: client.send(FakeDeepgram.turn(end, 0, "Hello there, friend.", from: 0, to: 60))
            default: break
            }
        }
        let caller = try await caller(server)
        caller.session.utteranceStarted(1, onset: SampleTime(0))
        caller.push(loudMs: 400, silentMs: 160)
        #expect(await eventually { caller.interims == ["Hello", "Hello there"] })
        caller.push(silentMs: 20)
        let begin = ContinuousClock.now
        caller.session.finalize(1, revision: 0, lastSpeech: SampleTime(3_200))
        #expect(await caller.hasAnswers(1))
        #expect(ContinuousClock.now - begin < .milliseconds(500))
        #expect(caller.finals.map(\.text) == ["Hello there, friend."])
        #expect(caller.finals[0].confidence > 0.79)
        #expect(!server.clients[0].texts.contains(#"{"type":"ForceEndTurn"}"#))
        await caller.session.close()
        await server.stop()
    }

    @Test("Without an end of turn the last update answers after 700 ms, and nothing at all is a rejection")
    func deadline() async throws {
        let server = try await start { client, count in
            if count == 4 { client.send(FakeDeepgram.turn("Update", 0, "my number is", from: 0, to: 32)) }
        }
        let caller = try await caller(server) { $0.forcesTurnEnd = true }
        caller.say(1)
        let begin = ContinuousClock.now
        #expect(await caller.hasAnswers(1))
        #expect((Duration.milliseconds(600) ... .milliseconds(1_000)).contains(ContinuousClock.now - begin))
        #expect(caller.finals.map(\.text) == ["my number is"])
        #expect(server.clients[0].texts == [#"{"type":"ForceEndTurn"}"#])
        caller.push(silentMs: 1_000)
        caller.say(2)
        #expect(await caller.hasAnswers(2))
        #expect(caller.finals.map(\.text) == ["my number is", ""])
        #expect(caller.finals.map(\.wasRejected) == [false, true])
        await caller.session.close()
        await server.stop()
    }

    @Test("A turn that went on after an eager end is not over")
    func resumed() async throws {
        let server = try await start { client, count in
            switch count {
            case 4: client.send(FakeDeepgram.turn("EagerEndOfTurn", 0, "I want", from: 0, to: 40))
            case 5: client.send(FakeDeepgram.turn("TurnResumed", 0, "I want a", from: 0, to: 40))
            case 8:
                client.after(.milliseconds(100)) {
                    client.send(FakeDeepgram.turn("EndOfTurn", 0, "I want a table", from: 0, to: 60))
                }
            default: break
            }
        }
        let caller = try await caller(server)
        caller.session.utteranceStarted(1, onset: SampleTime(0))
        caller.push(loudMs: 400)
        #expect(await eventually { caller.interims == ["I want", "I want a"] })
        caller.push(silentMs: 200)
        caller.session.finalize(1, revision: 0, lastSpeech: SampleTime(3_200))
        #expect(await caller.hasAnswers(1))
        #expect(caller.finals.map(\.text) == ["I want a table"])
        await caller.session.close()
        await server.stop()
    }

    @Test("Several turns in one utterance are joined, and a later revision covers them all")
    func joined() async throws {
        let server = try await start { client, count in
            switch count {
            case 6: client.send(FakeDeepgram.turn("EndOfTurn", 0, "one two", from: 0, to: 50))
            case 12: client.send(FakeDeepgram.turn("EndOfTurn", 1, "three", from: 60, to: 110))
            default: break
            }
        }
        let caller = try await caller(server)
        caller.say(1, ms: 400, silentMs: 80)
        #expect(await caller.hasAnswers(1))
        caller.push(loudMs: 400, silentMs: 80)
        caller.session.finalize(1, revision: 1, lastSpeech: SampleTime(7_040))
        #expect(await caller.hasAnswers(2))
        #expect(caller.finals.map(\.text) == ["one two", "one two three"])
        await caller.session.close()
        await server.stop()
    }

    @Test("One turn that spans two utterances gives the second only its new words")
    func spanning() async throws {
        let server = try await start { client, count in
            switch count {
            case 6: client.send(FakeDeepgram.turn("EagerEndOfTurn", 0, "one two", from: 0, to: 50))
            case 12: client.send(FakeDeepgram.turn("EndOfTurn", 0, "one two three", from: 0, to: 110))
            default: break
            }
        }
        let caller = try await caller(server)
        caller.say(1, ms: 400, silentMs: 80)
        #expect(await caller.hasAnswers(1))
        caller.session.utteranceEnded(1)
        caller.say(2, ms: 400, silentMs: 80)
        #expect(await caller.hasAnswers(2))
        #expect(caller.finals.map(\.text) == ["one two", "three"])
        #expect(caller.finals.map(\.utterance) == [1, 2])
        await caller.session.close()
        await server.stop()
    }

    @Test("After a dropped line the open turn is heard again, once")
    func dropped() async throws {
        let server = try await start { client, count in
            switch (client.request.index, count) {
            case (0, 6): client.send(FakeDeepgram.turn("EndOfTurn", 0, "one", from: 0, to: 40))
            case (0, 10):
                client.send(FakeDeepgram.turn("Update", 1, "two thr", from: 60, to: 80))
                client.after(.milliseconds(20)) { client.drop() }
            // The new connection begins where the finished turn ended, at 400 ms.
            case (1, 6): client.send(FakeDeepgram.turn("EndOfTurn", 0, "two three", from: 20, to: 70))
            default: break
            }
        }
        let caller = try await caller(server)
        caller.session.utteranceStarted(1, onset: SampleTime(0))
        caller.push(loudMs: 800)
        #expect(await eventually { caller.interims.last == "one two thr" })
        #expect(await eventually { server.clients.count == 2 })
        caller.push(silentMs: 400)
        caller.session.finalize(1, revision: 0, lastSpeech: SampleTime(6_400))
        #expect(await caller.hasAnswers(1))
        #expect(caller.finals.map(\.text) == ["one two three"])
        #expect(server.clients[1].binaries.flatMap { $0 } == Array(caller.audio[3_200...]))
        await caller.session.close()
        await server.stop()
    }
}
