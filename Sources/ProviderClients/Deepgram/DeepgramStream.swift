import CallTime
import Foundation
import NIOCore
import Providers

/// A session's state and rules. Everything runs on `loop`.
///
/// Each entry goes through `perform`, which afterwards sends what can be sent, acts on what is due and delivers events,
/// in that order; so an event's receiver may call the session again from within.
final class DeepgramStream {
    enum Phase {
        /// No audio has come yet.
        case idle
        case connecting
        /// Flux is ready only when it has said so.
        case open(isReady: Bool)
        case waiting(until: NIODeadline)
        case givenUp(ProviderError)
        case closed
    }

    /// One `finalize` without an answer.
    struct Question {
        var utterance: Int
        var revision: Int
        var lastSpeech: Int
        /// All audio before it had been pushed when it was asked.
        var place: Int
        var askedAt: NIODeadline
        /// When `Finalize` was sent over the present connection, and as which of them.
        var sent: (at: NIODeadline, ordinal: Int)?
    }

    let configuration: DeepgramRecogniser.Configuration
    let rate: SampleRate
    let loop: any EventLoop
    private let language: String
    private let counters: DeepgramCounters
    private let onEvent: @Sendable (TranscriptEvent) -> Void
    private let decoder = JSONDecoder()

    // The audio.
    var audio: DeepgramAudio?
    /// The next sample to send.
    var sentEnd = 0
    /// The end of what any connection was sent.
    private var everSent = 0
    private var lastPush = NIODeadline.uptimeNanoseconds(0)

    // The connection.
    var phase = Phase.idle
    var connection: WebSocketConnection?
    /// Counts connections; what comes from an older one is not listened to.
    private(set) var generation = 0
    /// The place of the connection's first sample.
    private var offset = 0
    private var openedAt = NIODeadline.uptimeNanoseconds(0)
    private var brokenSince: NIODeadline?
    private var failures = 0
    private var lastSent = NIODeadline.uptimeNanoseconds(0)
    private var hasSentAudio = false
    private var greeted = false
    private var lastHeard = NIODeadline.uptimeNanoseconds(0)
    private var malformed: [NIODeadline] = []
    /// While a backlog is sent: from when, and how much of it so far.
    private var catchingUp: (since: NIODeadline, samples: Int, burst: Int)?
    private var finalizesSent = 0
    private var finalizesAnswered = 0
    private var lastFinalized: Range<Int>?
    /// `Finalize` messages that must still be answered: when they were sent, for audio up to where.
    private var unanswered: [(at: NIODeadline, place: Int)] = []

    // What was understood.
    var utterances: DeepgramUtterances
    var questions: [Question] = []
    private var words = DeepgramWords()
    private var turns = DeepgramTurns()

    // What is to be told.
    private var outbox: [TranscriptEvent] = []
    private var waiters: [(until: NIODeadline, CheckedContinuation<Void, Never>)] = []
    private var isSettling = false
    private var timer: (at: NIODeadline, task: Scheduled<Void>)?

    init(
        _ configuration: DeepgramRecogniser.Configuration, rate: SampleRate, language: String, on loop: any EventLoop,
        counters: DeepgramCounters, onEvent: @escaping @Sendable (TranscriptEvent) -> Void
    ) {
        self.configuration = configuration
        self.rate = rate
        self.language = language
        self.loop = loop
        self.counters = counters
        self.onEvent = onEvent
        utterances = DeepgramUtterances(
            lead: rate.samples(in: DeepgramLimits.lead), tail: rate.samples(in: DeepgramLimits.tolerance))
    }

    private var tolerance: Int { rate.samples(in: DeepgramLimits.tolerance) }
    private var chunk: Int { rate.samples(in: configuration.isFlux ? .milliseconds(80) : .milliseconds(100)) }
    private var pushedEnd: Int { audio?.end ?? 0 }
    private var isReady: Bool { if case .open(isReady: true) = phase { connection != nil } else { false } }
    private var isClosed: Bool { if case .closed = phase { true } else { false } }

    // MARK: What the session is told

    func perform(_ act: (DeepgramStream) -> Void) {
        act(self)
        settle()
    }

    func push(_ payload: AudioPayload, at place: Int) {
        guard !isClosed, payload.sampleCount > 0 else { return }
        if case .muLaw = payload, rate != .narrowband {
            if case .givenUp = phase { return }
            return giveUp(
                ProviderError(
                    provider: DeepgramRecogniser.providerName, kind: .malformed,
                    detail: "mu-law audio is 8000 Hz, the session was opened at \(rate.hz) Hz"))
        }
        if audio == nil {
            let encoding: DeepgramAudio.Encoding = if case .muLaw = payload { .mulaw } else { .linear16 }
            audio = DeepgramAudio(encoding: encoding, start: place)
            sentEnd = place
            if case .idle = phase { connect() }
        }
        lastPush = .now()
        if audio!.append(payload, at: place, longest: rate.samples(in: DeepgramLimits.longestWait)) {
            // The connection's clock cannot follow such a leap.
            sentEnd = place
            if isReady { reconnect(isAtOnce: true) }
        }
        trim()
    }

    func start(_ utterance: Int, onset: Int) {
        guard !isClosed else { return }
        utterances.start(utterance, onset: onset)
        tellInterim()
    }

    func finalize(_ utterance: Int, revision: Int, lastSpeech: Int) {
        guard !isClosed, var own = utterances[utterance], !own.isEnded, revision > own.lastRevision else { return }
        own.lastRevision = revision
        own.lastSpeech = lastSpeech
        utterances[utterance] = own
        questions.removeAll { $0.utterance == utterance }
        let question = Question(
            utterance: utterance, revision: revision, lastSpeech: lastSpeech, place: pushedEnd, askedAt: .now())
        if isKnown(question, isExact: true) { return answer(question) }
        questions.append(question)
    }

    func end(_ utterance: Int) { utterances[utterance]?.isEnded = true }

    func whenDrained(_ continuation: CheckedContinuation<Void, Never>) {
        waiters.append((.now() + DeepgramLimits.drain, continuation))
    }

    func close() {
        guard !isClosed else { return }
        if let connection {
            connection.send(text: #"{"type":"CloseStream"}"#)
            connection.close()
        }
        connection = nil
        generation += 1
        phase = .closed
        questions = []
        outbox = []
        audio = nil
        timer?.task.cancel()
        timer = nil
    }

    // MARK: The connection

    private func connect() {
        guard let audio else { return }
        generation += 1
        greeted = false
        phase = .connecting
        if brokenSince == nil { brokenSince = .now() }
        if generation > 1 { counters.count(\.reconnects) }
        let own = generation
        let stream = NIOLoopBound(self, eventLoop: loop)
        let endpoint = configuration.endpoint(encoding: audio.encoding.rawValue, rate: rate, language: language)
        WebSocketHandshake.start(endpoint, on: loop) { event in
            stream.value.perform { $0.heard(event, from: own) }
        }.whenComplete { result in
            stream.value.perform { $0.connected(result, as: own) }
        }
    }

    private func connected(_ result: Result<WebSocketConnection, any Error>, as own: Int) {
        switch result {
        case .success(let connection):
            guard own == generation, own != lost, !isClosed else { return connection.close() }
            // Flux may have spoken already.
            if case .connecting = phase { phase = .open(isReady: !configuration.isFlux) }
            self.connection = connection
            begin()
        case .failure(let error):
            guard own == generation, own != lost, !isClosed else { return }
            if let error = error as? ProviderError, error.kind == .rejected, !error.isRetryable { return giveUp(error) }
            reconnect(isAtOnce: false)
        }
    }

    /// The connection is new: what it must hear is what has no final result yet.
    private func begin() {
        let now = NIODeadline.now()
        (openedAt, lastSent, lastHeard) = (now, now, now)
        let mostReplayed = rate.samples(in: generation == 1 ? DeepgramLimits.longestWait : DeepgramLimits.longestReplay)
        skip(to: pushedEnd - mostReplayed)
        if generation > 1 { skip(to: min(neededFrom, pushedEnd)) }
        offset = sentEnd
        hasSentAudio = false
        (finalizesSent, finalizesAnswered, lastFinalized, unanswered) = (0, 0, nil, [])
        let burst = generation == 1 ? DeepgramLimits.firstBurst : DeepgramLimits.burst
        catchingUp = (now, 0, rate.samples(in: burst))
        if isReady { brokenSince = nil }
    }

    /// Where the audio begins that somebody still wants to understand. A backlog keeps all that follows it waiting, so
    /// what was answered and is over is not heard again, nor is silence.
    private var neededFrom: Int {
        let live = utterances.all.filter { own in
            !own.isEnded || questions.contains { $0.utterance == own.number }
        }
        if let first = live.map(\.onset).min() { return first - rate.samples(in: DeepgramLimits.lead) }
        // An utterance may have begun that is not confirmed yet.
        return pushedEnd - rate.samples(in: DeepgramLimits.burst)
    }

    /// Audio up to `place` will not be sent, or not again.
    private func skip(to place: Int) {
        guard place > sentEnd else { return }
        let unheard = place - max(sentEnd, everSent)
        if unheard > 0 { counters.count(\.droppedSamples, unheard) }
        sentEnd = place
    }

    private func reconnect(isAtOnce: Bool) {
        let old = connection
        connection = nil
        old?.close()
        let now = NIODeadline.now()
        brokenSince = brokenSince ?? now
        let isQuick = isAtOnce && failures == 0
        let delay = min(DeepgramLimits.firstDelay * (1 << min(failures, 10)), DeepgramLimits.longestDelay)
        failures += 1
        phase = .waiting(until: isQuick ? now : now + TimeAmount(delay * Double.random(in: 0.8...1.2)))
        lost = generation
        for index in questions.indices { questions[index].sent = nil }
        if let audio { sentEnd = max(audio.start, min(sentEnd, words.finalEnd ?? audio.start, audio.end)) }
        malformed = []
    }

    /// The last connection that was given up; it may still be heard for a moment.
    private var lost = 0

    private func giveUp(_ error: ProviderError) {
        connection?.close()
        connection = nil
        lost = generation
        phase = .givenUp(error)
        questions = []
        outbox.append(.failed(error))
    }

    private func heard(_ event: WebSocketConnection.Event, from own: Int) {
        guard own == generation, own != lost, !isClosed else { return }
        switch event {
        case .text(let bytes): heard(bytes)
        case .binary: heardMalformed()
        case .closed(let code, _):
            guard code != 1_008 else {
                return giveUp(
                    ProviderError(
                        provider: DeepgramRecogniser.providerName, kind: .rejected,
                        detail: "the stream was closed with 1008: the audio could not be decoded"))
            }
            reconnect(isAtOnce: false)
        }
    }

    private func heardMalformed() {
        counters.count(\.malformedMessages)
        let now = NIODeadline.now()
        malformed.removeAll { $0 + DeepgramLimits.malformedSpan < now }
        malformed.append(now)
        if malformed.count >= DeepgramLimits.mostMalformed { reconnect(isAtOnce: false) }
    }

    private func heard(_ bytes: ByteBuffer) {
        lastHeard = .now()
        switch DeepgramMessage(bytes, with: decoder) {
        case nil: heardMalformed()
        case .other: break
        case .fatal:
            if configuration.isFlux { reconnect(isAtOnce: false) }
        case .connected:
            // A second greeting would move the stream's clock.
            guard configuration.isFlux, !greeted else { return }
            greeted = true
            phase = .open(isReady: true)
            brokenSince = nil
            // Without a connection `connected` has yet to come, and begins.
            if connection != nil { begin() }
        case .turn(let turn):
            guard configuration.isFlux, let window = range(turn.audio_window_start, until: turn.audio_window_end) else {
                return heardMalformed()
            }
            failures = 0
            turns.take(turn, on: generation, window: window)
            if turn.event == "EndOfTurn" || turn.event == "EagerEndOfTurn" { acknowledge(window.upperBound) }
            for question in questions where isKnown(question, isExact: false) { answer(question) }
            tellInterim()
        case .result(let result):
            guard let range = range(result.start, until: result.start + result.duration),
                let best = result.channel.alternatives.first
            else { return heardMalformed() }
            failures = 0
            take(result, best, range)
            tellInterim()
        }
    }

    // MARK: What the vendor understood

    /// Seconds of the connection as samples of the call; nil when they are nonsense.
    private func range(_ start: Double, until end: Double) -> Range<Int>? {
        guard (0...DeepgramLimits.mostSeconds).contains(start), (start...DeepgramLimits.mostSeconds).contains(end)
        else {
            return nil
        }
        return place(start)..<place(end)
    }

    private func place(_ seconds: Double) -> Int { offset + Int((seconds * Double(rate.hz)).rounded()) }

    private func take(_ result: DeepgramMessage.Result, _ best: DeepgramMessage.Result.Alternative, _ range: Range<Int>)
    {
        let heard = words(of: best, range)
        guard result.isFinal else { return words.takeInterim(heard, range) }
        let outcome = words.takeFinal(heard, range, tolerance: tolerance)
        switch outcome {
        case .duplicate: counters.count(\.duplicateFinals)
        case .emptyOfKnown: counters.count(\.emptyFinals)
        case .news: break
        }
        acknowledge(range.upperBound)
        let isAnswer = result.from_finalize == true
        if isAnswer, lastFinalized != range {
            finalizesAnswered += 1
            lastFinalized = range
            if !unanswered.isEmpty { unanswered.removeFirst() }
        }
        unanswered.removeAll { $0.place - tolerance <= range.upperBound }
        for question in questions {
            let isCovered = range.upperBound >= question.lastSpeech - tolerance
            let isMeant = isAnswer && question.sent.map { $0.ordinal <= finalizesAnswered } ?? false
            // Nothing understood is an answer only where it was asked for; before that the end may be missing.
            if isMeant || isCovered && (isAnswer && question.sent != nil || !text(of: question.utterance).text.isEmpty)
            {
                answer(question)
            }
        }
    }

    private func words(of best: DeepgramMessage.Result.Alternative, _ range: Range<Int>) -> [DeepgramWords.Word] {
        let heard = best.words ?? []
        if heard.isEmpty {
            let text = best.transcript.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            guard !text.isEmpty else { return [] }
            return [
                DeepgramWords.Word(
                    text: text, start: range.lowerBound, end: max(range.upperBound, range.lowerBound + 1),
                    confidence: best.confidence ?? 1, isWhole: true)
            ]
        }
        // An empty transcript beside words is the vendor's word for having understood nothing.
        guard best.transcript.contains(where: { !$0.isWhitespace }) else { return [] }
        return heard.compactMap { word in
            let text = word.punctuated_word ?? word.word
            let own = word.start.flatMap { start in word.end.flatMap { self.range(start, until: $0) } } ?? range
            guard !text.isEmpty else { return nil }
            return DeepgramWords.Word(
                text: text, start: own.lowerBound, end: max(own.upperBound, own.lowerBound + 1),
                confidence: word.confidence ?? best.confidence ?? 1)
        }
    }

    /// Audio before `place` need not be sent again.
    private func acknowledge(_ place: Int) {
        if configuration.isFlux { words.acknowledge(place) }
        trim()
    }

    private func trim() {
        guard let audio else { return }
        let replayed = max(words.finalEnd ?? .min, audio.end - rate.samples(in: DeepgramLimits.longestReplay))
        let waiting = audio.end - rate.samples(in: DeepgramLimits.longestWait)
        self.audio!.forget(before: max(min(replayed, sentEnd), waiting))
        if sentEnd < self.audio!.start {
            skip(to: self.audio!.start)
            // Its clock would be wrong from here on.
            if isReady { reconnect(isAtOnce: true) }
        }
    }

    // MARK: Answers

    private func text(of utterance: Int) -> DeepgramText {
        guard let window = utterances.window(of: utterance) else { return DeepgramText([]) }
        return configuration.isFlux ? turns.text(of: utterance, in: window) : words.text(in: window)
    }

    /// Whether the vendor has said all it has to say of the utterance.
    private func isKnown(_ question: Question, isExact: Bool) -> Bool {
        guard let window = utterances.window(of: question.utterance), !text(of: question.utterance).text.isEmpty else {
            return false
        }
        if configuration.isFlux { return turns.isOver(at: question.lastSpeech - tolerance, in: window) }
        return (words.finalEnd ?? .min) >= question.lastSpeech - (isExact ? 0 : tolerance)
    }

    private func answer(_ question: Question) { answer(question, with: text(of: question.utterance)) }

    private func answer(_ question: Question, with answer: DeepgramText, isRejected: Bool? = nil) {
        questions.removeAll { $0.utterance == question.utterance }
        guard var own = utterances[question.utterance] else { return }
        own.lastText = answer.text
        own.givenEnd = max(own.givenEnd, answer.end)
        utterances[question.utterance] = own
        if let window = utterances.window(of: question.utterance) { turns.give(to: question.utterance, in: window) }
        let spoken = question.lastSpeech - own.onset
        let wasRejected = answer.text.isEmpty && (isRejected ?? (spoken >= rate.samples(in: DeepgramLimits.audible)))
        outbox.append(
            .final(
                Transcript(
                    utterance: question.utterance, revision: question.revision, text: answer.text,
                    confidence: answer.confidence, wasRejected: wasRejected,
                    audioEnd: SampleTime(max(0, min(question.lastSpeech, pushedEnd))))))
    }

    private func fail(_ question: Question, _ kind: ProviderError.Kind, _ detail: String) {
        questions.removeAll { $0.utterance == question.utterance }
        outbox.append(
            .failed(
                ProviderError(
                    provider: DeepgramRecogniser.providerName, kind: kind, detail: detail, isRetryable: true)))
    }

    private func tellInterim() {
        guard var own = utterances.current else { return }
        let known = text(of: own.number)
        guard !known.text.isEmpty, known.text != own.lastText else { return }
        own.lastText = known.text
        utterances[own.number] = own
        outbox.append(
            .interim(
                Transcript(
                    utterance: own.number, text: known.text, confidence: known.confidence,
                    audioEnd: SampleTime(max(0, pushedEnd)))))
    }

    // MARK: After each step

    private func settle() {
        guard !isSettling else { return }
        isSettling = true
        defer { isSettling = false }
        repeat {
            let now = NIODeadline.now()
            actOnDue(now)
            send(now)
            while !outbox.isEmpty {
                // `close` empties the rest.
                onEvent(outbox.removeFirst())
            }
        } while !outbox.isEmpty
        freeWaiters(.now())
        arm()
    }

    /// Sends what may be sent: whole messages of audio, all of it before a `Finalize`.
    private func send(_ now: NIODeadline) {
        guard isReady, let connection, let audio else { return }
        while true {
            let asked = questions.firstIndex { $0.sent == nil }
            let mustFlush = asked != nil || !waiters.isEmpty
            let limit = asked.map { min(questions[$0].place, audio.end) } ?? audio.end
            while sentEnd < limit {
                let count = min(chunk, limit - sentEnd)
                if count < chunk, !mustFlush { break }
                guard mayCatchUp(count, now) else { return }
                connection.send(binary: audio.slice(sentEnd, count))
                sentEnd += count
                everSent = max(everSent, sentEnd)
                hasSentAudio = true
                lastSent = now
            }
            guard let asked else { break }
            ask(asked, connection, now)
        }
        if audio.end - sentEnd < chunk { catchingUp = nil }
    }

    private func ask(_ index: Int, _ connection: WebSocketConnection, _ now: NIODeadline) {
        finalizesSent += 1
        questions[index].sent = (now, finalizesSent)
        if configuration.isFlux {
            if configuration.forcesTurnEnd { connection.send(text: #"{"type":"ForceEndTurn"}"#) }
            return
        }
        connection.send(text: #"{"type":"Finalize"}"#)
        // The vendor does not always answer for a snippet.
        let heard = max(words.finalEnd ?? .min, offset)
        if questions[index].place - heard >= rate.samples(in: DeepgramLimits.snippet), unanswered.count < 64 {
            unanswered.append((now, questions[index].place))
        }
    }

    /// A backlog goes out at once up to `burst`, and at 1.25 times real time beyond.
    private func mayCatchUp(_ count: Int, _ now: NIODeadline) -> Bool {
        guard let pace = catchingUp else { return true }
        let elapsed = Double((now - pace.since).nanoseconds) / 1e9
        guard pace.samples + count <= pace.burst + Int(elapsed * DeepgramLimits.speed * Double(rate.hz)) else {
            return false
        }
        catchingUp!.samples += count
        return true
    }

    private func actOnDue(_ now: NIODeadline) {
        switch phase {
        case .waiting(let until) where until <= now: connect()
        case .open(isReady: false) where openedAt + DeepgramLimits.greeting <= now: reconnect(isAtOnce: false)
        case .open(isReady: true): watch(now)
        default: break
        }
        for question in questions { settle(question, now) }
    }

    private func watch(_ now: NIODeadline) {
        let isFlowing = lastPush + .seconds(1) > now
        if configuration.isFlux {
            let patience = max(3_000, 4 * configuration.endOfTurnTimeoutMs)
            if isFlowing, turns.isOpen(on: generation), lastHeard + .milliseconds(Int64(patience)) <= now {
                reconnect(isAtOnce: true)
            }
        } else if isFlowing, let first = unanswered.first, first.at + DeepgramLimits.watchdog <= now {
            reconnect(isAtOnce: true)
        } else if hasSentAudio, lastSent + DeepgramLimits.keepAlive <= now {
            connection?.send(text: #"{"type":"KeepAlive"}"#)
            lastSent = now
        }
    }

    private func settle(_ question: Question, _ now: NIODeadline) {
        if case .givenUp(let error) = phase {
            questions.removeAll { $0.utterance == question.utterance }
            return outbox.append(.failed(error))
        }
        if let brokenSince, brokenSince + DeepgramLimits.outage <= now {
            return fail(question, .unavailable, "no connection; it is being made again")
        }
        let isPatient = question.askedAt + DeepgramLimits.patience > now
        let isDue = question.askedAt + TimeAmount(configuration.finalDeadline) <= now
        // While a backlog is being sent the vendor has not heard the end yet: half a sentence is known at best.
        if isDue, question.sent != nil || !isPatient, !text(of: question.utterance).text.isEmpty {
            return answer(question)
        }
        guard !isPatient else { return }
        if question.sent != nil {
            answer(question, with: DeepgramText([]), isRejected: true)
        } else {
            fail(question, .timedOut, "the connection broke, and what was said has not been sent again yet")
        }
    }

    private func freeWaiters(_ now: NIODeadline) {
        guard !waiters.isEmpty else { return }
        var isIdle = questions.isEmpty && sentEnd >= pushedEnd
        switch phase {
        case .closed, .givenUp: isIdle = true
        default: break
        }
        let free = waiters.filter { isIdle || $0.until <= now }
        waiters.removeAll { isIdle || $0.until <= now }
        for waiter in free { waiter.1.resume() }
    }

    /// Sets the timer for whatever comes first. One that is set too early only looks again.
    private func arm() {
        guard !isClosed, let next = nextDeadline() else { return }
        if let timer, timer.at <= next { return }
        timer?.task.cancel()
        let stream = NIOLoopBound(self, eventLoop: loop)
        let task = loop.scheduleTask(deadline: next) {
            stream.value.timer = nil
            stream.value.perform { _ in }
        }
        timer = (next, task)
    }

    private func nextDeadline() -> NIODeadline? {
        var next: NIODeadline?
        func consider(_ deadline: NIODeadline) { next = min(next ?? deadline, deadline) }
        let now = NIODeadline.now()
        switch phase {
        case .waiting(let until): consider(until)
        case .open(isReady: false): consider(openedAt + DeepgramLimits.greeting)
        case .open(isReady: true):
            if !configuration.isFlux, hasSentAudio { consider(lastSent + DeepgramLimits.keepAlive) }
            if configuration.isFlux, turns.isOpen(on: generation) { consider(now + .seconds(1)) }
            if let first = unanswered.first {
                consider(max(first.at + DeepgramLimits.watchdog, now + .milliseconds(20)))
            }
            if catchingUp != nil, pushedEnd - sentEnd >= chunk { consider(now + .milliseconds(20)) }
        default: break
        }
        for question in questions {
            if let brokenSince { consider(brokenSince + DeepgramLimits.outage) }
            let first = question.askedAt + TimeAmount(configuration.finalDeadline)
            consider(first > now ? first : question.askedAt + DeepgramLimits.patience)
        }
        for waiter in waiters { consider(waiter.until) }
        return next
    }
}
