import CallTime

/// One piece of decoding: a stretch of audio and what to make of it.
struct SessionWork: Sendable {
    enum Kind: Sendable, Equatable {
        case interim
        case final(revision: Int)
    }

    var utterance: Int
    var kind: Kind
    var samples: [Int16]
    var audioEnd: Int
    var grammar: CompiledGrammar
}

/// A session's audio, open utterances and line of work. No thread, no lock: `PocketSphinxSession` has them.
struct SessionState {
    static let mostWaiting = 64
    /// Kept before an onset, which a detector finds a little late: soft first consonants lie there.
    static let preRoll: Duration = .milliseconds(250)
    /// Read after the last speech sample: last consonants, and the silence that a grammar's end wants.
    static let postRoll: Duration = .milliseconds(150)
    static let longest: Duration = .seconds(30)
    /// No interim transcript begins with an end within this time after a `finalize`: endpoint delays are shorter.
    static let pauseAfterFinalize: Duration = .milliseconds(800)

    /// The one for the next utterance.
    var grammar: CompiledGrammar?
    var hasFailed = false
    private(set) var isClosed = false

    private struct Utterance {
        var start: Int
        var grammar: CompiledGrammar
        var lastRevision = -1
        /// Index of the next interim transcript's place in `interimPlaces`.
        var nextInterim = 0
        var pausedUntil = Int.min
        var lastText = ""
    }

    private let rate: SampleRate
    private let interimPlaces: [Int]
    private var audio: UtteranceAudio
    private var open: [Int: Utterance] = [:]
    private var ended = Int.min
    private var lastTexts: [Int: String] = [:]
    private var waiting: [SessionWork] = []
    private var isWorking = false
    private var hasOverflowed = false
    /// Pieces of work asked for and finished so far; a waiter waits for a number of finished ones.
    private var asked = 0
    private var done = 0
    private var waiters: [(until: Int, CheckedContinuation<Void, Never>)] = []

    init(rate: SampleRate) {
        self.rate = rate
        audio = UtteranceAudio(capacity: rate.samples(in: Self.longest))
        interimPlaces = Self.interimTimes.map { rate.samples(in: $0) }
    }

    /// Where interim transcripts are made, from the start of what is read: each reads all from the beginning again, so
    /// the distance grows, and after 9 s there are no more. In all 8 times the audio, about 0.4 s of computing.
    private static let interimTimes: [Duration] = [500, 800, 1_100, 1_400, 1_800, 2_400, 3_200, 4_400, 6_400, 9_000]
        .map { .milliseconds($0) }

    // MARK: Audio and utterances

    mutating func push(_ samples: [Int16], at place: Int) {
        guard !isClosed else { return }
        audio.append(samples, at: place)
        askInterims()
    }

    mutating func start(_ utterance: Int, onset: Int) {
        guard !isClosed, open[utterance] == nil, utterance > ended, let grammar else { return }
        let start = max(onset - rate.samples(in: Self.preRoll), audio.start)
        open[utterance] = Utterance(start: start, grammar: grammar)
        askInterims()
    }

    mutating func finalize(_ utterance: Int, revision: Int, lastSpeech: Int) {
        guard !isClosed, var own = open[utterance], revision > own.lastRevision else { return }
        own.lastRevision = revision
        own.pausedUntil = lastSpeech + rate.samples(in: Self.pauseAfterFinalize)
        open[utterance] = own
        let end = min(max(lastSpeech + rate.samples(in: Self.postRoll), own.start), audio.end)
        ask(utterance, own, .final(revision: revision), until: end)
    }

    mutating func end(_ utterance: Int) {
        open[utterance] = nil
        ended = max(ended, utterance)
    }

    private mutating func askInterims() {
        for (utterance, own) in open.sorted(by: { $0.key < $1.key }) {
            var own = own
            while own.nextInterim < interimPlaces.count {
                let place = own.start + interimPlaces[own.nextInterim]
                guard place <= audio.end else { break }
                own.nextInterim += 1
                if place >= own.pausedUntil { ask(utterance, own, .interim, until: place) }
            }
            open[utterance] = own
        }
    }

    private mutating func ask(_ utterance: Int, _ own: Utterance, _ kind: SessionWork.Kind, until end: Int) {
        guard waiting.count < Self.mostWaiting else {
            if kind != .interim { hasOverflowed = true }
            return
        }
        asked += 1
        waiting.append(
            SessionWork(
                utterance: utterance, kind: kind, samples: audio.slice(own.start..<max(own.start, end)), audioEnd: end,
                grammar: own.grammar))
    }

    // MARK: Work

    /// The next piece of work when none is under way.
    mutating func startNext() -> SessionWork? {
        guard !isWorking, !waiting.isEmpty else { return nil }
        isWorking = true
        return waiting.removeFirst()
    }

    /// Whoever waited for the piece of work that is finished now.
    mutating func finishOne() -> [CheckedContinuation<Void, Never>] {
        isWorking = false
        done += 1
        let finished = waiters.filter { $0.until <= done }.map(\.1)
        waiters.removeAll { $0.until <= done }
        return finished
    }

    mutating func takeOverflow() -> Bool {
        defer { hasOverflowed = false }
        return hasOverflowed
    }

    /// Whether an interim text differs from the one before of the same utterance. Asked in order of the work.
    mutating func isNews(_ text: String, of utterance: Int) -> Bool {
        let last = lastTexts[utterance] ?? ""
        if lastTexts[utterance] == nil { lastTexts = [:] }
        lastTexts[utterance] = text
        return text != last
    }

    /// True when nothing is asked that is not done; otherwise the continuation is kept until it is.
    mutating func whenDone(_ continuation: CheckedContinuation<Void, Never>) -> Bool {
        if done >= asked { return true }
        waiters.append((asked, continuation))
        return false
    }

    /// Forgets what waits. Answers whoever waited for that.
    mutating func close() -> [CheckedContinuation<Void, Never>] {
        isClosed = true
        waiting = []
        asked = done + (isWorking ? 1 : 0)
        let freed = waiters.filter { _ in !isWorking }.map(\.1)
        if isWorking { waiters = waiters.map { (asked, $0.1) } } else { waiters = [] }
        return freed
    }
}
