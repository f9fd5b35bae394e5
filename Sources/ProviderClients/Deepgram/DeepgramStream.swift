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
    let language: String
    let counters: DeepgramCounters
    let onEvent: @Sendable (TranscriptEvent) -> Void
    let decoder = JSONDecoder()

    // The audio.
    var audio: DeepgramAudio?
    /// The next sample to send.
    var sentEnd = 0
    /// The end of what any connection was sent.
    var everSent = 0
    var lastPush = NIODeadline.uptimeNanoseconds(0)

    // The connection.
    var phase = Phase.idle
    var connection: WebSocketConnection?
    /// Counts connections; what comes from an older one is not listened to.
    var generation = 0
    /// The place of the connection's first sample.
    var offset = 0
    var openedAt = NIODeadline.uptimeNanoseconds(0)
    var brokenSince: NIODeadline?
    var failures = 0
    var lastSent = NIODeadline.uptimeNanoseconds(0)
    var hasSentAudio = false
    var greeted = false
    var lastHeard = NIODeadline.uptimeNanoseconds(0)
    var malformed: [NIODeadline] = []
    /// While a backlog is sent: from when, and how much of it so far.
    var catchingUp: (since: NIODeadline, samples: Int, burst: Int)?
    var finalizesSent = 0
    var finalizesAnswered = 0
    var lastFinalized: Range<Int>?
    /// `Finalize` messages that must still be answered: when they were sent, for audio up to where.
    var unanswered: [(at: NIODeadline, place: Int)] = []

    /// The last connection that was given up; it may still be heard for a moment.
    var lost = 0

    // What was understood.
    var utterances: DeepgramUtterances
    var questions: [Question] = []
    var words = DeepgramWords()
    var turns = DeepgramTurns()

    // What is to be told.
    var outbox: [TranscriptEvent] = []
    var waiters: [(until: NIODeadline, CheckedContinuation<Void, Never>)] = []
    var isSettling = false
    var timer: (at: NIODeadline, task: Scheduled<Void>)?

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

    var tolerance: Int { rate.samples(in: DeepgramLimits.tolerance) }
    var chunk: Int { rate.samples(in: configuration.isFlux ? .milliseconds(80) : .milliseconds(100)) }
    var pushedEnd: Int { audio?.end ?? 0 }
    var isReady: Bool { if case .open(isReady: true) = phase { connection != nil } else { false } }
    var isClosed: Bool { if case .closed = phase { true } else { false } }

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
}
