import CallTime
import ProviderConformance
import Providers
import Testing

@testable import ProviderClients

@Suite("ElevenLabs' voice over real sockets")
struct ElevenLabsVoiceTests {
    private static let key = "el-test-77c1"

    private func voice(
        _ url: String, _ change: (inout ElevenLabsVoice.Configuration) -> Void = { _ in }
    ) throws -> ElevenLabsVoice {
        var configuration = try ElevenLabsVoice.Configuration(key: Self.key, base: VendorURL(url))
        configuration.firstAudioDeadline = .seconds(10)
        change(&configuration)
        return try ElevenLabsVoice(configuration)
    }

    private struct Spoken {
        var samples = 0
        var words: [SpokenWord] = []
        var error: ProviderError?
    }

    private func speak(
        _ voice: ElevenLabsVoice, _ text: String, call: String = "", rate: SampleRate = .narrowband
    ) async -> Spoken {
        var spoken = Spoken()
        do {
            for try await event in voice.synthesize(SpeechRequest(text: text, sampleRate: rate, callID: call)) {
                switch event {
                case .audio(let payload): spoken.samples += payload.sampleCount
                case .words(let words): spoken.words += words
                case .fellBack: break
                }
            }
        } catch { spoken.error = error as? ProviderError }
        return spoken
    }

    /// Waits until the call's socket stands, as its client sees it.
    private func isWarm(_ voice: ElevenLabsVoice) async throws -> Bool {
        for _ in 0..<2_000 {
            if try await voice.lines.line(of: "c1").counts().open == 1 { return true }
            try await Task.sleep(for: .milliseconds(2))
        }
        return false
    }

    @Test("A request is one context: settings once, text with its flush, then the close")
    func wireOrder() async throws {
        let vendor = try await FakeElevenLabs()
        let voice = try voice(vendor.server.url) { $0.stability = 0.4 }
        voice.callBegan("c1")
        #expect(await eventually { vendor.connectedCount == 1 })
        for text in ["Hello there.", "How are you?"] {
            #expect(await speak(voice, text, call: "c1").samples == (text.count + 1) * 400)
        }
        let client = try #require(vendor.clients.first)
        #expect(
            client.texts == [
                #"{"text":" ","context_id":"u1","voice_settings":{"stability":0.4,"similarity_boost":0.75,"speed":1}}"#,
                #"{"text":"Hello there. ","context_id":"u1","flush":true}"#,
                #"{"context_id":"u1","close_context":true}"#,
                #"{"text":" ","context_id":"u2","voice_settings":{"stability":0.4,"similarity_boost":0.75,"speed":1}}"#,
                #"{"text":"How are you? ","context_id":"u2","flush":true}"#,
                #"{"context_id":"u2","close_context":true}"#,
            ])
        #expect(client.request.headers["xi-api-key"] == [Self.key])
        #expect(
            client.request.uri
                == "/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM/multi-stream-input?model_id=eleven_flash_v2_5"
                + "&output_format=ulaw_8000&auto_mode=true&inactivity_timeout=180&sync_alignment=true")
        voice.callEnded("c1")
        #expect(await eventually { vendor.connectedCount == 0 })
        #expect(client.texts.last == #"{"close_socket":true}"# && vendor.clients.count == 1)
        await vendor.server.stop()
    }

    @Test("Words have their places in text and audio, also those that a message's end cuts", arguments: [false, true])
    func words(usesOtherSpelling: Bool) async throws {
        var behaviour = FakeElevenLabs.Behaviour()
        behaviour.pieces = 7
        behaviour.usesOtherSpelling = usesOtherSpelling
        let vendor = try await FakeElevenLabs(behaviour)
        let text = "So that's Zoë — at 3:30."
        let spoken = await speak(try voice(vendor.server.url), text)
        let bytes = Array(text.utf8)
        #expect(spoken.error == nil)
        #expect(
            spoken.words.map { String(decoding: bytes[$0.textRange], as: UTF8.self) } == [
                "So", "that's", "Zoë", "—", "at", "3:30.",
            ])
        // 50 ms, 400 samples, a character.
        #expect(spoken.words.map(\.samples.lowerBound) == [0, 3, 10, 14, 16, 19].map { $0 * 400 })
        #expect(spoken.words.map(\.samples.upperBound) == [2, 9, 13, 15, 18, 24].map { $0 * 400 })
        await vendor.server.stop()
    }

    @Test("Thirty rapid cancels never put more than four contexts on a socket, and nothing late is heard")
    func rapidCancels() async throws {
        var behaviour = FakeElevenLabs.Behaviour()
        behaviour.delay = .milliseconds(15)
        let vendor = try await FakeElevenLabs(behaviour)
        let voice = try voice(vendor.server.url)
        voice.callBegan("c1")
        for index in 0..<30 {
            let task = Task {
                for try await _ in voice.synthesize(SpeechRequest(text: "Number \(index).", callID: "c1")) { break }
            }
            if index % 3 == 0 { _ = try await task.value } else { try await Task.sleep(for: .milliseconds(3)) }
            task.cancel()
        }
        // What comes now is of this text alone.
        let last = await speak(voice, "The last one of all.", call: "c1")
        #expect(last.error == nil && last.samples == 21 * 400)
        #expect((1...4).contains(vendor.log.mostContexts) && !vendor.log.settingsTwice)
        #expect(Set(vendor.log.contextIDs).count == vendor.log.contextIDs.count)
        #expect(await eventually { vendor.runningCount == 0 && vendor.connectedCount == 1 })
        let line = voice.lines.line(of: "c1")
        #expect(try await line.counts() == (1, 1, 0))
        voice.callEnded("c1")
        #expect(await eventually { vendor.connectedCount == 0 })
        await vendor.server.stop()
    }

    @Test("An idle socket of a call is kept warm, and one that died is replaced")
    func keepAlive() async throws {
        let vendor = try await FakeElevenLabs()
        let voice = try voice(vendor.server.url) { $0.keepAliveInterval = .milliseconds(60) }
        voice.callBegan("c1")
        #expect(await eventually { vendor.clients.first?.texts.contains(#"{"text":""}"#) == true })
        vendor.clients[0].drop()
        #expect(await speak(voice, "Still here.", call: "c1").error == nil)
        #expect(vendor.clients.count == 2)
        voice.callEnded("c1")
        #expect(await eventually { vendor.connectedCount == 0 })
        await vendor.server.stop()
    }

    @Test("A warm socket that fails before any audio is replaced once; a second failure is told")
    func retry() async throws {
        var behaviour = FakeElevenLabs.Behaviour()
        behaviour.dropsOn = [0]
        let vendor = try await FakeElevenLabs(behaviour)
        let voice = try voice(vendor.server.url)
        voice.callBegan("c1")
        #expect(try await isWarm(voice))
        #expect(await speak(voice, "Hello there.", call: "c1").samples == 13 * 400)
        #expect(vendor.log.texts == ["Hello there. ", "Hello there. "] && vendor.clients.count == 2)
        behaviour.dropsOn = [0, 1]
        let broken = try await FakeElevenLabs(behaviour)
        let other = try self.voice(broken.server.url)
        other.callBegan("c1")
        #expect(try await isWarm(other))
        let spoken = await speak(other, "Hello there.", call: "c1")
        #expect(spoken.error?.kind == .unavailable && spoken.error?.isRetryable == true && broken.clients.count == 2)
        await vendor.server.stop()
        await broken.server.stop()
    }

    @Test(
        "What the vendor says instead of audio is an error of its kind",
        arguments: [
            (#"{"message":"no such el-test-77c1","error":"invalid_api_key","code":1008}"#, .rejected, false),
            (#"{"message":"too many","error":"max_active_conversations","code":1008}"#, .rejected, true),
            (#"{"audio":"#, .malformed, true), (#"{"audio":"not base64!","contextId":"u1"}"#, .malformed, true),
        ] as [(String, ProviderError.Kind, Bool)])
    func errors(message: String, kind: ProviderError.Kind, isRetryable: Bool) async throws {
        var behaviour = FakeElevenLabs.Behaviour()
        behaviour.insteadOfAudio = message
        let vendor = try await FakeElevenLabs(behaviour)
        let error = await speak(try voice(vendor.server.url), "Hello.").error
        #expect(
            error?.kind == kind && error?.isRetryable == isRetryable && error?.description.contains("77c1") == false)
        #expect(await eventually { vendor.connectedCount == 0 })
        await vendor.server.stop()
    }

    @Test("Silence is timed out, and its socket replaced")
    func silence() async throws {
        var behaviour = FakeElevenLabs.Behaviour()
        behaviour.isSilent = true
        let vendor = try await FakeElevenLabs(behaviour)
        let voice = try voice(vendor.server.url) { $0.firstAudioDeadline = .milliseconds(300) }
        voice.callBegan("c1")
        let error = await speak(voice, "Hello.", call: "c1").error
        #expect(error?.kind == .timedOut && error?.isRetryable == true)
        #expect(await eventually { vendor.connectedCount == 0 })
        await vendor.server.stop()
    }

    @Test("A lost end mark does not hold a text back whose last character has sounded")
    func lostEndMark() async throws {
        var behaviour = FakeElevenLabs.Behaviour()
        behaviour.omitsFinal = true
        let vendor = try await FakeElevenLabs(behaviour)
        let start = ContinuousClock.now
        let spoken = await speak(try voice(vendor.server.url), "Hello there.")
        #expect(spoken.error == nil && spoken.samples == 13 * 400 && spoken.words.count == 2)
        #expect(ContinuousClock.now - start < .milliseconds(1_900))
        await vendor.server.stop()
    }

    @Test("A refused upgrade is told at once, and rates and names that cannot be are refused before it")
    func refusals() async throws {
        var behaviour = FakeElevenLabs.Behaviour()
        behaviour.refusesWith = 401
        let vendor = try await FakeElevenLabs(behaviour)
        let voice = try voice(vendor.server.url)
        let error = await speak(voice, "Hello.").error
        #expect(error?.kind == .rejected && error?.isRetryable == false && error?.provider == "elevenlabs")
        #expect(await speak(voice, "Hello.", rate: SampleRate(hz: 11_025)).error?.kind == .rejected)
        var request = SpeechRequest(text: "Hello.")
        request.voice = "../x"
        do {
            for try await _ in voice.synthesize(request) {}
            Issue.record("it spoke")
        } catch { #expect((error as? ProviderError)?.kind == .rejected) }
        #expect(vendor.server.requests.count == 1)
        await vendor.server.stop()
    }

    @Test("Nothing is left of two hundred calls, with texts spoken, cancelled and cut off by the call's end")
    func nothingIsLeft() async throws {
        let vendor = try await FakeElevenLabs()
        let voice = try voice(vendor.server.url)
        for batch in 0..<10 {
            await withTaskGroup(of: Void.self) { group in
                for index in 0..<20 {
                    group.addTask {
                        let call = "call-\(batch)-\(index)"
                        voice.callBegan(call)
                        if index % 4 == 0 {
                            _ = await speak(voice, "One sentence.", call: call)
                        } else if index % 4 == 1 {
                            let stream = voice.synthesize(SpeechRequest(text: "Cut off.", callID: call))
                            voice.callEnded(call)
                            do { for try await _ in stream {} } catch {}
                        } else if index % 4 == 2 {
                            let task = Task { _ = await speak(voice, "Left.", call: call) }
                            task.cancel()
                            await task.value
                        }
                        voice.callEnded(call)
                    }
                }
            }
        }
        #expect(voice.lines.callCount == 0)
        #expect(await eventually { vendor.connectedCount == 0 })
        // A thousand calls that never spoke hold nothing either.
        for index in 0..<1_000 {
            voice.callBegan("quiet-\(index)")
            voice.callEnded("quiet-\(index)")
        }
        #expect(voice.lines.callCount == 0)
        #expect(await eventually(within: .seconds(20)) { vendor.connectedCount == 0 })
        await vendor.server.stop()
    }

    @Test("A text for a call that is over, or was never on, is spoken on the shared socket")
    func sharedLine() async throws {
        let vendor = try await FakeElevenLabs()
        let voice = try voice(vendor.server.url)
        for call in ["", "unknown", ""] { #expect(await speak(voice, "Hello.", call: call).error == nil) }
        #expect(vendor.clients.count == 1)
        await vendor.server.stop()
    }

    @Test("Over HTTP the body is the audio")
    func http() async throws {
        let server = try await FakeHTTPServer { request, answer in
            if request.text.contains("refuse") {
                return answer.answer(#"{"detail":{"status":"quota_exceeded","message":"no credits"}}"#, status: 401)
            }
            answer.head(200, ["Content-Type": "audio/basic"])
            for size in [3, 1, 400, 7] { answer.send([UInt8](repeating: 0x11, count: size)) }
            if request.text.contains("stall") { return }
            answer.after(.milliseconds(10)) {
                answer.send([UInt8](repeating: 0x22, count: 89))
                answer.end()
            }
        }
        // Only the answer that stalls is to meet a short deadline: on a busy machine the others would meet it too.
        let voice = try voice(server.url) { $0.transport = .http }
        let hurried = try self.voice(server.url) {
            $0.transport = .http
            $0.chunkDeadline = .milliseconds(150)
        }
        voice.callBegan("c1")
        #expect(await speak(voice, "Say \"hi\".", call: "c1").samples == 500)
        #expect(await speak(voice, "Hi.", rate: .wideband).samples == 250)
        let sent = try #require(server.requests.first)
        #expect(sent.uri == "/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM/stream?output_format=ulaw_8000")
        #expect(sent.headers["xi-api-key"] == [Self.key])
        #expect(
            sent.text == #"{"text":"Say \"hi\".","model_id":"eleven_flash_v2_5","voice_settings":{"stability":0.5,"#
                + #""similarity_boost":0.75,"speed":1}}"#)
        let refused = await speak(voice, "refuse").error
        #expect(refused?.kind == .rejected && refused?.detail == "status 401, quota_exceeded: no credits")
        let stalled = await speak(hurried, "stall")
        #expect(stalled.samples == 411 && stalled.error?.kind == .timedOut)
        voice.callEnded("c1")
        await server.stop()
    }

    @Test("It passes the suite of every voice", arguments: [false, true])
    func conformance(usesOtherSpelling: Bool) async throws {
        var behaviour = FakeElevenLabs.Behaviour()
        behaviour.usesOtherSpelling = usesOtherSpelling
        let vendor = try await FakeElevenLabs(behaviour)
        behaviour.refusesWith = 403
        let refusing = try await FakeElevenLabs(behaviour)
        var suite = TextToSpeechConformance(try voice(vendor.server.url))
        suite.failing = (try voice(refusing.server.url), SpeechRequest(text: "Hello."))
        suite.running = { vendor.runningCount }
        #expect(await suite.violations() == [])
        await vendor.server.stop()
        await refusing.server.stop()
    }
}
