import CallTime
import Codecs
import Providers
import Synchronization

/// A recogniser with another one behind it: when the first is late with a final transcript or fails, the second hears
/// the same utterance from memory, and the first answer counts.
///
/// The second is opened for that one utterance only, so that a local recogniser costs nothing while the vendor works.
public struct RecogniserChain: SpeechToText {
    private let first: any SpeechToText
    private let second: any SpeechToText
    /// Finalize → final transcript; then the second is asked.
    private let patience: Duration
    public var name: String { "\(first.name), \(second.name)" }

    public init(
        _ first: any SpeechToText, _ second: any SpeechToText, patience: Duration = .milliseconds(900)
    ) {
        self.first = first
        self.second = second
        self.patience = patience
    }

    public func open(
        _ configuration: SpeechToTextConfiguration, onEvent: @escaping @Sendable (TranscriptEvent) -> Void
    ) async throws(ProviderError) -> any SpeechToTextSession {
        let session = RecogniserChainSession(second, configuration, patience, onEvent)
        do throws(ProviderError) {
            let opened = try await first.open(configuration) { session.heard($0) }
            session.use(opened)
        } catch {
            onEvent(.fellBack(error))
        }
        return session
    }
}

/// One call's session: everything goes to the first recogniser, and the last seconds of audio are remembered.
private final class RecogniserChainSession: SpeechToTextSession {
    private struct Question: Equatable {
        var utterance: Int
        var revision: Int
        var lastSpeech: SampleTime
    }

    private struct State {
        var first: (any SpeechToTextSession)?
        var isClosed = false
        var step: String?
        /// Audio from `begin` of the stream on.
        var memory: [AudioPayload] = []
        var begin = SampleTime.zero
        var samples = 0
        var onset: SampleTime?
        var question: Question?
        var waiting: Task<Void, Never>?
        /// The second recogniser is at it for this question.
        var taken: Question?
    }

    private let state = Mutex(State())
    private let second: any SpeechToText
    private let configuration: SpeechToTextConfiguration
    private let patience: Duration
    private let onEvent: @Sendable (TranscriptEvent) -> Void
    private let mostSamples: Int
    private let idleSamples: Int

    init(
        _ second: any SpeechToText, _ configuration: SpeechToTextConfiguration, _ patience: Duration,
        _ onEvent: @escaping @Sendable (TranscriptEvent) -> Void
    ) {
        self.second = second
        self.configuration = configuration
        self.patience = patience
        self.onEvent = onEvent
        mostSamples = configuration.sampleRate.samples(in: .seconds(20))
        idleSamples = configuration.sampleRate.samples(in: .seconds(2))
    }

    func use(_ session: any SpeechToTextSession) { state.withLock { $0.first = session } }

    // MARK: Told by the runtime

    func push(_ audio: AudioPayload, at time: SampleTime) {
        let session = state.withLock { state -> (any SpeechToTextSession)? in
            if state.memory.isEmpty { state.begin = time }
            state.memory.append(audio)
            state.samples += audio.sampleCount
            let most = state.onset == nil ? idleSamples : mostSamples
            var drop = 0
            while state.samples > most, drop < state.memory.count - 1 {
                state.samples -= state.memory[drop].sampleCount
                state.begin += state.memory[drop].sampleCount
                drop += 1
            }
            // In blocks: taking the first of a long array out each time would move the rest each time.
            if drop > 0 { state.memory.removeFirst(drop) }
            return state.first
        }
        session?.push(audio, at: time)
    }

    func expect(step: String?) {
        state.withLock { state in
            state.step = step
            return state.first
        }?.expect(step: step)
    }

    func utteranceStarted(_ utterance: Int, onset: SampleTime) {
        state.withLock { state in
            state.onset = onset
            return state.first
        }?.utteranceStarted(utterance, onset: onset)
    }

    func finalize(_ utterance: Int, revision: Int, lastSpeech: SampleTime) {
        let question = Question(utterance: utterance, revision: revision, lastSpeech: lastSpeech)
        let session = state.withLock { state -> (any SpeechToTextSession)? in
            guard !state.isClosed else { return nil }
            state.question = question
            state.waiting?.cancel()
            state.waiting = Task { [weak self, patience] in
                try? await Task.sleep(for: patience)
                guard !Task.isCancelled else { return }
                self?.askSecond(question, because: nil)
            }
            return state.first
        }
        session?.finalize(utterance, revision: revision, lastSpeech: lastSpeech)
        if session == nil { askSecond(question, because: nil) }
    }

    func utteranceEnded(_ utterance: Int) {
        state.withLock { state in
            if state.question == nil { state.onset = nil }
            return state.first
        }?.utteranceEnded(utterance)
    }

    func drained() async {
        let (first, waiting) = state.withLock { ($0.first, $0.waiting) }
        await first?.drained()
        if state.withLock({ $0.question != nil }) { await waiting?.value }
    }

    func close() async {
        let first = state.withLock { state -> (any SpeechToTextSession)? in
            state.isClosed = true
            state.waiting?.cancel()
            state.memory = []
            state.question = nil
            defer { state.first = nil }
            return state.first
        }
        await first?.close()
    }

    // MARK: Heard from the first

    func heard(_ event: TranscriptEvent) {
        switch event {
        case .final(let transcript):
            guard settle(utterance: transcript.utterance, revision: transcript.revision) else { return }
            onEvent(event)
        case .failed(let error):
            guard let question = state.withLock({ $0.isClosed ? nil : $0.question }) else {
                if state.withLock({ !$0.isClosed }) { onEvent(.fellBack(error)) }
                return
            }
            askSecond(question, because: error)
        case .interim, .fellBack:
            if state.withLock({ !$0.isClosed }) { onEvent(event) }
        }
    }

    /// Whether this answer is the one that was waited for; it is the last, then.
    private func settle(utterance: Int, revision: Int) -> Bool {
        state.withLock { state in
            guard !state.isClosed, let question = state.question, question.utterance == utterance,
                question.revision == revision
            else { return false }
            state.waiting?.cancel()
            state.waiting = nil
            state.question = nil
            return true
        }
    }

    // MARK: The second

    private func askSecond(_ question: Question, because error: ProviderError?) {
        let mine = state.withLock { state -> Bool in
            guard !state.isClosed, state.question == question, state.taken != question else { return false }
            state.taken = question
            return true
        }
        guard mine else { return }
        onEvent(
            .fellBack(
                error
                    ?? ProviderError(
                        provider: "speech_to_text", kind: .timedOut, detail: "no transcript within \(patience)",
                        isRetryable: true)))
        let task = Task { [weak self] in
            guard let self else { return }
            await self.transcribeAgain(question)
        }
        state.withLock { $0.waiting = task }
    }

    private func transcribeAgain(_ question: Question) async {
        let (memory, begin, onset, step) = state.withLock { ($0.memory, $0.begin, $0.onset ?? $0.begin, $0.step) }
        do throws(ProviderError) {
            let session = try await second.open(configuration) { [weak self] event in
                self?.heardFromSecond(event, question)
            }
            // Its stream begins where our memory does.
            var place = SampleTime.zero
            session.expect(step: step)
            for audio in memory {
                session.push(audio, at: place)
                place += audio.sampleCount
            }
            session.utteranceStarted(question.utterance, onset: SampleTime(max(0, onset.index - begin.index)))
            session.finalize(
                question.utterance, revision: question.revision,
                lastSpeech: SampleTime(max(0, question.lastSpeech.index - begin.index)))
            session.utteranceEnded(question.utterance)
            await session.drained()
            await session.close()
        } catch {
            if settle(utterance: question.utterance, revision: question.revision) { onEvent(.failed(error)) }
        }
        // Whatever it did, the question does not stay open.
        if settle(utterance: question.utterance, revision: question.revision) {
            onEvent(
                .final(
                    Transcript(
                        utterance: question.utterance, revision: question.revision, text: "", confidence: 0,
                        wasRejected: true, audioEnd: question.lastSpeech)))
        }
    }

    private func heardFromSecond(_ event: TranscriptEvent, _ question: Question) {
        guard case .final(let transcript) = event, transcript.utterance == question.utterance,
            transcript.revision == question.revision,
            settle(utterance: question.utterance, revision: question.revision)
        else { return }
        onEvent(event)
    }
}
