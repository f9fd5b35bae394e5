import CallTime
import Foundation
import NIOCore
import ProviderClients
import Telephony

/// A call as the caller's side has recorded it. Places are samples of one clock, 8,000 a second from the stream's start.
public struct CallRecord: Sendable {
    public enum End: Sendable, Equatable {
        case callerHungUp
        /// Before the caller was done. The close code, where there was one.
        case serverClosed(code: Int?)
        case failed(String)
    }

    public var callSID: String
    public var end: End
    public var turns: [CallerTurn] = []
    /// The caller was asked something and the call was over before there was an answer.
    public var turnsCutShort = 0
    public var caller = VoicedSpans()
    public var agent = VoicedSpans()
    /// How late each 20 ms frame left.
    public var lateness: [Duration] = []
}

/// The caller's side of telephone calls over a carrier's media streams.
public struct PhoneLine: Sendable {
    public var webhook: VoiceWebhook
    /// Whether streams are dialled where the webhook is, whatever host their URL names.
    public var dialsOwnHost: Bool
    /// Where the calls' audio is sent and heard.
    public var eventLoop: any EventLoop

    public init(webhook: VoiceWebhook, dialsOwnHost: Bool, eventLoop: any EventLoop) {
        self.webhook = webhook
        self.dialsOwnHost = dialsOwnHost
        self.eventLoop = eventLoop
    }

    /// Places one call and plays the caller to its end.
    ///
    /// - Parameter callSID: `CA` and 32 digits.
    public func call(_ script: CallerScript, callSID: String) async -> CallRecord {
        do {
            let stream = try await webhook.answer(callSID: callSID, dialsOwnHost: dialsOwnHost)
            var endpoint = WebSocketEndpoint(url: stream.address, provider: "server")
            endpoint.connectDeadline = .seconds(5)
            endpoint.pingInterval = nil
            if let token = webhook.authToken {
                endpoint.headers = [(TwilioSignature.headerName, TwilioSignature.sign(url: stream.url, token: token))]
            }
            let text = StreamText(
                streamSID: "MZ" + callSID.dropFirst(2), callSID: callSID, accountSID: VoiceWebhook.accountSID)
            let loop = eventLoop
            let (call, record) = try await loop.submit {
                let call = StreamCall(script, text, stream.parameters, on: loop)
                return (NIOLoopBound(call, eventLoop: loop), call.record.futureResult)
            }.get()
            do {
                let connection = try await WebSocketConnection.connect(endpoint, on: loop) { call.value.heard($0) }
                loop.execute { call.value.begin(connection) }
            } catch {
                loop.execute { call.value.finish(.failed("\(error)")) }
            }
            return try await record.get()
        } catch {
            return CallRecord(callSID: callSID, end: .failed("\(error)"))
        }
    }
}

/// One stream, from `connected` to `stop`. Everything happens on its event loop.
private final class StreamCall {
    let record: EventLoopPromise<CallRecord>

    private let loop: any EventLoop
    private let parameters: [StreamTwiML.Parameter]
    private var text: StreamText
    private var script: CallerScript
    private var playback = CarrierPlayback()
    private var caller = VoicedSpans()
    private var lateness: [Duration] = []
    private var connection: WebSocketConnection?
    private var epoch = NIODeadline.now()
    private var frames = 0
    private var alarm: (due: Int, task: Scheduled<Void>)?
    private var isOver = false

    private static let frame = CallerScript.frame
    private static let frameLength = TimeAmount.milliseconds(20)

    init(_ script: CallerScript, _ text: StreamText, _ parameters: [StreamTwiML.Parameter], on loop: any EventLoop) {
        self.script = script
        self.text = text
        self.parameters = parameters
        self.loop = loop
        record = loop.makePromise()
    }

    func begin(_ connection: WebSocketConnection) {
        guard !isOver else { return connection.close() }
        self.connection = connection
        connection.send(text: StreamText.connected)
        connection.send(text: text.start(parameters))
        epoch = .now()
        scheduleFrame()
    }

    // MARK: The caller speaks

    /// On an absolute schedule: a frame that left late does not make the next one late.
    private func scheduleFrame() {
        let own = NIOLoopBound(self, eventLoop: loop)
        let due = epoch + Self.frameLength * (frames + 1)
        loop.scheduleTask(deadline: due) { own.value.sendFrame(due) }
    }

    /// The frame was spoken in the 20 ms that are over now.
    private func sendFrame(_ due: NIODeadline) {
        guard !isOver, let connection else { return }
        lateness.append(.nanoseconds((NIODeadline.now() - due).nanoseconds))
        playback.advance(to: now)
        let begin = frames * Self.frame
        guard let spoken = script.nextFrame(at: begin, agent: playback.voiced) else { return finish(.callerHungUp) }
        let audio = spoken + [UInt8](repeating: 0xFF, count: Self.frame - spoken.count)
        caller.append(audio, at: begin)
        connection.send(text: text.media(Array(audio), timestampMs: frames * 20))
        frames += 1
        returnMarks()
        scheduleFrame()
    }

    // MARK: The server is heard

    /// The sample that sounds now.
    private var now: Int { max(0, Int((NIODeadline.now() - epoch).nanoseconds * 8 / 1_000_000)) }

    func heard(_ event: WebSocketConnection.Event) {
        guard !isOver else { return }
        switch event {
        case .text(let buffer): obey(StreamCommand([UInt8](buffer: buffer)))
        // The carrier ignores them.
        case .binary: break
        case .closed(let code, _): finish(.serverClosed(code: code))
        }
    }

    private func obey(_ command: StreamCommand?) {
        switch command {
        case .media(let audio):
            guard playback.play(audio, at: now) else { return finish(.failed("more than ten minutes of audio ahead")) }
        case .mark(let name): playback.mark(name, at: now)
        case .clear: playback.clear(at: now)
        case .other: break
        case nil: return finish(.failed("a message that the carrier would not understand"))
        }
        returnMarks()
    }

    /// Sends the marks back that are due, and wakes up for the next.
    private func returnMarks() {
        for name in playback.takeMarks(at: now) { connection?.send(text: text.mark(name)) }
        guard playback.nextMark != alarm?.due else { return }
        alarm?.task.cancel()
        alarm = nil
        guard let due = playback.nextMark else { return }
        let own = NIOLoopBound(self, eventLoop: loop)
        // Rounded up, so that the mark is due when the alarm rings.
        let instant = epoch + .microseconds(Int64(due) * 125 + 1)
        let task = loop.scheduleTask(deadline: instant) {
            own.value.alarm = nil
            if !own.value.isOver { own.value.returnMarks() }
        }
        alarm = (due, task)
    }

    func finish(_ end: CallRecord.End) {
        guard !isOver else { return }
        isOver = true
        alarm?.task.cancel()
        if end == .callerHungUp { connection?.send(text: text.stop()) }
        connection?.close()
        playback.finish(at: now)
        caller.finish()
        if end != .callerHungUp { script.lineDied(agent: playback.voiced) }
        record.succeed(
            CallRecord(
                callSID: text.callSID, end: end, turns: script.turns,
                turnsCutShort: script.turnsBegun - script.turns.count, caller: caller, agent: playback.voiced,
                lateness: lateness))
    }
}
