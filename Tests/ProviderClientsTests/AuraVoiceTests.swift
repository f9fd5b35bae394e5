import CallTime
import Foundation
import ProviderConformance
import Providers
import Synchronization
import Testing

@testable import ProviderClients

/// The vendor's socket: audio a piece at a time after a flush, `Cleared` after a clear.
private final class FakeAura: Sendable {
    struct Behaviour: Sendable {
        var delay: Duration = .milliseconds(2)
        var pieces = 3
        var isSilent = false
        var ignoresClear = false
        var insteadOfAudio: String?
        var dropsOn: Set<Int> = []
        var refusesWith: Int?
    }

    private struct Client {
        var text = ""
        var generation = 0
        var isBusy = false
    }

    private final class Box: Sendable {
        let clients = Mutex<[Int: Client]>([:])
    }

    let server: FakeWebSocketServer
    private let box: Box

    init(_ behaviour: Behaviour = Behaviour()) async throws {
        let box = Box()
        self.box = box
        server = try await FakeWebSocketServer(
            accept: { _ in behaviour.refusesWith.map { .refuse(status: $0) } ?? .upgrade },
            received: { client, message in
                guard case .text(let text) = message, !behaviour.isSilent,
                    let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
                    let type = object["type"] as? String
                else { return }
                let number = client.request.index
                switch type {
                case "Speak":
                    box.clients.withLock { $0[number, default: Client()].text += object["text"] as? String ?? "" }
                case "Flush": Self.flush(client, number, box, behaviour)
                case "Clear":
                    if behaviour.ignoresClear { return }
                    // Audio that was under way still comes, as it does from the vendor.
                    client.send([UInt8](repeating: 0x55, count: 160))
                    box.clients.withLock {
                        $0[number]?.generation += 1
                        $0[number]?.isBusy = false
                    }
                    client.after(.milliseconds(5)) { client.send(#"{"type":"Cleared","sequence_id":1}"#) }
                default: break
                }
            })
    }

    var connectedCount: Int { server.clients.count { $0.isConnected } }
    var runningCount: Int { box.clients.withLock { $0.values.count { $0.isBusy } } }

    private static func flush(_ client: FakeWebSocketClient, _ number: Int, _ box: Box, _ behaviour: Behaviour) {
        if behaviour.dropsOn.contains(number) { return client.drop() }
        if let instead = behaviour.insteadOfAudio { return client.send(instead) }
        let (text, generation) = box.clients.withLock { clients in
            let text = clients[number]?.text ?? ""
            clients[number]?.text = ""
            clients[number]?.isBusy = true
            return (text, clients[number]?.generation ?? 0)
        }
        client.send(#"{"type":"Metadata","request_id":"r"}"#)
        let isMuLaw = client.request.uri.contains("mulaw")
        let count = text.count * (isMuLaw ? 400 : 1_600)
        for piece in 0...behaviour.pieces {
            client.after(behaviour.delay * (piece + 1)) {
                guard box.clients.withLock({ $0[number]?.generation }) == generation else { return }
                if piece == behaviour.pieces {
                    box.clients.withLock { $0[number]?.isBusy = false }
                    return client.send(#"{"type":"Flushed","sequence_id":0}"#)
                }
                // Cut in the middle of samples.
                let range = (count * piece / behaviour.pieces)..<(count * (piece + 1) / behaviour.pieces)
                client.send(range.map { UInt8(truncatingIfNeeded: $0 &* 31 &+ text.count) & 0x7E })
            }
        }
    }
}

@Suite("Aura's voice over real sockets")
struct AuraVoiceTests {
    private func voice(_ url: String, _ change: (inout AuraVoice.Configuration) -> Void = { _ in }) throws -> AuraVoice
    {
        var configuration = try AuraVoice.Configuration(key: "dg-test-19b", base: VendorURL(url))
        configuration.firstAudioDeadline = .seconds(10)
        change(&configuration)
        return try AuraVoice(configuration)
    }

    private func speak(
        _ voice: AuraVoice, _ text: String, call: String = ""
    ) async -> (bytes: [UInt8], error: ProviderError?) {
        var bytes: [UInt8] = []
        do {
            for try await event in voice.synthesize(SpeechRequest(text: text, callID: call)) {
                if case .audio(.muLaw(let more)) = event { bytes += more }
            }
        } catch { return (bytes, error as? ProviderError) }
        return (bytes, nil)
    }

    /// Waits until the call's socket stands, as its client sees it.
    private func isWarm(_ voice: AuraVoice) async throws -> Bool {
        for _ in 0..<2_000 {
            if try await voice.lines.line(of: "c1").counts().open == 1 { return true }
            try await Task.sleep(for: .milliseconds(2))
        }
        return false
    }

    @Test("The texts of a call are spoken one after another on one socket")
    func order() async throws {
        let vendor = try await FakeAura()
        let voice = try voice(vendor.server.url)
        voice.callBegan("c1")
        #expect(await eventually { vendor.connectedCount == 1 })
        async let first = speak(voice, "Hello.", call: "c1")
        async let second = speak(voice, "How are you?", call: "c1")
        #expect(await [first.bytes.count, second.bytes.count] == [7 * 400, 13 * 400])
        let client = try #require(vendor.server.clients.first)
        let kinds = client.texts.map { $0.contains("Speak") ? "Speak" : $0 }
        #expect(kinds == ["Speak", #"{"type":"Flush"}"#, "Speak", #"{"type":"Flush"}"#])
        #expect(client.texts.contains(#"{"type":"Speak","text":"Hello. "}"#))
        #expect(client.request.uri == "/v1/speak?model=aura-2-thalia-en&encoding=mulaw&sample_rate=8000")
        #expect(client.request.headers["authorization"] == ["Token dg-test-19b"])
        voice.callEnded("c1")
        #expect(await eventually { vendor.connectedCount == 0 })
        #expect(vendor.server.clients.count == 1 && client.texts.last == #"{"type":"Close"}"#)
        await vendor.server.stop()
    }

    @Test("A cancelled text is cleared, and none of its audio is heard in the next")
    func clearing() async throws {
        var behaviour = FakeAura.Behaviour()
        // Long enough that it is not over before the cancel arrives, also on a busy machine.
        behaviour.pieces = 20
        behaviour.delay = .milliseconds(25)
        let vendor = try await FakeAura(behaviour)
        let voice = try voice(vendor.server.url)
        voice.callBegan("c1")
        for _ in 0..<3 {
            let task = Task {
                for try await _ in voice.synthesize(SpeechRequest(text: "A long sentence.", callID: "c1")) { break }
            }
            try await task.value
            let next = await speak(voice, "Next.", call: "c1")
            #expect(next.error == nil && next.bytes.count == 6 * 400 && !next.bytes.contains(0x55))
        }
        #expect(vendor.server.clients.count == 1)
        #expect(vendor.server.clients[0].texts.count { $0.contains("Clear") } == 3)
        voice.callEnded("c1")
        #expect(await eventually { vendor.connectedCount == 0 })
        await vendor.server.stop()
    }

    @Test("A clear that is never confirmed costs the socket, not the next text")
    func lostClear() async throws {
        var behaviour = FakeAura.Behaviour()
        behaviour.ignoresClear = true
        behaviour.pieces = 20
        behaviour.delay = .milliseconds(25)
        let vendor = try await FakeAura(behaviour)
        let voice = try voice(vendor.server.url)
        voice.callBegan("c1")
        let task = Task { for try await _ in voice.synthesize(SpeechRequest(text: "One.", callID: "c1")) { break } }
        try await task.value
        #expect(await speak(voice, "Two.", call: "c1").bytes.count == 5 * 400)
        #expect(vendor.server.clients.count == 2)
        voice.callEnded("c1")
        await vendor.server.stop()
    }

    @Test("The twenty-first text within a minute goes over a further socket")
    func flushBudget() async throws {
        let vendor = try await FakeAura()
        let voice = try voice(vendor.server.url)
        voice.callBegan("c1")
        for _ in 0..<25 {
            let error = await speak(voice, "Yes.", call: "c1").error
            #expect(error == nil)
        }
        #expect(vendor.server.clients.map { $0.texts.count { $0.contains("Flush") } } == [20, 5])
        voice.callEnded("c1")
        #expect(await eventually { vendor.connectedCount == 0 })
        await vendor.server.stop()
    }

    @Test("Failures are errors of their kinds, and a warm socket that fails before audio is replaced once")
    func failures() async throws {
        var behaviour = FakeAura.Behaviour()
        behaviour.isSilent = true
        let silent = try await FakeAura(behaviour)
        let error = await speak(try voice(silent.server.url) { $0.firstAudioDeadline = .milliseconds(300) }, "Hello.")
            .error
        #expect(error?.kind == .timedOut && error?.isRetryable == true && error?.provider == "aura")
        #expect(await eventually { silent.connectedCount == 0 })

        behaviour = FakeAura.Behaviour()
        behaviour.insteadOfAudio = #"{"type":"Error","description":"bad dg-test-19b"}"#
        let failing = try await FakeAura(behaviour)
        let told = await speak(try voice(failing.server.url), "Hello.").error
        #expect(told?.kind == .rejected && told?.description.contains("19b") == false)
        behaviour.insteadOfAudio = "{"
        let broken = try await FakeAura(behaviour)
        #expect(await speak(try voice(broken.server.url), "Hello.").error?.kind == .malformed)

        behaviour = FakeAura.Behaviour()
        behaviour.dropsOn = [0]
        let dropping = try await FakeAura(behaviour)
        let voice = try voice(dropping.server.url)
        voice.callBegan("c1")
        #expect(try await isWarm(voice))
        #expect(await speak(voice, "Hello.", call: "c1").bytes.count == 7 * 400)
        #expect(dropping.server.clients.count == 2)
        #expect(await speak(voice, String(repeating: "a", count: 2_401), call: "c1").error?.kind == .rejected)
        for vendor in [silent, failing, broken, dropping] { await vendor.server.stop() }
    }

    @Test("Nothing is left of a thousand calls")
    func nothingIsLeft() async throws {
        let vendor = try await FakeAura()
        let voice = try voice(vendor.server.url)
        for batch in 0..<50 {
            await withTaskGroup(of: Void.self) { group in
                for index in 0..<20 {
                    group.addTask {
                        let call = "call-\(batch)-\(index)"
                        voice.callBegan(call)
                        if index % 10 == 0 { _ = await speak(voice, "One sentence.", call: call) }
                        voice.callEnded(call)
                    }
                }
            }
        }
        #expect(voice.lines.callCount == 0)
        #expect(await eventually(within: .seconds(20)) { vendor.connectedCount == 0 })
        await vendor.server.stop()
    }

    @Test("It passes the suite of every voice")
    func conformance() async throws {
        let vendor = try await FakeAura()
        var behaviour = FakeAura.Behaviour()
        behaviour.refusesWith = 401
        let refusing = try await FakeAura(behaviour)
        var suite = TextToSpeechConformance(try voice(vendor.server.url))
        suite.failing = (try voice(refusing.server.url), SpeechRequest(text: "Hello."))
        suite.running = { vendor.runningCount }
        #expect(await suite.violations() == [])
        await vendor.server.stop()
        await refusing.server.stop()
    }
}
