import AsyncHTTPClient
import CallRuntime
import CallTime
import Codecs
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOPosix
import ProviderClients
import Testing

@testable import LatencyBench

/// What came over a WebSocket, and when.
private struct Arrival {
    var at: ContinuousClock.Instant
    var json: JSONValue
}

/// A client that a test reads from with a deadline.
private final class SocketClient: Sendable {
    let connection: WebSocketConnection
    private let events: AsyncStream<(ContinuousClock.Instant, WebSocketConnection.Event)>

    init(_ url: String, header: (String, String)) async throws {
        let (stream, continuation) = AsyncStream<(ContinuousClock.Instant, WebSocketConnection.Event)>.makeStream()
        events = stream
        let endpoint = WebSocketEndpoint(url: url, provider: "stand-in", headers: [(header.0, header.1)])
        connection = try await WebSocketConnection.connect(endpoint) { continuation.yield((ContinuousClock().now, $0)) }
    }

    /// All text until the server closes, and the close code; at most 5 s.
    func untilClosed() async throws -> (arrivals: [Arrival], code: Int?) {
        try await until { _ in false }
    }

    /// All text until one satisfies `isLast`, or the server closes; at most 5 s.
    func until(_ isLast: @escaping @Sendable (JSONValue) -> Bool) async throws -> (arrivals: [Arrival], code: Int?) {
        try await withThrowingTaskGroup(of: ([Arrival], Int?).self) { group in
            group.addTask { [events] in
                var arrivals: [Arrival] = []
                for await (instant, event) in events {
                    switch event {
                    case .text(let buffer):
                        let json = try #require(JSONValue(String(buffer: buffer)))
                        arrivals.append(Arrival(at: instant, json: json))
                        if isLast(json) { return (arrivals, nil) }
                    case .binary: Issue.record("a binary message")
                    case .closed(let code, _): return (arrivals, code)
                    }
                }
                return (arrivals, nil)
            }
            group.addTask {
                try await Task.sleep(for: .seconds(5))
                throw BenchFailure("nothing more within 5 s")
            }
            let result = try #require(try await group.next())
            group.cancelAll()
            return result
        }
    }
}

private let transcriptOf: @Sendable (JSONValue) -> JSONValue? = { json in
    guard case .array(let alternatives) = json["channel"]?["alternatives"] else { return nil }
    return alternatives.first?["transcript"]
}

private let group = MultiThreadedEventLoopGroup.singleton

struct RecogniserStandInTests {
    private static let query = "/v1/listen?model=nova-3&encoding=mulaw&sample_rate=8000&endpointing=500"

    private func open(
        _ delays: VendorDelays = VendorDelays(), query: String = query
    ) async throws -> (SocketClient, StandIns) {
        let standIns = try await StandIns(delays, on: group)
        let base = try #require(standIns.environment["DEEPGRAM_BASE_URL"]).replacing("http://", with: "ws://")
        return (try await SocketClient(base + query, header: ("Authorization", "Token k")), standIns)
    }

    private func speech(_ milliseconds: Int) -> ByteBuffer {
        ByteBuffer(bytes: VoiceStandIn.tone(from: 0, count: milliseconds * 8))
    }

    private func silence(_ milliseconds: Int) -> ByteBuffer {
        ByteBuffer(repeating: MuLaw.silence, count: milliseconds * 8)
    }

    @Test func finalizeIsAnsweredAfterTheDelayWithWhatWasHeard() async throws {
        let (client, standIns) = try await open()
        client.connection.send(binary: silence(200))
        client.connection.send(binary: speech(700))
        client.connection.send(binary: silence(100))
        client.connection.send(text: #"{"type":"KeepAlive"}"#)
        let asked = ContinuousClock().now
        client.connection.send(text: #"{"type":"Finalize"}"#)
        let (arrivals, _) = try await client.until { $0["from_finalize"] == .bool(true) }
        #expect(arrivals.map { $0.json["is_final"] } == [.bool(false), .bool(false), .bool(true)])
        let final = try #require(arrivals.last)
        #expect(transcriptOf(final.json) == .string("caller sentence 1."))
        #expect(final.json["start"] == .number(0))
        #expect(final.json["duration"] == .number(1))
        #expect(final.at - asked >= .milliseconds(70))
        #expect(final.at - asked < .milliseconds(500))
        #expect(standIns.counts.values.transcripts == 1)
        client.connection.close()
        await standIns.stop()
    }

    @Test func sentencesAreCountedAndSilenceIsUnderstoodAsNothing() async throws {
        let (client, standIns) = try await open()
        for _ in 0..<2 {
            client.connection.send(binary: speech(250))
            client.connection.send(text: #"{"type":"Finalize"}"#)
        }
        client.connection.send(binary: silence(250))
        client.connection.send(text: #"{"type":"Finalize"}"#)
        client.connection.send(text: #"{"type":"CloseStream"}"#)
        let (arrivals, code) = try await client.untilClosed()
        #expect(code == 1_000)
        #expect(arrivals.last?.json["type"] == .string("Metadata"))
        #expect(arrivals.last?.json["duration"] == .number(0.75))
        let transcripts = arrivals.dropLast().map { transcriptOf($0.json) }
        #expect(transcripts == [.string("caller sentence 1."), .string("caller sentence 2."), .string("")])
        await standIns.stop()
    }

    @Test func silenceEndsASentenceByItself() async throws {
        let (client, standIns) = try await open()
        client.connection.send(binary: speech(200))
        client.connection.send(binary: silence(600))
        let (arrivals, _) = try await client.until { $0["speech_final"] == .bool(true) }
        #expect(arrivals.last.flatMap { transcriptOf($0.json) } == .string("caller sentence 1."))
        #expect(arrivals.last?.json["duration"] == .number(0.7))
        client.connection.close()
        await standIns.stop()
    }

    @Test func aMessageThatIsNoJSONEndsTheConnection() async throws {
        let (client, standIns) = try await open()
        client.connection.send(text: "hello")
        #expect(try await client.untilClosed().code == 1_008)
        await standIns.stop()
    }

    @Test func otherAudioThanMuLawIsRefused() async throws {
        await #expect(throws: (any Error).self) {
            _ = try await open(query: "/v1/listen?encoding=linear16&sample_rate=8000")
        }
    }
}

struct VoiceStandInTests {
    private func open(_ delays: VendorDelays = VendorDelays()) async throws -> (SocketClient, StandIns) {
        let standIns = try await StandIns(delays, on: group)
        let base = try #require(standIns.environment["ELEVENLABS_BASE_URL"]).replacing("http://", with: "ws://")
        let path = "/v1/text-to-speech/v/multi-stream-input?output_format=ulaw_8000&auto_mode=true"
        return (try await SocketClient(base + path, header: ("xi-api-key", "k")), standIns)
    }

    private func audio(_ arrivals: [Arrival], of context: String) -> [UInt8] {
        arrivals.filter { $0.json["contextId"] == .string(context) }.flatMap { arrival -> [UInt8] in
            guard case .string(let text) = arrival.json["audio"], let data = Data(base64Encoded: text) else { return [] }
            return [UInt8](data)
        }
    }

    @Test func aTextIsAToneAsLongAsItsCharacters() async throws {
        let (client, standIns) = try await open()
        client.connection.send(text: #"{"text":" ","context_id":"u1","voice_settings":{"speed":1}}"#)
        let asked = ContinuousClock().now
        client.connection.send(text: #"{"text":"Hello there. ","context_id":"u1","flush":true}"#)
        client.connection.send(text: #"{"context_id":"u1","close_context":true}"#)
        let (arrivals, _) = try await client.until { $0["isFinal"] == .bool(true) }
        let heard = audio(arrivals, of: "u1")
        #expect(heard.count == 12 * 520 + 480)
        var spans = VoicedSpans()
        spans.append(heard, at: 0)
        #expect(spans.spans == [0..<12 * 520])
        let first = try #require(arrivals.first)
        #expect(first.at - asked >= .milliseconds(120))
        #expect(first.at - asked < .milliseconds(600))
        // Ten times real time: 0.84 s of audio, the last piece 65 ms after the first.
        let last = try #require(arrivals.dropLast().last)
        #expect(last.at - first.at < .milliseconds(500))
        let characters = arrivals.compactMap { arrival -> [JSONValue]? in
            guard case .array(let characters) = arrival.json["alignment"]?["chars"] else { return nil }
            return characters
        }
        #expect(characters.flatMap { $0 }.compactMap(\.plainText).joined() == "Hello there.")
        #expect(standIns.counts.values.texts == 1)
        client.connection.send(text: #"{"close_socket":true}"#)
        #expect(try await client.untilClosed().code == 1_000)
        await standIns.stop()
    }

    @Test func contextsSpeakSideBySideAndAreAcknowledgedEach() async throws {
        let (client, standIns) = try await open()
        for id in ["a", "b"] {
            client.connection.send(text: #"{"text":"One.","context_id":"\#(id)"}"#)
            client.connection.send(text: #"{"context_id":"\#(id)","close_context":true}"#)
        }
        let (arrivals, _) = try await client.until { $0["isFinal"] == .bool(true) && $0["contextId"] == .string("b") }
        #expect(audio(arrivals, of: "a").count == 4 * 520 + 480)
        #expect(audio(arrivals, of: "b").count == 4 * 520 + 480)
        client.connection.close()
        await standIns.stop()
    }

    @Test func aSixthContextEndsTheSocket() async throws {
        let (client, standIns) = try await open()
        for number in 1...6 { client.connection.send(text: #"{"text":" ","context_id":"u\#(number)"}"#) }
        let (arrivals, code) = try await client.untilClosed()
        #expect(arrivals.last?.json["error"] == .string("max_active_conversations"))
        #expect(code == 1_008)
        await standIns.stop()
    }
}

struct ModelStandInTests {
    private func ask(_ body: String, _ standIns: StandIns) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: try #require(standIns.environment["OPENAI_BASE_URL"]) + "/chat/completions")
        request.method = .POST
        request.body = .bytes(ByteBuffer(string: body))
        return try await HTTPClient.shared.execute(request, timeout: .seconds(5))
    }

    @Test func aReplyComesTokenByTokenAndDependsOnTheTurn() async throws {
        let standIns = try await StandIns(VendorDelays(), on: group)
        let body =
            #"{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"system","content":"x"},"#
            + #"{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]}"#
        let asked = ContinuousClock().now
        var text = ""
        var first: ContinuousClock.Instant?
        for try await part in try await ask(body, standIns).body {
            first = first ?? ContinuousClock().now
            text += String(buffer: part)
        }
        let ended = ContinuousClock().now
        let lines = text.split(separator: "\n\n").map { $0.dropFirst("data: ".count) }
        #expect(lines.last == "[DONE]")
        let chunks = lines.dropLast().compactMap { JSONValue(String($0)) }
        #expect(chunks.count == lines.count - 1)
        let contents = chunks.compactMap { chunk -> String? in
            guard case .array(let choices) = chunk["choices"] else { return nil }
            return choices.first?["delta"]?["content"]?.plainText
        }
        let reply = ModelStandIn.reply(to: 2)
        #expect(contents.joined() == reply)
        let tokens = ModelStandIn.tokens(of: reply).count
        #expect(chunks.last?["usage"]?["completion_tokens"] == .integer(tokens))
        #expect(try #require(first) - asked >= .milliseconds(250))
        #expect(ended - asked >= .milliseconds(250) + .seconds(1) * (tokens - 1) / 60)
        #expect(ended - asked < .seconds(2))
        #expect(standIns.counts.values.replies == 1)
        await standIns.stop()
    }

    @Test func aRequestThatIsNoneIsRefused() async throws {
        let standIns = try await StandIns(VendorDelays(), on: group)
        #expect(try await ask("{}", standIns).status == .badRequest)
        #expect(try await ask(#"{"messages":[],"stream":false}"#, standIns).status == .badRequest)
        #expect(standIns.counts.values.replies == 0)
        await standIns.stop()
    }

    @Test func repliesAreTwoSentencesAndDoNotRepeat() {
        let replies = (1...40).map { ModelStandIn.reply(to: $0) }
        #expect(Set(replies).count == 40)
        #expect(replies.allSatisfy { $0.count { $0 == "." } == 2 })
    }
}
