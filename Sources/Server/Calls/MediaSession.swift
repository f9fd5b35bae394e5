import CallRuntime
import CallTime
import Conversation
import Foundation
import NIOCore
import Telephony

/// One media stream of the carrier's: its messages to the call, the call's audio to it.
///
/// A frame's way: `received` → scanned without a JSON tree → `LiveCall.receive` → decoded, listened to, decided on; what
/// the agent says comes back through `send` in the same turn of the event loop.
// SAFETY: everything happens on the socket's event loop: the listener calls from there, the call lives there.
final class MediaSession: MediaSocketHandler, @unchecked Sendable {
    private let desk: CallDesk
    private var socket: MediaSocket?
    private var call: PhoneCall?
    private var live: LiveCall?
    private var streamSID = ""
    private var payload: [UInt8] = []
    private var message: [UInt8] = []
    private var startTimer: Scheduled<Void>?
    private var ticks = 0
    private var lastMedia = NIODeadline.now()
    private var openedAt = NIODeadline.now()
    private var end: CallEnd?
    private var carrierStopped = false
    private var isOver = false
    private var badMessages = 0
    private var measured = 0
    private var greetingLimit: NIODeadline?

    /// From the socket's opening to `start`.
    private static let startDeadline = TimeAmount.seconds(5)
    /// Frames come each 20 ms, give or take.
    private static let frame = TimeAmount.milliseconds(25)
    /// A carrier that sends nothing for so long has lost the call.
    private static let mediaDeadline = TimeAmount.seconds(12)
    /// Messages that make no sense, before the sender is not the carrier.
    private static let mostBadMessages = 20

    init(desk: CallDesk) { self.desk = desk }

    // MARK: The socket

    func opened(_ socket: MediaSocket) {
        self.socket = socket
        startTimer = socket.eventLoop.scheduleTask(in: Self.startDeadline) { [weak self] in
            self?.refuse(1008, "no start in time", .noStart)
        }
    }

    func received(text: ByteBuffer) {
        guard !isOver else { return }
        do {
            // SAFETY: the bytes are read while the buffer lends them, and what is kept is copied.
            let read = try text.withUnsafeReadableBytes { bytes in
                try TwilioMessage.read(bytes.bindMemory(to: UInt8.self).span, payload: &payload)
            }
            handle(read)
        } catch {
            badMessages += 1
            // Before the start it is a stranger, and after many of them too.
            if call == nil || badMessages >= Self.mostBadMessages {
                refuse(1007, "not a media stream", .badMessage)
            } else {
                desk.metrics.refused.add(.badMessage)
            }
        }
    }

    func closed(code: Int?) { finish() }

    private func handle(_ message: TwilioMessage) {
        switch message {
        case .media(let media): if media.isInbound { receive(media) }
        case .start(let start): begin(start)
        case .mark(let name): live?.assumeIsolated { $0.markReturned(name) }
        case .dtmf(let digit): live?.assumeIsolated { $0.tell(.keyPressed(digit)) }
        case .stop:
            carrierStopped = true
            finish()
            socket?.close(code: 1000, reason: "stopped")
        case .connected: break
        case .unknown: desk.metrics.mediaUnknown.add()
        }
    }

    private func refuse(_ code: Int, _ reason: String, _ cause: Metrics.Refusal) {
        guard !isOver else { return }
        desk.metrics.refused.add(cause)
        desk.logger.notice("media socket refused", metadata: ["reason": "\(reason)"])
        finish()
        socket?.close(code: code, reason: reason)
    }

    // MARK: Begin

    private func begin(_ start: TwilioStart) {
        startTimer?.cancel()
        guard call == nil else { return refuse(1008, "a second start", .badMessage) }
        guard let token = start.parameter("token"), let call = desk.directory.call(carrierID: start.callSID),
            call.redeem(token), !call.isOver
        else { return refuse(1008, "unknown token", .token) }
        guard start.encoding == "audio/x-mulaw", start.sampleRateHz == 8_000, start.channels == 1 else {
            return refuse(1003, "audio/x-mulaw, 8000 Hz, one channel", .badMessage)
        }
        self.call = call
        streamSID = start.streamSID
        do {
            try openCall(call)
        } catch {
            desk.logger.error("a call cannot be opened", metadata: ["call": "\(call.id)", "error": "\(error)"])
            desk.finish(call, outcome: .failed, reason: "\(error)")
            refuse(1011, "internal error", .failure)
        }
    }

    private func openCall(_ call: PhoneCall) throws {
        guard let socket else { return }
        let settings = call.agent.settings(for: call, now: .thisMoment)
        var providers = call.agent.providers
        providers.tools = providers.tools.map { ObservedTool(tool: $0, call: call) }
        let live = try LiveCall(settings: settings, providers: providers, executor: socket.eventLoop.executor)
        self.live = live
        call.state.withLock { state in
            state.live = live
            state.isStreaming = true
            state.streams += 1
            state.phase = .inProgress
        }
        var line = CarrierLine { [weak self] in self?.send($0) }
        line.lead = desk.settings.lead
        live.assumeIsolated { live in
            live.connect(to: line) { [weak self] in self?.agentEnded($0) }
            live.open()
        }
        if holdsGreeting(call) {
            greetingLimit = .now() + .nanoseconds(call.agent.file.outbound.holdGreeting.nanoseconds)
        }
        openedAt = .now()
        lastMedia = .now()
        desk.tickers.ticker(of: socket.eventLoop).add(self)
        desk.log(call, "stream began")
    }

    // MARK: Media

    private func receive(_ media: TwilioMedia) {
        guard let live else { return refuse(1008, "media before start", .badMessage) }
        lastMedia = .now()
        desk.metrics.mediaMessages.add()
        let (payload, time) = (payload, SampleTime(media.timestampMs * 8))
        live.assumeIsolated { $0.receive(payload, at: time) }
        // The caller's line carries sound both ways now.
        if greetingLimit == nil { live.assumeIsolated { $0.greet() } }
    }

    func tick(_ now: NIODeadline) {
        guard let live, !isOver else { return }
        ticks += 1
        if now - lastMedia > Self.frame { live.assumeIsolated { $0.tick() } }
        if let limit = greetingLimit { greetIfKnown(live, limit, now) }
        if now - lastMedia > Self.mediaDeadline {
            desk.log(call!, "no media from the carrier")
            carrierStopped = true
            finish()
            socket?.close(code: 1001, reason: "no media")
        }
        if ticks % 50 == 0 { keepBooks(live) }
    }

    private func send(_ command: CarrierLine.Command) {
        guard let socket, !isOver else { return }
        message.removeAll(keepingCapacity: true)
        switch command {
        case .media(let bytes): TwilioOutbound.media(streamSID: streamSID, payload: bytes.span, to: &message)
        case .mark(let name): TwilioOutbound.mark(streamSID: streamSID, name: name, to: &message)
        case .clear: TwilioOutbound.clear(streamSID: streamSID, to: &message)
        }
        socket.send(text: message)
    }

    // MARK: Who answered

    private func holdsGreeting(_ call: PhoneCall) -> Bool {
        call.direction == .outbound && call.detectsMachine
            && call.state.withLock { $0.answeredBy == nil && $0.streams == 1 }
    }

    /// Greets a person at once, leaves a machine to its greeting, and does not wait for ever for the verdict.
    ///
    /// Somebody who talks on and on is a machine: the wait goes on until the carrier has heard its end. The 2.4 s are
    /// Twilio's own threshold for telling the two apart.
    private func greetIfKnown(_ live: LiveCall, _ limit: NIODeadline, _ now: NIODeadline) {
        guard let call else { return }
        switch call.state.withLock({ $0.answeredBy }) {
        case "human", "unknown":
            greetingLimit = nil
            live.assumeIsolated { $0.greet() }
        case .some:
            // A machine is not greeted: it is left its message, when its own greeting is over.
            greetingLimit = .distantFuture
        case nil:
            guard now >= limit else { return }
            let soundsLikeMachine = live.assumeIsolated { live in
                live.isCallerSpeaking || live.callerTalk >= .milliseconds(2_400)
            }
            guard !soundsLikeMachine || now >= openedAt + .seconds(35) else { return }
            greetingLimit = nil
            live.assumeIsolated { $0.greet() }
        }
    }

    // MARK: End

    /// The agent has said its last word, and the caller has heard it.
    private func agentEnded(_ reason: CallEnd) {
        end = reason
        finish()
        socket?.close(code: 1000, reason: "done")
    }

    /// Journals and figures of the last second.
    private func keepBooks(_ live: LiveCall) {
        guard let call else { return }
        let (journal, ledgers) = live.assumeIsolated { ($0.takeJournal(), $0.ledgers) }
        desk.metrics.observe(journal)
        for ledger in ledgers[min(measured, ledgers.count)...] { desk.metrics.observe(ledger) }
        measured = ledgers.count
        desk.journals.append(journal, of: call.id)
    }

    private func finish() {
        guard !isOver else { return }
        isOver = true
        startTimer?.cancel()
        if let socket { desk.tickers.ticker(of: socket.eventLoop).remove(self) }
        guard let call, let live else { return }
        keepBooks(live)
        let (history, media, underrun) = live.assumeIsolated { ($0.history, $0.media, $0.underrun) }
        desk.metrics.observe(media: media, underrun: underrun)
        self.live = nil
        // The carrier may ask what is next before this event loop turns again.
        let isOver = desk.streamEnded(call, end, carrierStopped: carrierStopped, history: history)
        let desk = desk
        Task {
            await live.end()
            await desk.settle(
                call, entries: live.transcript.entries, ledgers: live.ledgers, journal: live.takeJournal(),
                isOver: isOver)
        }
    }
}
