import AsyncHTTPClient
import Codecs
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import ProviderClients
import Synchronization
import Telephony

@testable import Server

/// Something that was waited for and did not come.
struct Overdue: Error, CustomStringConvertible {
    var description: String
}

/// Waits until something is true; `what` says at the deadline what was missing.
func eventually(
    _ what: @autoclosure () -> String, within deadline: Duration = .seconds(15),
    _ isTrue: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + deadline
    while try await !isTrue() {
        guard ContinuousClock.now < end else { throw Overdue(description: what()) }
        try await Task.sleep(for: .milliseconds(5))
    }
}

// MARK: - Requests

struct HTTPAnswer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: String

    /// The body, or nil where it is not a JSON object.
    var json: [String: Any]? { try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any] }
    /// The code in `{"error": {"code": …}}`.
    var problem: String? { (json?["error"] as? [String: Any])?["code"] as? String }
    var problemText: String? { (json?["error"] as? [String: Any])?["message"] as? String }
}

/// A request to a server on this machine.
func ask(
    _ method: HTTPMethod, _ path: String, port: Int, headers: [(String, String)] = [], body: String? = nil
) async throws -> HTTPAnswer {
    var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
    request.method = method
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    if let body { request.body = .bytes(ByteBuffer(string: body)) }
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
    let bytes = try await response.body.collect(upTo: 1 << 20)
    return HTTPAnswer(
        status: Int(response.status.code), headers: response.headers, body: String(buffer: bytes))
}

/// What Twilio asks and does: signed forms, TwiML read, streams opened.
struct FakeCarrier: Sendable {
    let port: Int
    /// The address that signatures are computed over.
    var address: String
    var authToken: String

    /// Posts a form, signed for `address`.
    func post(
        _ path: String, _ form: FormFields = [:], headers: [(String, String)] = [], signature: String? = nil
    ) async throws -> HTTPAnswer {
        let signed = signature ?? TwilioSignature.sign(url: address + path, parameters: form, token: authToken)
        return try await ask(
            .POST, path, port: port,
            headers: [("Content-Type", "application/x-www-form-urlencoded"), (TwilioSignature.headerName, signed)]
                + headers,
            body: form.encoded)
    }

    /// A call comes in: the stream the server wants it connected to.
    func ring(_ callSID: String, from: String = "+15550100005", to: String = "+15550100001", path: String = "")
        async throws -> StreamOffer
    {
        let answer = try await post("/twilio/voice" + path, ["CallSid": callSID, "From": from, "To": to])
        return try StreamOffer(answer, callSID: callSID)
    }

    /// The call rings and its stream is open and started.
    func call(_ callSID: String, from: String = "+15550100005", to: String = "+15550100001") async throws -> FakeStream
    {
        try await open(ring(callSID, from: from, to: to))
    }

    func open(_ offer: StreamOffer) async throws -> FakeStream {
        let stream = try await FakeStream(port: port)
        stream.start(callSID: offer.callSID, token: offer.token)
        return stream
    }

    /// Asks what becomes of a call after its stream.
    func afterStream(_ callSID: String, _ more: FormFields = [:]) async throws -> HTTPAnswer {
        var form: FormFields = ["CallSid": callSID]
        form.fields += more.fields
        return try await post("/twilio/after-stream", form)
    }
}

/// A `<Stream>` read from TwiML.
struct StreamOffer: Sendable {
    var callSID: String
    var url: String
    var token: String

    init(_ answer: HTTPAnswer, callSID: String) throws {
        guard answer.status == 200, let url = Self.attribute("url", in: "<Stream ", of: answer.body),
            let token = Self.attribute("value", in: "<Parameter name=\"token\"", of: answer.body)
        else { throw Overdue(description: "no stream in \(answer.status) \(answer.body)") }
        (self.callSID, self.url, self.token) = (callSID, url, token)
    }

    static func attribute(_ name: String, in element: String, of xml: String) -> String? {
        guard let start = xml.range(of: element)?.upperBound,
            let value = xml[start...].range(of: "\(name)=\"")?.upperBound,
            let end = xml[value...].firstIndex(of: "\"")
        else { return nil }
        return String(xml[value..<end])
    }
}

// MARK: - A stream

/// The carrier's end of a media stream: it sends 20 ms of mu-law each 20 ms, plays what it gets on its own clock, and
/// echoes marks when what came before them has been played.
final class FakeStream: Sendable {
    struct State: Sendable {
        /// Everything the agent said.
        var audio: [UInt8] = []
        var mediaMessages = 0
        var marks: [String] = []
        var clears = 0
        /// How far ahead of its time audio ever was, and how late our own clock ever ran.
        var mostLead = Duration.zero
        var mostLateness = Duration.zero
        var closeCode: Int?
        var isClosed = false
        fileprivate var playsUntil = ContinuousClock.now
        fileprivate var unplayedMarks: [(name: String, at: ContinuousClock.Instant)] = []
        /// What the caller will say; silence where there is nothing.
        fileprivate var toSay: [UInt8] = []
        fileprivate var sequence = 1
        fileprivate var sent = 0
        fileprivate var lastTick = ContinuousClock.now
        fileprivate var ticker: RepeatedTask?
    }

    let streamSID = "MZ0001"
    private let shared = SharedState()
    private let connection: WebSocketConnection

    init(port: Int, path: String = "/twilio/media", headers: [(name: String, value: String)] = []) async throws {
        let state = shared
        var endpoint = WebSocketEndpoint(url: "ws://127.0.0.1:\(port)\(path)", provider: "carrier", headers: headers)
        endpoint.connectDeadline = .seconds(5)
        connection = try await WebSocketConnection.connect(endpoint) { event in
            switch event {
            case .text(let text): state.read(text)
            case .binary: break
            case .closed(let code, _):
                state.value.withLock { state in
                    (state.closeCode, state.isClosed) = (code, true)
                    state.ticker?.cancel()
                    state.ticker = nil
                }
            }
        }
    }

    /// What the connection's callbacks write and the test reads.
    private final class SharedState: Sendable {
        let value = Mutex(State())

        func read(_ text: ByteBuffer) {
            guard let message = try? JSONSerialization.jsonObject(with: Data(buffer: text)) as? [String: Any] else {
                return
            }
            value.withLock { state in
                let now = ContinuousClock.now
                switch message["event"] as? String {
                case "media":
                    let payload = (message["media"] as? [String: Any])?["payload"] as? String ?? ""
                    let bytes = [UInt8](Data(base64Encoded: payload) ?? Data())
                    state.audio += bytes
                    state.mediaMessages += 1
                    state.playsUntil = max(state.playsUntil, now) + .microseconds(bytes.count * 125)
                    state.mostLead = max(state.mostLead, state.playsUntil - now)
                case "mark":
                    let name = (message["mark"] as? [String: Any])?["name"] as? String ?? ""
                    state.marks.append(name)
                    state.unplayedMarks.append((name, max(now, state.playsUntil)))
                case "clear":
                    state.clears += 1
                    state.playsUntil = now
                    for place in state.unplayedMarks.indices { state.unplayedMarks[place].at = now }
                default: break
                }
            }
        }
    }

    var now: State { shared.value.withLock { $0 } }
    /// How long the agent has spoken so far, in milliseconds.
    var heardMs: Int { shared.value.withLock { $0.audio.count / 8 } }

    // MARK: What the carrier sends

    func send(_ text: String) { connection.send(text: text) }
    func send(binary: [UInt8]) { connection.send(binary: ByteBuffer(bytes: binary)) }

    /// `connected` and `start`, and from then on the caller's audio.
    func start(callSID: String, token: String) {
        send(#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#)
        send(Self.startMessage(callSID: callSID, token: token, streamSID: streamSID))
        let task = connection.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(20)) {
            [weak self] _ in self?.tick()
        }
        shared.value.withLock { state in
            if state.isClosed { task.cancel() }
            state.ticker = task
            state.lastTick = .now
        }
    }

    static func startMessage(callSID: String, token: String, streamSID: String = "MZ0001") -> String {
        """
        {"event":"start","sequenceNumber":"1","start":{"accountSid":"AC1","streamSid":"\(streamSID)",\
        "callSid":"\(callSID)","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,\
        "channels":1},"customParameters":{"token":"\(token)"}},"streamSid":"\(streamSID)"}
        """
    }

    static func mediaMessage(_ bytes: [UInt8], timestampMs: Int, sequence: Int = 2) -> String {
        """
        {"event":"media","sequenceNumber":"\(sequence)","media":{"track":"inbound","chunk":"\(sequence - 1)",\
        "timestamp":"\(timestampMs)","payload":"\(Data(bytes).base64EncodedString())"},"streamSid":"MZ0001"}
        """
    }

    /// The caller speaks, when what it is saying already is said.
    func say(_ muLaw: [UInt8]) { shared.value.withLock { $0.toSay += muLaw } }

    /// The caller hangs up.
    func hangUp() {
        send(#"{"event":"stop","sequenceNumber":"9","stop":{"accountSid":"AC1","callSid":"CA1"},"streamSid":"MZ0001"}"#)
    }

    /// The connection breaks without a word: no `stop`.
    func cut() { connection.close(code: 1001) }

    private func tick() {
        let (messages, marks) = shared.value.withLock { state -> ([String], [String]) in
            let now = ContinuousClock.now
            state.mostLateness = max(state.mostLateness, now - state.lastTick - .milliseconds(20))
            state.lastTick = now
            let frame = Array(state.toSay.prefix(160))
            state.toSay.removeFirst(frame.count)
            let payload = frame + [UInt8](repeating: 0xFF, count: 160 - frame.count)
            state.sequence += 1
            let message = Self.mediaMessage(payload, timestampMs: state.sent * 20, sequence: state.sequence)
            state.sent += 1
            let played = state.unplayedMarks.prefix { $0.at <= now }.map(\.name)
            state.unplayedMarks.removeFirst(played.count)
            return ([message], played)
        }
        for message in messages { send(message) }
        for mark in marks { send(#"{"event":"mark","streamSid":"MZ0001","mark":{"name":"\#(mark)"}}"#) }
    }

    // MARK: Waiting

    /// Waits for the socket's end.
    ///
    /// - Returns: the close code; nil where there was none.
    func closed(within deadline: Duration = .seconds(15)) async throws -> Int? {
        try await eventually("the socket is still open", within: deadline) { self.now.isClosed }
        return now.closeCode
    }

    func heard(_ milliseconds: Int, within deadline: Duration = .seconds(15)) async throws {
        try await eventually("\(milliseconds) ms of speech, heard \(heardMs)", within: deadline) {
            self.heardMs >= milliseconds
        }
    }
}

/// A caller's voice, at telephone level: "I would like to speak" from TestAudio again and again, without a pause.
enum FakeVoice {
    static func speech(milliseconds: Int) -> [UInt8] { Array(twoSeconds.prefix(milliseconds * 8)) }

    /// Read once. The recording is 16-bit mono at 8 kHz behind a header of 44 bytes.
    private static let twoSeconds: [UInt8] = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../TestAudio/speech-clean.wav")
        guard let bytes = try? Data(contentsOf: path) else { preconditionFailure("TestAudio is not there") }
        let spoken = (Int(0.52 * 8_000)..<Int(1.78 * 8_000)).map { place in
            MuLaw.encode(Int16(bitPattern: UInt16(bytes[44 + 2 * place]) | UInt16(bytes[45 + 2 * place]) << 8))
        }
        return (0..<16_000).map { spoken[$0 % spoken.count] }
    }()
}

// MARK: - The REST interface

/// Stands in for Twilio's REST interface: keeps what was asked for, and answers with a call's SID.
final class FakeREST: Sendable {
    struct Seen: Sendable {
        var path: String
        var form: FormFields
    }

    private let requests = Mutex<[Seen]>([])
    private let refusal = Mutex<Int?>(nil)
    private let channel = Mutex<(any Channel)?>(nil)

    var seen: [Seen] { requests.withLock { $0 } }
    /// Calls that were to be made.
    var creates: [Seen] { seen.filter { $0.path.hasSuffix("/Calls.json") } }
    /// The SID of the nth call made.
    static func sid(_ number: Int) -> String { "CAout\(number)" }

    /// From now on every request is answered with this status.
    func refuse(with status: Int) { refusal.withLock { $0 = status } }

    func start() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { [self] child in
                child.eventLoop.makeCompletedFuture {
                    try child.pipeline.syncOperations.configureHTTPServerPipeline()
                    try child.pipeline.syncOperations.addHandler(Handler(self))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        self.channel.withLock { $0 = channel }
        return channel.localAddress?.port ?? 0
    }

    func stop() async { try? await channel.withLock { $0 }?.close() }

    private func answer(_ path: String, _ body: String) -> (status: Int, body: String) {
        let form = (try? FormFields(parsing: body)) ?? FormFields()
        requests.withLock { $0.append(Seen(path: path, form: form)) }
        if let status = refusal.withLock({ $0 }) {
            return (status, #"{"code":20003,"message":"refused","status":\#(status)}"#)
        }
        return (201, #"{"sid":"\#(Self.sid(creates.count))","status":"queued"}"#)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let rest: FakeREST
        private var path = ""
        private var body = ""

        init(_ rest: FakeREST) { self.rest = rest }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch Self.unwrapInboundIn(data) {
            case .head(let head): (path, body) = (head.uri, "")
            case .body(let bytes): body += String(buffer: bytes)
            case .end:
                let answer = rest.answer(path, body)
                let head = HTTPResponseHead(
                    version: .http1_1, status: .init(statusCode: answer.status),
                    headers: ["content-type": "application/json", "content-length": "\(answer.body.utf8.count)"])
                context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
                context.write(Self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
                context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
