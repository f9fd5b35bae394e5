import CallTime
import ProviderConformance
import Providers
import Synchronization
import Testing

@testable import ProviderClients

@Suite("Deepgram's Nova", .serialized)
struct DeepgramSessionTests {
    private static let text = "hello there my friend"
    private static let finalize = FakeWebSocketServer.Message.text(#"{"type":"Finalize"}"#)

    @Test("It does what every recogniser must", arguments: [true, false])
    func conforms(isMuLaw: Bool) async throws {
        let server = try await FakeDeepgram.start()
        let refusing = try await FakeWebSocketServer(accept: { _ in .refuse(status: 401) })
        func recogniser(_ server: FakeWebSocketServer) throws -> DeepgramRecogniser {
            try DeepgramRecogniser(.init(apiKey: "key", baseURL: VendorURL(server.url)))
        }
        let loud = 1_600..<4_800
        let audio: AudioPayload =
            isMuLaw
            ? .muLaw((0..<8_000).map { loud.contains($0) ? 0x20 : 0xFF })
            : .linear16((0..<8_000).map { loud.contains($0) ? 9_000 : 0 })
        let sample = SpokenSample(audio: audio, sampleRate: .narrowband, speech: loud, text: Self.text)
        var suite = SpeechToTextConformance(try recogniser(server), sample: sample)
        suite.failing = try recogniser(refusing)
        suite.limit = .seconds(10)
        let violations = await suite.violations()
        #expect(violations.isEmpty, "\(violations)")
        suite.failing = nil
        await refusing.stop()
        await server.stop()
    }

    @Test("The address, its query and the key's header are the vendor's")
    func request() async throws {
        let server = try await FakeDeepgram.start()
        let caller = try await DeepgramCaller(server, language: "de") {
            $0.keyterms = ["Zoë Müller", "tyre"]
            $0.endpointingMs = 250
            $0.extraQuery = [("numerals", "true")]
        }
        caller.push(silentMs: 100)
        #expect(await eventually { !server.requests.isEmpty })
        let request = try #require(server.requests.first)
        #expect(
            request.uri == "/v1/listen?model=nova-3&encoding=mulaw&sample_rate=8000&channels=1&language=de"
                + "&interim_results=true&smart_format=true&punctuate=true&endpointing=250&utterance_end_ms=1000"
                + "&keyterm=Zo%C3%AB%20M%C3%BCller&keyterm=tyre&numerals=true")
        #expect(request.headers["authorization"] == ["Token s3cret"])
        await caller.session.close()
        await server.stop()
    }

    @Test("Audio goes out untouched in messages of 100 ms, all of it before a Finalize, and none is empty")
    func grouping() async throws {
        let server = try await FakeDeepgram.start()
        let caller = try await DeepgramCaller(server)
        // Before the connection is there: 500 ms, which is 5 messages.
        caller.say(1, ms: 400, silentMs: 100)
        #expect(await caller.hasAnswers(1))
        let client = server.clients[0]
        #expect(client.binaries.map(\.count) == [Int](repeating: 800, count: 5))
        #expect(client.binaries.flatMap { $0 } == caller.audio)
        #expect(client.messages.last == Self.finalize)
        #expect(caller.finals.map(\.text) == [Self.text])
        #expect(caller.finals[0].confidence > 0.89 && caller.finals[0].audioEnd == SampleTime(3_200))
        await caller.session.close()
        #expect(await eventually(within: .seconds(1)) { !client.isConnected })
        #expect(client.texts.last == #"{"type":"CloseStream"}"#)
        #expect(!client.binaries.contains([]))
        await server.stop()
    }

    @Test("Interim texts grow, and a text that did not change is not told again")
    func interims() async throws {
        let server = try await FakeDeepgram.start { client, ear, message in
            if case .binary = message { client.send(ear.interim()) }
            return false
        }
        let caller = try await DeepgramCaller(server)
        caller.session.utteranceStarted(1, onset: SampleTime(0))
        caller.push(loudMs: 480, silentMs: 120)
        #expect(await eventually { caller.interims.count == 4 })
        #expect(caller.interims == ["hello", "hello there", "hello there my", "hello there my friend"])
        caller.session.finalize(1, revision: 0, lastSpeech: SampleTime(3_840))
        #expect(await caller.hasAnswers(1))
        #expect(caller.events.count == 5)
        await caller.session.close()
        await server.stop()
    }

    @Test("What the vendor ended by itself is answered at once, without a Finalize")
    func alreadyKnown() async throws {
        let server = try await FakeDeepgram.start { client, ear, message in
            if case .binary = message, client.binaries.count == 6 { client.send(ear.final(fromFinalize: false)) }
            return false
        }
        let caller = try await DeepgramCaller(server)
        caller.say(1, ms: 400, silentMs: 200, isAsked: false)
        #expect(await eventually { caller.interims == [Self.text] })
        caller.session.finalize(1, revision: 0, lastSpeech: SampleTime(3_200))
        #expect(await caller.hasAnswers(1, within: .milliseconds(300)))
        #expect(caller.finals.map(\.text) == [Self.text])
        #expect(!server.clients[0].messages.contains(Self.finalize))
        await caller.session.close()
        await server.stop()
    }

    @Test("A doubled final result adds no word, and is counted")
    func doubled() async throws {
        let server = try await FakeDeepgram.start { client, ear, message in
            guard message == Self.finalize else { return false }
            let final = ear.final()
            client.send(final)
            client.send(final)
            return true
        }
        let caller = try await DeepgramCaller(server)
        caller.say(1)
        #expect(await caller.hasAnswers(1))
        #expect(await eventually { caller.statistics.duplicateFinals == 1 })
        caller.session.finalize(1, revision: 1, lastSpeech: SampleTime(3_200))
        #expect(await caller.hasAnswers(2))
        #expect(caller.finals.map(\.text) == [Self.text, Self.text])
        #expect(caller.finals.map(\.revision) == [0, 1])
        await caller.session.close()
        await server.stop()
    }

    @Test("An empty final result does not take back the interim words of its range")
    func emptied() async throws {
        let server = try await FakeDeepgram.start { client, ear, message in
            if case .binary = message { client.send(ear.interim()) }
            guard message == Self.finalize else { return false }
            client.send(FakeDeepgram.results([], from: 0, to: 60, isFinal: true, fromFinalize: true))
            return true
        }
        let caller = try await DeepgramCaller(server)
        caller.say(1)
        #expect(await caller.hasAnswers(1))
        #expect(caller.finals.map(\.text) == [Self.text])
        #expect(caller.statistics.emptyFinals == 1)
        await caller.session.close()
        await server.stop()
    }

    @Test("Nothing understood is a rejection after 350 ms of speech, and nothing before", arguments: [340, 360])
    func nothingUnderstood(ms: Int) async throws {
        let server = try await FakeDeepgram.start(text: "")
        let caller = try await DeepgramCaller(server)
        caller.say(1, ms: ms)
        #expect(await caller.hasAnswers(1))
        #expect(caller.finals.map(\.text) == [""])
        #expect(caller.finals.map(\.wasRejected) == [ms > 350])
        await caller.session.close()
        await server.stop()
    }

    @Test("A missing final result is replaced by what is known after 700 ms, without words by a rejection after 1.2 s")
    func missing() async throws {
        for hasInterims in [true, false] {
            let server = try await FakeDeepgram.start { client, ear, message in
                if case .binary = message, hasInterims { client.send(ear.interim()) }
                return message == Self.finalize
            }
            let caller = try await DeepgramCaller(server)
            caller.say(1)
            // Nothing flows any more, so that this is not yet a stall.
            let begin = ContinuousClock.now
            #expect(await caller.hasAnswers(1))
            let took = ContinuousClock.now - begin
            if hasInterims {
                #expect(took >= .milliseconds(650) && took < .milliseconds(1_000))
                #expect(caller.finals.map(\.text) == [Self.text])
            } else {
                #expect(took < .milliseconds(1_500))
                #expect(caller.finals.map(\.wasRejected) + caller.failures.map { _ in true } == [true])
            }
            await caller.session.close()
            await server.stop()
        }
    }

    @Test("A final result that comes after the next utterance began belongs to its own")
    func late() async throws {
        let server = try await FakeDeepgram.start(text: "one two three") { client, ear, message in
            guard message == Self.finalize else { return false }
            let final = ear.final()
            client.after(.milliseconds(150)) { client.send(final) }
            return true
        }
        let caller = try await DeepgramCaller(server)
        caller.say(1)
        caller.say(2)
        #expect(await caller.hasAnswers(2))
        #expect(caller.finals.map(\.utterance) == [1, 2])
        #expect(caller.finals.map(\.text) == ["one two three", "one two three"])
        await caller.session.close()
        await server.stop()
    }

    @Test("A result without words goes by where it ends")
    func wordless() async throws {
        let server = try await FakeDeepgram.start { client, _, message in
            guard message == Self.finalize else { return false }
            let word = FakeEar.Word(text: "Tuesday, please.", start: 0, end: 1)
            client.send(
                FakeDeepgram.results([word], from: 0, to: 360, isFinal: true, fromFinalize: true, hasWords: false))
            return true
        }
        let caller = try await DeepgramCaller(server)
        caller.push(silentMs: 3_000)
        caller.say(1)
        #expect(await caller.hasAnswers(1))
        #expect(caller.finals.map(\.text) == ["Tuesday, please."])
        await caller.session.close()
        await server.stop()
    }

    @Test("A line that drops in mid-call is made again, and every sample is heard by one connection or the other")
    func dropped() async throws {
        let server = try await FakeDeepgram.start { client, ear, message in
            if case .binary = message, client.request.index == 0, client.binaries.count == 8 {
                client.send(ear.interim())
                client.drop()
            }
            return false
        }
        let caller = try await DeepgramCaller(server)
        caller.session.utteranceStarted(1, onset: SampleTime(0))
        await caller.live(loudMs: 600, silentMs: 500)
        caller.session.finalize(1, revision: 0, lastSpeech: SampleTime(4_800))
        #expect(await caller.hasAnswers(1))
        #expect(caller.finals.map(\.text) == [Self.text])
        #expect(caller.statistics.reconnects == 1 && caller.statistics.droppedSamples == 0)
        let second = server.clients[1].binaries.flatMap { $0 }
        // Nothing had a final result, so that all of it is said again.
        #expect(second == caller.audio)
        await caller.session.close()
        await server.stop()
    }

    @Test("After a reconnect only what had no final result is said again, and times go on")
    func offset() async throws {
        let server = try await FakeDeepgram.start { client, _, message in
            if message == .text(#"{"type":"KeepAlive"}"#) { return true }
            if message == Self.finalize, client.request.index == 0 {
                client.after(.milliseconds(50)) { client.close(code: 1_011, reason: "NET-0000") }
            }
            return false
        }
        let caller = try await DeepgramCaller(server)
        caller.say(1)
        #expect(await caller.hasAnswers(1))
        #expect(await eventually { server.clients.count == 2 })
        caller.say(2)
        #expect(await caller.hasAnswers(2))
        #expect(caller.finals.map(\.text) == [Self.text, Self.text])
        #expect(server.clients[1].binaries.flatMap { $0 } == Array(caller.audio[4_800...]))
        await caller.session.close()
        await server.stop()
    }

    @Test("A backlog is said again no faster than 1.25 times real time after its first second")
    func pace() async throws {
        let begin = Mutex<ContinuousClock.Instant?>(nil)
        let server = try await FakeDeepgram.start(opened: { client in
            if client.request.index == 1 { begin.withLock { $0 = .now } }
        }) { client, _, message in
            if case .binary = message, client.request.index == 0, client.binaries.count == 30 { client.drop() }
            return true
        }
        let caller = try await DeepgramCaller(server)
        caller.session.utteranceStarted(1, onset: SampleTime(0))
        caller.push(silentMs: 3_000)
        #expect(await eventually { server.clients.count == 2 && server.clients[1].binaries.count >= 24 })
        let took = ContinuousClock.now - (try #require(begin.withLock { $0 }))
        // 2.4 s of audio: 1 s at once, the rest in 1.1 s.
        #expect(took > .milliseconds(900) && took < .milliseconds(2_000), "\(took)")
        await caller.session.close()
        await server.stop()
    }

    @Test("A refused key fails once, and every later question at once")
    func refused() async throws {
        let server = try await FakeDeepgram.start(accept: { _ in .refuse(status: 401) })
        let caller = try await DeepgramCaller(server)
        caller.push(silentMs: 60)
        #expect(await eventually { caller.failures.count == 1 })
        caller.say(1)
        caller.say(2)
        #expect(await eventually(within: .milliseconds(300)) { caller.failures.count == 3 })
        #expect(caller.failures.allSatisfy { $0.kind == .rejected && !$0.isRetryable })
        #expect(!"\(caller.failures)".contains("s3cret"))
        #expect(server.requests.count == 1)
        await caller.session.close()
        await server.stop()
    }

    @Test("A vendor that is busy is tried again, and meanwhile a question fails after 400 ms")
    func busy() async throws {
        let server = try await FakeDeepgram.start(accept: { $0.index < 3 ? .refuse(status: 429) : .upgrade })
        let caller = try await DeepgramCaller(server)
        caller.say(1)
        #expect(await eventually(within: .milliseconds(1_200)) { caller.failures.count == 1 })
        #expect(caller.failures[0].kind == .unavailable && caller.failures[0].isRetryable)
        #expect(await eventually { server.clients.count == 1 })
        caller.say(2)
        #expect(await caller.hasAnswers(2))
        #expect(caller.finals.map(\.utterance) == [2])
        #expect(caller.finals.map(\.text) == [Self.text])
        #expect(caller.statistics.reconnects == 3)
        await caller.session.close()
        await server.stop()
    }

    @Test("A vendor that hangs is left for a new connection while the caller still waits")
    func stalled() async throws {
        let server = try await FakeDeepgram.start { client, _, _ in client.request.index == 0 }
        let caller = try await DeepgramCaller(server)
        caller.say(1)
        let begin = ContinuousClock.now
        await caller.live(silentMs: 1_200)
        #expect(await caller.hasAnswers(1))
        #expect(ContinuousClock.now - begin < .milliseconds(1_600))
        #expect(await eventually { server.clients.count == 2 })
        #expect(caller.statistics.reconnects == 1)
        caller.say(2)
        #expect(await caller.hasAnswers(2))
        #expect(caller.finals.last?.text == Self.text && caller.finals.last?.utterance == 2)
        await caller.session.close()
        await server.stop()
    }

    @Test(
        "What was answered and is over is not said again after a stall, so that the next utterance is not kept waiting")
    func recovers() async throws {
        let server = try await FakeDeepgram.start { client, ear, message in
            if case .binary = message, client.request.index == 0 { client.send(ear.interim()) }
            return client.request.index == 0
        }
        let caller = try await DeepgramCaller(server)
        await caller.live(silentMs: 2_000)
        caller.say(1)
        await caller.live(silentMs: 900)
        caller.session.utteranceEnded(1)
        await caller.live(silentMs: 300)
        #expect(caller.finals.map(\.text) == [Self.text])
        #expect(server.clients.count == 2)
        let begin = ContinuousClock.now
        caller.say(2)
        #expect(await caller.hasAnswers(2))
        #expect(ContinuousClock.now - begin < .milliseconds(500))
        #expect(caller.finals.map(\.text) == [Self.text, Self.text])
        #expect(caller.statistics.droppedSamples == 0)
        await caller.session.close()
        await server.stop()
    }

    @Test("A half-open line is made again")
    func halfOpen() async throws {
        let server = try await FakeDeepgram.start(opened: { if $0.request.index == 0 { $0.freeze() } })
        let caller = try await DeepgramCaller(server) { $0.pingInterval = .milliseconds(100) }
        caller.push(silentMs: 200)
        #expect(await eventually { server.clients.count == 2 })
        caller.say(1)
        #expect(await caller.hasAnswers(1))
        #expect(caller.finals.map(\.text) == [Self.text])
        await caller.session.close()
        await server.stop()
    }

    @Test("One bad message is passed over, three are a reason for a new connection")
    func malformed() async throws {
        let server = try await FakeDeepgram.start { client, _, message in
            guard message == Self.finalize, client.request.index == 0 else { return false }
            client.send("{")
            if client.texts.count == 2 {
                client.send(#"{"type":"Results"}"#)
                client.send([1, 2, 3])
            }
            return false
        }
        let caller = try await DeepgramCaller(server)
        caller.say(1)
        #expect(await caller.hasAnswers(1))
        #expect(caller.finals.map(\.text) == [Self.text] && caller.statistics.malformedMessages == 1)
        #expect(caller.statistics.reconnects == 0)
        caller.say(2)
        #expect(await caller.hasAnswers(2))
        #expect(await eventually { server.clients.count == 2 })
        #expect(caller.finals.map(\.text) == [Self.text, Self.text])
        #expect(caller.statistics.malformedMessages >= 3)
        await caller.session.close()
        await server.stop()
    }

    @Test("A huge message costs the connection, not the call")
    func huge() async throws {
        let server = try await FakeDeepgram.start(opened: { client in
            guard client.request.index == 0 else { return }
            client.after(.milliseconds(20)) { client.send(String(repeating: " ", count: 1_100_000)) }
        })
        let caller = try await DeepgramCaller(server)
        caller.push(silentMs: 200)
        #expect(await eventually { server.clients.count == 2 })
        caller.say(1)
        #expect(await caller.hasAnswers(1))
        #expect(caller.finals.map(\.text) == [Self.text])
        await caller.session.close()
        await server.stop()
    }

    @Test("A sign of life goes out when no audio does, after some audio only")
    func keepAlive() async throws {
        let server = try await FakeDeepgram.start()
        let caller = try await DeepgramCaller(server)
        caller.push(silentMs: 100)
        let keepAlive = #"{"type":"KeepAlive"}"#
        let begin = ContinuousClock.now
        #expect(await eventually(within: .seconds(5)) { server.clients.first?.texts == [keepAlive] })
        #expect(ContinuousClock.now - begin > .milliseconds(3_500))
        #expect(server.clients[0].messages.last == .text(keepAlive))
        await caller.session.close()
        await server.stop()
    }

    @Test("Audio that waits longer than 30 s is dropped from its beginning, and counted")
    func bounded() async throws {
        let server = try await FakeDeepgram.start(accept: { _ in .silence })
        let caller = try await DeepgramCaller(server)
        caller.push(silentMs: 31_000)
        #expect(await eventually { caller.statistics.droppedSamples == 8_000 })
        await caller.session.close()
        await server.stop()
    }

    @Test("Every truncation of every message is survived")
    func truncated() async throws {
        let word = FakeEar.Word(text: "Hello,", start: 1, end: 9)
        let shapes = [
            FakeDeepgram.results([word], from: 0, to: 10, isFinal: true, speechFinal: true),
            FakeDeepgram.turn("Update", 0, "hello there", from: 0, to: 10), FakeDeepgram.connected,
            #"{"type":"SpeechStarted","channel":[0,1],"timestamp":0.42}"#,
            #"{"type":"UtteranceEnd","channel":[0,1],"last_word_end":2.395}"#,
            #"{"type":"Metadata","request_id":"r","duration":1.2,"channels":1}"#,
            #"{"type":"Error","description":"bad","variant":"SCHEMA"}"#,
            #"{"type":"Results","start":1e300,"duration":1e300,"channel":{"alternatives":[{"transcript":"x"}]}}"#,
            #"{"type":"Results","start":-1,"duration":0,"channel":{"alternatives":[]}}"#,
            #"{"type":"TurnInfo","event":"Update","turn_index":-9,"audio_window_start":9,"audio_window_end":1,"transcript":""}"#,
        ]
        for model in ["nova-3", "flux-general-en"] {
            let server = try await FakeWebSocketServer(
                opened: { $0.send(FakeDeepgram.connected) },
                received: { client, message in
                    guard case .binary = message, client.request.index == 0, client.binaries.count == 1 else { return }
                    for shape in shapes {
                        let bytes = Array(shape.utf8)
                        for end in 0...bytes.count { client.send(String(decoding: bytes[..<end], as: UTF8.self)) }
                    }
                    client.send("done")
                })
            let caller = try await DeepgramCaller(server) { $0.model = model }
            caller.session.utteranceStarted(1, onset: SampleTime(0))
            caller.push(silentMs: 200)
            // Three of them cost the first connection; the session goes on with another.
            #expect(await eventually { server.clients.count >= 2 })
            #expect(caller.statistics.malformedMessages >= 3)
            await caller.session.close()
            await server.stop()
        }
        let decoder = DeepgramMessageReader()
        for shape in shapes {
            for end in 0..<shape.utf8.count { #expect(decoder.isRefused(Array(shape.utf8)[..<end])) }
        }
    }

    @Test("Settings out of range are refused by name, and the key is not repeated")
    func settings() throws {
        func field(_ change: (inout DeepgramRecogniser.Configuration) -> Void) -> String? {
            var configuration = DeepgramRecogniser.Configuration(apiKey: "s3cret")
            change(&configuration)
            do throws(ConfigurationError) {
                _ = try DeepgramRecogniser(configuration)
                return nil
            } catch {
                return "\(error)".contains("s3cret") ? "the key" : error.field
            }
        }
        #expect(field { _ in } == nil)
        #expect(field { $0.apiKey = "" } == "api_key")
        #expect(field { $0.apiKey = "s3cret\n" } == "api_key")
        #expect(field { $0.model = "" } == "model")
        #expect(field { $0.endpointingMs = 0 } == "endpointing_ms")
        #expect(field { $0.endOfTurnThreshold = 2 } == "eot_threshold")
        #expect(field { $0.eagerEndOfTurnThreshold = 0.8 } == "eager_eot_threshold")
        #expect(field { $0.keyterms = Array(repeating: "x", count: 101) } == "keyterms")
        #expect(VendorURL.deepgram.webSocket(path: "/v1") == "wss://api.deepgram.com/v1")
    }
}
