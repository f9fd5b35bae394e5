import CallTime
import Codecs
import Providers
import Synchronization

/// One call's recognition by grammar.
///
/// - Threads: every method may be called from any thread. `push` and the others take a lock for some microseconds and
///   return; decoding runs on the pool's threads, one piece of work of a session at a time and in order.
/// - Memory: the last 30 s of audio. An utterance that is longer is read from what is left of it.
/// - Queue: what an utterance asks for waits in line, at most `mostWaiting` pieces. Beyond that, which takes a machine
///   busy for many seconds, an interim transcript is not made, and a final one fails the session with `.timedOut`.
/// - Same audio, same calls at the same stream places: same events, however the audio was cut into pushes.
final class PocketSphinxSession: SpeechToTextSession {
    private let rate: SampleRate
    private let grammars: GrammarBook
    private let pool: DecoderPool
    private let onEvent: @Sendable (TranscriptEvent) -> Void
    private let state: Mutex<SessionState>

    init(
        rate: SampleRate, grammars: GrammarBook, pool: DecoderPool,
        onEvent: @escaping @Sendable (TranscriptEvent) -> Void
    ) {
        self.rate = rate
        self.grammars = grammars
        self.pool = pool
        self.onEvent = onEvent
        state = Mutex(SessionState(rate: rate))
    }

    // MARK: What the runtime says

    func push(_ audio: AudioPayload, at place: SampleTime) {
        let samples: [Int16]
        switch audio {
        case .linear16(let linear): samples = linear
        case .muLaw(let bytes):
            guard rate == .narrowband else {
                fail(.malformed, "mu-law audio is 8000 Hz, the session was opened at \(rate.hz) Hz")
                return
            }
            samples = bytes.map(MuLaw.decode16)
        }
        perform { $0.push(samples, at: place.index) }
    }

    func expect(step: String?) { state.withLock { $0.grammar = grammars.grammar(for: step) } }

    func utteranceStarted(_ utterance: Int, onset: SampleTime) {
        perform { state in
            if state.grammar == nil { state.grammar = grammars.grammar(for: nil) }
            state.start(utterance, onset: onset.index)
        }
    }

    func finalize(_ utterance: Int, revision: Int, lastSpeech: SampleTime) {
        perform { $0.finalize(utterance, revision: revision, lastSpeech: lastSpeech.index) }
    }

    func utteranceEnded(_ utterance: Int) { state.withLock { $0.end(utterance) } }

    func drained() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { $0.whenDone(continuation) }
            if isIdle { continuation.resume() }
        }
    }

    func close() async {
        let waiting = state.withLock { $0.close() }
        for continuation in waiting { continuation.resume() }
        // A piece of work that is under way delivers nothing any more, but may be delivering just now.
        await drained()
    }

    // MARK: Work

    /// Changes the state and starts what is to be done now.
    private func perform(_ change: (inout SessionState) -> Void) {
        let (work, hasOverflowed) = state.withLock { state in
            change(&state)
            return (state.startNext(), state.takeOverflow())
        }
        if let work { start(work) }
        if hasOverflowed { fail(.timedOut, "more than \(SessionState.mostWaiting) pieces of work wait") }
    }

    private func start(_ work: SessionWork) {
        pool.lease { decoder in self.finish(work, with: decoder) }
    }

    private func finish(_ work: SessionWork, with decoder: Result<PocketSphinxDecoder, ProviderError>) {
        switch decoder {
        case .success(let decoder): if let event = event(of: work, decoder) { deliver(event) }
        case .failure(let error): deliver(.failed(error))
        }
        let (done, next) = state.withLock { ($0.finishOne(), $0.startNext()) }
        for continuation in done { continuation.resume() }
        if let next { start(next) }
    }

    private func event(of work: SessionWork, _ decoder: PocketSphinxDecoder) -> TranscriptEvent? {
        switch work.kind {
        case .interim:
            let text = UtteranceReader.readPrefix(
                work.samples, rate: rate, grammar: work.grammar, decoder: decoder)
            guard state.withLock({ $0.isNews(text, of: work.utterance) }) else { return nil }
            return .interim(Transcript(utterance: work.utterance, text: text, audioEnd: SampleTime(work.audioEnd)))
        case .final(let revision):
            let reading = UtteranceReader.read(work.samples, rate: rate, grammar: work.grammar, decoder: decoder)
            return .final(
                Transcript(
                    utterance: work.utterance, revision: revision, text: reading.text,
                    confidence: reading.confidence, wasRejected: reading.wasRejected,
                    audioEnd: SampleTime(work.audioEnd)))
        }
    }

    private func deliver(_ event: TranscriptEvent) {
        // `close` waits for this piece of work, so the event is out before it returns, or not sent at all.
        guard state.withLock({ !$0.isClosed }) else { return }
        onEvent(event)
    }

    private func fail(_ kind: ProviderError.Kind, _ detail: String) {
        let isFirst = state.withLock { state in
            defer { state.hasFailed = true }
            return !state.hasFailed && !state.isClosed
        }
        guard isFirst else { return }
        onEvent(.failed(ProviderError(provider: PocketSphinxRecogniser.providerName, kind: kind, detail: detail)))
    }
}
