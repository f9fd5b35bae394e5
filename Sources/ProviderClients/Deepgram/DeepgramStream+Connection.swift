import CallTime
import Foundation
import NIOCore
import Providers

// From one connection to the next: opening, listening, replaying what was not answered, giving up.
extension DeepgramStream {
    func connect() {
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

    func connected(_ result: Result<WebSocketConnection, any Error>, as own: Int) {
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
    func begin() {
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
    var neededFrom: Int {
        let live = utterances.all.filter { own in
            !own.isEnded || questions.contains { $0.utterance == own.number }
        }
        if let first = live.map(\.onset).min() { return first - rate.samples(in: DeepgramLimits.lead) }
        // An utterance may have begun that is not confirmed yet.
        return pushedEnd - rate.samples(in: DeepgramLimits.burst)
    }

    /// Audio up to `place` will not be sent, or not again.
    func skip(to place: Int) {
        guard place > sentEnd else { return }
        let unheard = place - max(sentEnd, everSent)
        if unheard > 0 { counters.count(\.droppedSamples, unheard) }
        sentEnd = place
    }

    func reconnect(isAtOnce: Bool) {
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

    func giveUp(_ error: ProviderError) {
        connection?.close()
        connection = nil
        lost = generation
        phase = .givenUp(error)
        questions = []
        outbox.append(.failed(error))
    }

    func heard(_ event: WebSocketConnection.Event, from own: Int) {
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

    func heardMalformed() {
        counters.count(\.malformedMessages)
        let now = NIODeadline.now()
        malformed.removeAll { $0 + DeepgramLimits.malformedSpan < now }
        malformed.append(now)
        if malformed.count >= DeepgramLimits.mostMalformed { reconnect(isAtOnce: false) }
    }

    func heard(_ bytes: ByteBuffer) {
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
}
