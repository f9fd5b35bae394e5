import NIOCore
import Providers

/// The sockets' state and what is said on them. Only used on its event loop.
final class ElevenLabsSockets: VoiceSockets {
    private final class Utterance {
        let ticket: SpeechTicket
        let url: String
        var audio: SpeechAudioReader
        var words: AlignedWords
        var alarm: MovableAlarm?
        /// It was sent on a socket that stood already: if that proves dead, a fresh one is worth a try.
        var metWarmSocket = false
        var wasRetried = false
        var socket: Int?
        let due: NIODeadline

        init(_ ticket: SpeechTicket, url: String, due: NIODeadline) {
            self.ticket = ticket
            self.url = url
            self.due = due
            audio = SpeechAudioReader(isMuLaw: ticket.request.sampleRate == .narrowband)
            words = AlignedWords(text: ticket.request.text, rate: ticket.request.sampleRate)
        }
    }

    /// A context that is not acknowledged; nil: nobody listens any more.
    private typealias Context = Utterance?

    private final class Socket {
        let number: Int
        let url: String
        var connection: WebSocketConnection?
        var contexts: [String: Context] = [:]
        var waiting: [Utterance] = []
        /// Takes no more requests, and is closed when nobody listens to it.
        var isRetiring = false
        var lastUse = NIODeadline.now()
        let opened = NIODeadline.now()

        init(number: Int, url: String) {
            self.number = number
            self.url = url
        }

        var load: Int { contexts.count + waiting.count }
        var listeners: [Utterance] {
            (contexts.values.compactMap { $0 } + waiting).sorted { $0.ticket.number < $1.ticket.number }
        }
    }

    /// The vendor closes a socket with more than five; one is kept in reserve for acknowledgements that cross.
    private static let mostContexts = 4
    private static let mostSockets = 8
    /// How long the end mark is waited for when the last character's audio has come.
    private static let finalGrace = Duration.milliseconds(400)
    /// How long the shared line keeps a socket that nobody uses.
    private static let sharedIdle = TimeAmount.seconds(60)

    private let configuration: ElevenLabsVoice.Configuration
    private let isShared: Bool
    let loop: any EventLoop
    private var sockets: [Socket] = []
    private var utterances: [Int: Utterance] = [:]
    private var lastSocket = 0
    private var lastContext = 0
    private var isOver = false
    private lazy var ticker = MovableAlarm(on: loop) { [weak self] in self?.tick() }

    init(_ configuration: ElevenLabsVoice.Configuration, isShared: Bool, loop: any EventLoop) {
        self.configuration = configuration
        self.isShared = isShared
        self.loop = loop
    }

    var socketCount: Int { sockets.count }
    var openCount: Int { sockets.count { $0.connection != nil } }
    var requestCount: Int { utterances.count }

    // MARK: What the line is asked

    func warmUp() {
        guard !isOver, sockets.isEmpty else { return }
        open(url(voice: configuration.voice, format: "ulaw_8000"))
    }

    func begin(_ ticket: SpeechTicket) {
        guard !isOver else { return ticket.continuation.finish(throwing: Self.callOver) }
        let format = ElevenLabsVoice.format(ticket.request.sampleRate) ?? ""
        let utterance = Utterance(
            ticket, url: url(voice: configuration.voice(of: ticket.request), format: format),
            due: .now() + TimeAmount(configuration.firstAudioDeadline))
        utterances[ticket.number] = utterance
        utterance.alarm = MovableAlarm(on: loop) { [weak self, weak utterance] in
            if let utterance { self?.ring(utterance) }
        }
        utterance.alarm?.set(at: utterance.due)
        place(utterance)
    }

    func cancel(_ number: Int) {
        guard let utterance = utterances[number] else { return }
        leave(utterance)
        guard let socket = sockets.first(where: { $0.number == utterance.socket }) else { return }
        closeIfUseless(socket)
    }

    func end() {
        isOver = true
        ticker.stop()
        for utterance in Array(utterances.values) { fail(utterance, Self.callOver) }
        for socket in sockets { close(socket) }
        sockets = []
    }

    // MARK: Sockets

    private func url(voice: String, format: String) -> String {
        configuration.base.webSocket(
            path: "/v1/text-to-speech/\(voice)/multi-stream-input",
            query: [
                ("model_id", configuration.model), ("output_format", format), ("auto_mode", "true"),
                ("inactivity_timeout", "180"), ("sync_alignment", "true"),
            ])
    }

    private func place(_ utterance: Utterance) {
        let fits = sockets.first {
            $0.url == utterance.url && !$0.isRetiring && $0.load < Self.mostContexts && $0.connection?.isOpen ?? true
        }
        guard let socket = fits ?? openForMore(utterance.url) else {
            let detail = "more than \(Self.mostSockets * Self.mostContexts) texts at once"
            return fail(utterance, error(.rejected, detail, isRetryable: true))
        }
        utterance.socket = socket.number
        utterance.metWarmSocket = socket.connection != nil
        if socket.connection != nil { send(utterance, on: socket) } else { socket.waiting.append(utterance) }
    }

    /// A further socket, within the limit. Those on which all is said and nothing acknowledged make room from the third on.
    private func openForMore(_ url: String) -> Socket? {
        if sockets.count >= 2 {
            for socket in sockets
            where socket.listeners.isEmpty && (socket.load >= Self.mostContexts || socket.url != url) {
                remove(socket)
                close(socket)
            }
        }
        return sockets.count < Self.mostSockets ? open(url) : nil
    }

    @discardableResult
    private func open(_ url: String) -> Socket {
        lastSocket += 1
        let socket = Socket(number: lastSocket, url: url)
        sockets.append(socket)
        var endpoint = WebSocketEndpoint(
            url: url, provider: ElevenLabsVoice.providerName, headers: [("xi-api-key", configuration.key)])
        endpoint.connectDeadline = min(endpoint.connectDeadline, configuration.firstAudioDeadline)
        connect(endpoint, number: socket.number)
        if ticker.isIdle { ticker.set(in: tickInterval) }
        return socket
    }

    func connected(_ connection: WebSocketConnection, _ number: Int) {
        guard let socket = sockets.first(where: { $0.number == number }) else { return connection.close() }
        socket.connection = connection
        let waiting = socket.waiting
        socket.waiting = []
        for utterance in waiting { send(utterance, on: socket) }
    }

    private func send(_ utterance: Utterance, on socket: Socket) {
        guard let connection = socket.connection else { return }
        lastContext += 1
        let id = "u\(lastContext)"
        socket.contexts[id] = utterance
        socket.lastUse = .now()
        var opening = JSONText()
        opening.object { json in
            json.member("text", " ")
            json.member("context_id", id)
            json.name("voice_settings")
            configuration.writeSettings(&json)
        }
        var text = JSONText()
        text.object { json in
            json.member("text", utterance.ticket.request.text + " ")
            json.member("context_id", id)
            // On the text itself: a flush of its own would race with it.
            json.member("flush", true)
        }
        connection.send(text: opening.text)
        connection.send(text: text.text)
        connection.send(text: #"{"context_id":"\#(id)","close_context":true}"#)
    }

    private func close(_ socket: Socket) {
        guard let connection = socket.connection else { return }
        connection.send(text: #"{"close_socket":true}"#)
        connection.close()
    }

    private func remove(_ socket: Socket) { sockets.removeAll { $0 === socket } }

    /// Closes a socket that nobody listens to, where it is retiring or another one does its work.
    private func closeIfUseless(_ socket: Socket) {
        guard socket.listeners.isEmpty else { return }
        let isSpare =
            socket.load == 0
            && sockets.contains {
                $0 !== socket && $0.url == socket.url && $0.connection != nil && !$0.isRetiring
                    && $0.load < Self.mostContexts
            }
        guard socket.isRetiring || isSpare else { return }
        remove(socket)
        close(socket)
    }

    // MARK: What the vendor does

    func receive(_ event: WebSocketConnection.Event, from number: Int) {
        switch event {
        case .text(let buffer): receive(Array(buffer.readableBytesView), from: number)
        case .binary(let buffer): receive(Array(buffer.readableBytesView), from: number)
        case .closed(let code, let reason):
            let short = HTTPStatusError.shortened(reason, without: configuration.key)
            let detail = "the socket closed" + (code.map { " with \($0)" } ?? "") + (short.isEmpty ? "" : ": \(short)")
            lost(number, error(code == 1_008 ? .rejected : .unavailable, detail, isRetryable: true))
        }
    }

    private func receive(_ bytes: [UInt8], from number: Int) {
        guard let socket = sockets.first(where: { $0.number == number }) else { return }
        let message: ElevenLabsMessage
        do throws(JSONScanner.Broken) { message = try ElevenLabsMessage(bytes) } catch {
            return lost(
                number, self.error(.malformed, "a message is no JSON, or its audio no base64", isRetryable: true))
        }
        if let code = message.error { return lost(number, refusal(code, message.explanation)) }
        // A server that names no context can only mean the one there is.
        let only = socket.contexts.count == 1 ? socket.contexts.keys.first : nil
        guard let id = message.contextID ?? only, let context = socket.contexts[id] else { return }
        if let utterance = context { hear(message, utterance) }
        guard message.isFinal else { return }
        socket.contexts[id] = nil
        if let utterance = context, utterances[utterance.ticket.number] != nil { finish(utterance) }
        closeIfUseless(socket)
    }

    private func hear(_ message: ElevenLabsMessage, _ utterance: Utterance) {
        let start = utterance.audio.sampleCount
        let payload = utterance.audio.take(message.audio)
        guard utterance.audio.sampleCount <= SpeechAudioReader.mostSamples else {
            return fail(utterance, error(.malformed, "endless audio"))
        }
        if let times = message.times {
            let words = utterance.words.add(times, audio: start..<utterance.audio.sampleCount)
            if !words.isEmpty { utterance.ticket.continuation.yield(.words(words)) }
        }
        guard let payload else { return }
        utterance.ticket.continuation.yield(.audio(payload))
        utterance.alarm?.set(in: utterance.words.isComplete ? Self.finalGrace : configuration.chunkDeadline)
    }

    /// The socket is gone, or worth nothing any more.
    func lost(_ number: Int, _ error: ProviderError) {
        guard let socket = sockets.first(where: { $0.number == number }) else { return }
        remove(socket)
        socket.connection?.close()
        let listeners = socket.listeners
        for utterance in listeners {
            let isFresh = utterance.audio.sampleCount == 0 && utterance.metWarmSocket && !utterance.wasRetried
            if isFresh, error.isRetryable, error.kind != .malformed {
                utterance.wasRetried = true
                place(utterance)
            } else {
                fail(utterance, error)
            }
        }
        // A call's next sentence must not pay for opening; one that closes at once again is left alone.
        let livedWell = socket.connection != nil && NIODeadline.now() - socket.opened > .seconds(1)
        if !isShared, !isOver, listeners.isEmpty, livedWell, sockets.isEmpty { open(socket.url) }
    }

    private func refusal(_ code: String, _ message: String) -> ProviderError {
        let isFinal = [
            "invalid_api_key", "needs_authorization", "voice_not_found", "quota_exceeded", "unsupported_output_format",
            "policy_violation",
        ].contains(code)
        let texts = [code, message].map { HTTPStatusError.shortened($0, without: configuration.key) }
        return error(.rejected, texts.filter { !$0.isEmpty }.joined(separator: ": "), isRetryable: !isFinal)
    }

    // MARK: Ends

    private func ring(_ utterance: Utterance) {
        let socket = sockets.first { $0.number == utterance.socket }
        if utterance.audio.sampleCount > 0, utterance.words.isComplete {
            // All of the text has sounded; the mark that says so is lost.
            finish(utterance)
        } else {
            let hasBegun = utterance.audio.sampleCount > 0
            let limit = hasBegun ? configuration.chunkDeadline : configuration.firstAudioDeadline
            fail(
                utterance,
                error(.timedOut, (hasBegun ? "no more audio" : "no audio") + " within \(limit)", isRetryable: true))
            socket?.isRetiring = true
        }
        if let socket { closeIfUseless(socket) }
    }

    private func finish(_ utterance: Utterance) {
        let words = utterance.words.finish()
        if !words.isEmpty { utterance.ticket.continuation.yield(.words(words)) }
        leave(utterance)
        utterance.ticket.continuation.finish()
    }

    private func fail(_ utterance: Utterance, _ error: ProviderError) {
        leave(utterance)
        utterance.ticket.continuation.finish(throwing: error)
    }

    /// Its context stays until it is acknowledged, and what comes for it is dropped.
    private func leave(_ utterance: Utterance) {
        utterances[utterance.ticket.number] = nil
        utterance.alarm?.stop()
        guard let socket = sockets.first(where: { $0.number == utterance.socket }) else { return }
        socket.waiting.removeAll { $0 === utterance }
        for (id, context) in socket.contexts where context === utterance {
            socket.contexts.updateValue(nil, forKey: id)
        }
    }

    private static let callOver = ProviderError(
        provider: ElevenLabsVoice.providerName, kind: .cancelled, detail: "the call is over")

    private func error(_ kind: ProviderError.Kind, _ detail: String, isRetryable: Bool = false) -> ProviderError {
        ProviderError(provider: ElevenLabsVoice.providerName, kind: kind, detail: detail, isRetryable: isRetryable)
    }

    // MARK: Keeping warm

    private var tickInterval: Duration { min(configuration.keepAliveInterval / 2, .seconds(5)) }

    private func tick() {
        guard !isOver, !sockets.isEmpty else { return }
        let now = NIODeadline.now()
        for socket in sockets where socket.load == 0 {
            guard let connection = socket.connection else { continue }
            if isShared, now - socket.lastUse > Self.sharedIdle {
                remove(socket)
                close(socket)
            } else if !isShared, now - socket.lastUse >= TimeAmount(configuration.keepAliveInterval) {
                socket.lastUse = now
                // No context is open that could be named: an empty text is for the socket itself.
                connection.send(text: #"{"text":""}"#)
            }
        }
        if !sockets.isEmpty { ticker.set(in: tickInterval) }
    }
}
