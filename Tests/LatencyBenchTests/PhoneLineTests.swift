import CallRuntime
import CallTime
import Codecs
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Telephony
import Testing

@testable import LatencyBench

/// A server that is not ours and answers 300 ms after it has heard the end of what the caller said.
private final class AnotherServer: Sendable {
    struct Log: Sendable {
        var form = FormFields()
        var webhookSignature: String?
        var streamSignature: String?
        var start: TwilioStart?
        var greeted: NIODeadline?
        var marks: [(name: String, at: NIODeadline)] = []
        var hasStopped = false
        var media: [TwilioMedia] = []
    }

    static let delay = Duration.milliseconds(300)
    let log = Mutex(Log())
    private let server = Mutex<StandInServer?>(nil)
    let port: Int
    /// Closes the stream 100 ms into this reply, or instead of the first.
    let mostReplies: Int

    init(mostReplies: Int = .max, says answer: String? = nil) async throws {
        self.mostReplies = mostReplies
        let address = Mutex("")
        let owner = Mutex<AnotherServer?>(nil)
        let server = try await StandInServer(
            on: MultiThreadedEventLoopGroup.singleton,
            accept: { request in
                guard request.path == "/media", let owner = owner.withLock({ $0 }) else { return nil }
                owner.log.withLock { $0.streamSignature = request.headers.first(name: TwilioSignature.headerName) }
                return Stream(owner)
            },
            serve: { request, body, line in
                let document = TwiML(
                    .connectStream(url: address.withLock { $0 }, parameters: ["token": "t<1>"]), .hangup)
                owner.withLock { $0 }?.log.withLock { log in
                    log.form = (try? FormFields(parsing: String(buffer: body))) ?? FormFields()
                    log.webhookSignature = request.headers.first(name: TwilioSignature.headerName)
                }
                line.refuse(request.method == .POST ? .ok : .methodNotAllowed, answer ?? document.text)
            })
        port = server.port
        address.withLock { $0 = "ws://127.0.0.1:\(server.port)/media" }
        self.server.withLock { $0 = server }
        owner.withLock { $0 = self }
    }

    var webhook: VoiceWebhook { VoiceWebhook(url: "http://127.0.0.1:\(port)/voice", authToken: "secret") }

    func stop() async { await server.withLock { $0 }?.stop() }

    private final class Stream: StandInSocket {
        private let owner: AnotherServer
        private var payload: [UInt8] = []
        private var voiced = 0
        private var replies = 0

        init(_ owner: AnotherServer) { self.owner = owner }

        func received(binary: ByteBuffer, _ line: StandInLine) { Issue.record("the carrier sends no binary messages") }

        func received(text: ByteBuffer, _ line: StandInLine) {
            guard let message = try? TwilioMessage.read(Array(buffer: text).span, payload: &payload) else {
                Issue.record("a message that cannot be read")
                return
            }
            switch message {
            case .start(let start):
                owner.log.withLock { log in
                    log.start = start
                    log.greeted = .now()
                }
                say(2_400, mark: "greeting", line)
            case .media(let media):
                owner.log.withLock { $0.media.append(media) }
                if VoicedSpans.isVoiced(payload) { replyLater(line) }
            case .mark(let name): owner.log.withLock { $0.marks.append((name, .now())) }
            case .stop: owner.log.withLock { $0.hasStopped = true }
            case .connected, .dtmf, .unknown: break
            }
        }

        private func replyLater(_ line: StandInLine) {
            voiced += 1
            let seen = voiced
            line.at(.now() + AnotherServer.delay) { [self] line in
                guard voiced == seen else { return }
                if owner.mostReplies == 0 { return line.close(code: 1_000) }
                say(1_600, mark: "reply", line)
                replies += 1
                if replies >= owner.mostReplies { line.at(.now() + .milliseconds(100)) { $0.close(code: 1_000) } }
            }
        }

        private func say(_ samples: Int, mark: String, _ line: StandInLine) {
            var bytes: [UInt8] = []
            TwilioOutbound.media(streamSID: "MZ", payload: VoiceStandIn.tone(from: 0, count: samples).span, to: &bytes)
            line.send(String(decoding: bytes, as: UTF8.self))
            bytes = []
            TwilioOutbound.mark(streamSID: "MZ", name: mark, to: &bytes)
            line.send(String(decoding: bytes, as: UTF8.self))
        }
    }
}

struct PhoneLineTests {
    /// 200 ms, ten whole frames: its last sample leaves when it was spoken.
    private static let utterance = VoiceStandIn.tone(from: 0, count: 1_600)

    private func call(_ server: AnotherServer, turns: Int) async -> CallRecord {
        let line = PhoneLine(
            webhook: server.webhook, dialsOwnHost: false, eventLoop: MultiThreadedEventLoopGroup.singleton.next())
        return await line.call(
            CallerScript(utterances: [Self.utterance], turns: turns), callSID: "CA" + String(repeating: "1", count: 32))
    }

    @Test func aGapThatIsKnownIsMeasured() async throws {
        let server = try await AnotherServer()
        let record = await call(server, turns: 3)
        #expect(record.end == .callerHungUp)
        #expect(record.turns.count == 3)
        for turn in record.turns {
            guard case .answered(let gap) = turn.outcome else {
                Issue.record("\(turn)")
                continue
            }
            // What is above the server's 300 ms is the way there and back, and how late the machine is.
            #expect(gap >= 299 * 8 && gap < 360 * 8, "\(Double(gap) / 8) ms")
        }
        #expect(record.caller.spans.map(\.count) == [1_600, 1_600, 1_600])
        #expect(record.agent.spans.map(\.count) == [2_400, 1_600, 1_600, 1_600])
        await server.stop()
    }

    @Test func theCarrierIsImitatedFaithfully() async throws {
        let server = try await AnotherServer()
        let record = await call(server, turns: 1)
        let log = server.log.withLock { $0 }
        #expect(log.form["CallSid"] == record.callSID)
        #expect(log.form["CallStatus"] == "ringing")
        #expect(
            TwilioSignature.isValid(
                header: log.webhookSignature, url: server.webhook.url, parameters: log.form, token: "secret"))
        #expect(
            TwilioSignature.isValid(
                header: log.streamSignature, url: "ws://127.0.0.1:\(server.port)/media", token: "secret"))
        let start = try #require(log.start)
        #expect(start.callSID == record.callSID)
        #expect(start.parameter("token") == "t<1>")
        #expect(log.media.map(\.timestampMs) == log.media.indices.map { $0 * 20 })
        #expect(log.media.map(\.chunk) == log.media.indices.map { $0 + 1 })
        #expect(log.marks.map(\.name) == ["greeting", "reply"])
        let greeted = try #require(log.greeted)
        let played = log.marks[0].at - greeted
        #expect(played >= .milliseconds(295) && played < .milliseconds(400), "\(played)")
        await server.stop()
    }

    @Test func aServerThatEndsTheCallCutsATurnShort() async throws {
        let server = try await AnotherServer(mostReplies: 0)
        let record = await call(server, turns: 5)
        #expect(record.end == .serverClosed(code: 1_000))
        #expect(record.turns.isEmpty)
        #expect(record.turnsCutShort == 1)
        await server.stop()
    }

    @Test func aReplyThatTheServerEndsTheCallInIsMeasured() async throws {
        let server = try await AnotherServer(mostReplies: 1)
        let record = await call(server, turns: 5)
        #expect(record.end == .serverClosed(code: 1_000))
        #expect(record.turnsCutShort == 0)
        guard case .answered(let gap) = record.turns.first?.outcome else {
            Issue.record("\(record.turns)")
            return
        }
        #expect(gap >= 299 * 8)
        await server.stop()
    }

    @Test func aCallThatIsNotTakenSaysWhy() async throws {
        let server = try await AnotherServer(says: TwiML(.say("All lines are busy."), .hangup).text)
        let record = await call(server, turns: 1)
        guard case .failed(let why) = record.end else {
            Issue.record("\(record.end)")
            return
        }
        #expect(why.contains("no <Connect><Stream url>"))
        #expect(!why.contains("secret"))
        await server.stop()
    }
}
