import NIOCore
import Providers

/// A line's sockets and what is said on them. Only used on its event loop.
final class AuraSockets: VoiceSockets {
    private final class Utterance {
        let ticket: SpeechTicket
        let url: String
        var audio: SpeechAudioReader
        /// It was sent on a socket that stood already: if that proves dead, a fresh one is worth a try.
        var metWarmSocket = false
        var wasRetried = false

        init(_ ticket: SpeechTicket, url: String) {
            self.ticket = ticket
            self.url = url
            audio = SpeechAudioReader(isMuLaw: ticket.request.sampleRate == .narrowband)
        }
    }

    private final class Socket {
        enum State { case opening, idle, speaking, clearing }

        let number: Int
        let url: String
        var state = State.opening
        var connection: WebSocketConnection?
        /// Spoken now, or next as soon as the socket is open.
        var current: Utterance?
        var queue: [Utterance] = []
        var flushes: [NIODeadline] = []
        var lastUse = NIODeadline.now()
        var alarm: MovableAlarm?

        init(number: Int, url: String) {
            self.number = number
            self.url = url
        }

        var load: Int { queue.count + (current == nil ? 0 : 1) }

        /// Flushes within the vendor's window, those that are still to come included.
        func budgetUsed(at now: NIODeadline) -> Int {
            flushes.removeAll { now - $0 > AuraSockets.flushWindow }
            return flushes.count + queue.count + (current != nil && state == .opening ? 1 : 0)
        }
    }

    /// More texts in the window are taken by a further socket.
    static let mostFlushes = 20
    static let flushWindow = TimeAmount.seconds(60)
    private static let mostSockets = 8
    private static let mostQueued = 16
    /// How long the vendor may take to confirm that it forgot a text.
    private static let clearLimit = Duration.seconds(1)
    private static let sharedIdle = Duration.seconds(60)

    private let configuration: AuraVoice.Configuration
    private let isShared: Bool
    let loop: any EventLoop
    private var sockets: [Socket] = []
    private var lastSocket = 0
    private var isOver = false

    init(_ configuration: AuraVoice.Configuration, isShared: Bool, loop: any EventLoop) {
        self.configuration = configuration
        self.isShared = isShared
        self.loop = loop
    }

    var socketCount: Int { sockets.count }
    var openCount: Int { sockets.count { $0.connection != nil } }
    var requestCount: Int { sockets.reduce(0) { $0 + $1.load } }

    // MARK: What the line is asked

    func warmUp() {
        guard !isOver, sockets.isEmpty else { return }
        open(url(model: configuration.model, hz: 8_000))
    }

    func begin(_ ticket: SpeechTicket) {
        guard !isOver else { return ticket.continuation.finish(throwing: Self.callOver) }
        let request = ticket.request
        let model = request.voice.isEmpty ? configuration.model : request.voice
        place(Utterance(ticket, url: url(model: model, hz: request.sampleRate.hz)))
    }

    func cancel(_ number: Int) {
        for socket in sockets {
            socket.queue.removeAll { $0.ticket.number == number }
            guard socket.current?.ticket.number == number else { continue }
            socket.current = nil
            switch socket.state {
            case .opening, .idle: advance(socket)
            case .speaking, .clearing:
                // Audio bears no name: until the vendor confirms, whatever comes is of the forgotten text.
                socket.state = .clearing
                socket.connection?.send(text: #"{"type":"Clear"}"#)
                socket.alarm?.set(in: Self.clearLimit)
            }
        }
    }

    func end() {
        isOver = true
        let all = sockets
        sockets = []
        for socket in all {
            for utterance in [socket.current].compactMap({ $0 }) + socket.queue {
                utterance.ticket.continuation.finish(throwing: Self.callOver)
            }
            close(socket)
        }
    }

    // MARK: Sockets

    private func url(model: String, hz: Int) -> String {
        configuration.base.webSocket(
            path: "/v1/speak",
            query: [("model", model), ("encoding", hz == 8_000 ? "mulaw" : "linear16"), ("sample_rate", "\(hz)")])
    }

    private func place(_ utterance: Utterance) {
        let now = NIODeadline.now()
        let fitting = sockets.filter {
            $0.url == utterance.url && $0.budgetUsed(at: now) < Self.mostFlushes && $0.load < Self.mostQueued
                && $0.connection?.isOpen ?? true
        }
        let free = fitting.first { $0.load == 0 && ($0.state == .idle || $0.state == .opening) }
        // One call speaks one text after another; texts of nobody need not wait for each other.
        let socket =
            free
            ?? (isShared ? openForMore(utterance.url) ?? fitting.first : fitting.first ?? openForMore(utterance.url))
        guard let socket else {
            let detail = "more than \(Self.mostSockets) sockets or \(Self.mostQueued) texts at once"
            return fail(utterance, error(.rejected, detail, isRetryable: true))
        }
        socket.queue.append(utterance)
        if socket.current == nil { advance(socket) }
    }

    private func openForMore(_ url: String) -> Socket? {
        if sockets.count >= Self.mostSockets, let unused = sockets.first(where: { $0.load == 0 && $0.state == .idle }) {
            remove(unused)
            close(unused)
        }
        return sockets.count < Self.mostSockets ? open(url) : nil
    }

    @discardableResult
    private func open(_ url: String) -> Socket {
        lastSocket += 1
        let socket = Socket(number: lastSocket, url: url)
        socket.alarm = MovableAlarm(on: loop) { [weak self, weak socket] in
            if let socket { self?.ring(socket) }
        }
        sockets.append(socket)
        var endpoint = WebSocketEndpoint(
            url: url, provider: AuraVoice.providerName, headers: [("Authorization", "Token \(configuration.key)")])
        endpoint.connectDeadline = min(endpoint.connectDeadline, configuration.firstAudioDeadline)
        connect(endpoint, number: socket.number)
        return socket
    }

    func connected(_ connection: WebSocketConnection, _ number: Int) {
        guard let socket = sockets.first(where: { $0.number == number }) else { return connection.close() }
        socket.connection = connection
        socket.state = .idle
        if let utterance = socket.current { speak(utterance, on: socket) } else { advance(socket) }
    }

    /// The next text, if there is one and the socket is free.
    private func advance(_ socket: Socket) {
        guard socket.current == nil, socket.state == .idle || socket.state == .opening else { return }
        guard !socket.queue.isEmpty else { return rest(socket) }
        let utterance = socket.queue.removeFirst()
        socket.current = utterance
        utterance.metWarmSocket = socket.connection != nil
        socket.alarm?.set(in: configuration.firstAudioDeadline)
        if socket.state == .idle { speak(utterance, on: socket) }
    }

    private func speak(_ utterance: Utterance, on socket: Socket) {
        socket.state = .speaking
        let now = NIODeadline.now()
        socket.lastUse = now
        socket.flushes.append(now)
        var text = JSONText()
        text.object { json in
            json.member("type", "Speak")
            json.member("text", utterance.ticket.request.text + " ")
        }
        socket.connection?.send(text: text.text)
        socket.connection?.send(text: #"{"type":"Flush"}"#)
    }

    /// Nothing to say: a socket whose budget is spent goes where another is there, one of nobody's after a while.
    private func rest(_ socket: Socket) {
        socket.alarm?.stop()
        let now = NIODeadline.now()
        let isSpent = socket.budgetUsed(at: now) >= Self.mostFlushes
        if isSpent, sockets.contains(where: { $0 !== socket && $0.url == socket.url }) {
            remove(socket)
            close(socket)
        } else if isShared {
            socket.alarm?.set(in: Self.sharedIdle)
        }
    }

    private func close(_ socket: Socket) {
        socket.alarm?.stop()
        guard let connection = socket.connection else { return }
        connection.send(text: #"{"type":"Close"}"#)
        connection.close()
    }

    private func remove(_ socket: Socket) { sockets.removeAll { $0 === socket } }

    // MARK: What the vendor does

    func receive(_ event: WebSocketConnection.Event, from number: Int) {
        guard let socket = sockets.first(where: { $0.number == number }) else { return }
        switch event {
        case .binary(let buffer):
            guard socket.state == .speaking, let utterance = socket.current else { return }
            guard let payload = utterance.audio.take(Array(buffer.readableBytesView)) else { return }
            guard utterance.audio.sampleCount <= SpeechAudioReader.mostSamples else {
                return lost(number, error(.malformed, "endless audio"))
            }
            socket.alarm?.set(in: configuration.chunkDeadline)
            utterance.ticket.continuation.yield(.audio(payload))
        case .text(let buffer): receive(Array(buffer.readableBytesView), socket)
        case .closed(let code, let reason):
            let short = HTTPStatusError.shortened(reason, without: configuration.key)
            let detail = "the socket closed" + (code.map { " with \($0)" } ?? "") + (short.isEmpty ? "" : ": \(short)")
            // 1008 is too much text lately, 1003 and 1009 are texts it will never take.
            let isRefusal = code == 1_003 || code == 1_008 || code == 1_009
            lost(number, error(isRefusal ? .rejected : .unavailable, detail, isRetryable: !isRefusal || code == 1_008))
        }
    }

    private func receive(_ bytes: [UInt8], _ socket: Socket) {
        var type = ""
        var detail = ""
        var scanner = JSONScanner(bytes)
        do throws(JSONScanner.Broken) {
            try scanner.object { (json, name) throws(JSONScanner.Broken) in
                switch name {
                case "type": type = try json.string() ?? ""
                case "description", "err_msg", "message": detail = try json.string() ?? detail
                default: try json.skip()
                }
            }
            try scanner.expectEnd()
        } catch {
            return lost(socket.number, self.error(.malformed, "a message is no JSON", isRetryable: true))
        }
        switch type {
        case "Flushed" where socket.state == .speaking:
            socket.state = .idle
            let utterance = socket.current
            socket.current = nil
            utterance?.ticket.continuation.finish()
            advance(socket)
        case "Cleared" where socket.state == .clearing:
            socket.state = .idle
            advance(socket)
        case "Error":
            let short = HTTPStatusError.shortened(detail, without: configuration.key)
            lost(socket.number, error(.rejected, short.isEmpty ? "an error without a word" : short, isRetryable: true))
        default: break
        }
    }

    /// The socket is gone, or worth nothing any more: what waits is said on another.
    func lost(_ number: Int, _ error: ProviderError) {
        guard let socket = sockets.first(where: { $0.number == number }) else { return }
        remove(socket)
        socket.alarm?.stop()
        socket.connection?.close()
        if let utterance = socket.current {
            let isFresh = utterance.audio.sampleCount == 0 && utterance.metWarmSocket && !utterance.wasRetried
            if isFresh, error.isRetryable, error.kind != .malformed, error.kind != .timedOut {
                utterance.wasRetried = true
                place(utterance)
            } else {
                fail(utterance, error)
            }
        }
        // One that never opened will not open for those behind either.
        for utterance in socket.queue {
            if socket.connection == nil { fail(utterance, error) } else { place(utterance) }
        }
    }

    // MARK: Ends

    private func ring(_ socket: Socket) {
        if let utterance = socket.current {
            let hasBegun = utterance.audio.sampleCount > 0
            let limit = hasBegun ? configuration.chunkDeadline : configuration.firstAudioDeadline
            let detail = (hasBegun ? "no more audio" : "no audio") + " within \(limit)"
            return lost(socket.number, error(.timedOut, detail, isRetryable: true))
        }
        switch socket.state {
        case .clearing: lost(socket.number, error(.timedOut, "a text was not forgotten", isRetryable: true))
        case .idle where isShared && socket.queue.isEmpty:
            remove(socket)
            close(socket)
        case .opening, .idle, .speaking: break
        }
    }

    private func fail(_ utterance: Utterance, _ error: ProviderError) {
        utterance.ticket.continuation.finish(throwing: error)
    }

    private static let callOver = ProviderError(
        provider: AuraVoice.providerName, kind: .cancelled, detail: "the call is over")

    private func error(_ kind: ProviderError.Kind, _ detail: String, isRetryable: Bool = false) -> ProviderError {
        ProviderError(provider: AuraVoice.providerName, kind: kind, detail: detail, isRetryable: isRetryable)
    }
}
