import CallTime
import Conversation
import MediaPipeline
import Providers
import VoiceActivity

/// One call: where the caller's audio, the rules of turn-taking, the providers' answers and the agent's audio meet.
///
/// It is deterministic. Everything that comes from outside arrives through a method with its instant, is journalled,
/// and has no other way in; what it wants done outside it says as `Effect`s. So a driver on the wall clock, one on
/// virtual time and a replay all run the same call. A driver calls, in the order of time:
/// `receive` for each payload of the caller's, `handle` for each answer, `fireTimers` when `nextTimer` has come, and
/// `nextFrame` each 20 ms; after each of them it performs `takeEffects()`.
public struct CallEngine: ~Copyable {
    public let settings: CallSettings
    public internal(set) var conversation: Conversation
    public internal(set) var ended: CallEnd?
    /// What was said, by whom and when, for people.
    public internal(set) var transcript: CallTranscript
    /// The ledgers of the turns that became audible.
    public internal(set) var ledgers: [TurnLedger] = []

    /// What the caller has said so far, and whether it goes on: a machine's greeting is longer than a person's.
    public internal(set) var callerTalk = Duration.zero
    public internal(set) var isCallerSpeaking = false
    var utteranceOnset = CallInstant.start

    var inbound: InboundMedia
    var playout: Playout
    var timers = TimerTable()
    var effects: [Effect] = []
    var records: [JournalRecord] = []

    /// Segments that wait for the voice, which makes one at a time.
    var waitingSegments: [Segment] = []
    var voicing: Voicing?
    var attempts: [Int: Int] = [:]
    var utterance = 0
    /// Where frames are given out before they sound: until when the carrier has something to play.
    var playsUntil = CallInstant.start
    /// When the carrier plays what no segment owns: it is no part of what an interruption takes back.
    var tonesPlay: Range<CallInstant>?
    /// Ends of segments that are at the carrier and not yet heard, in the order of their instants.
    var unheardEnds: [(segment: Int, at: CallInstant)] = []
    /// Silence that a caller heard inside a segment because its audio was late, where a carrier plays.
    public internal(set) var underrun = Duration.zero
    /// Samples of speech that did not fit into playout; a voice that never ends is cut at the ring's length.
    public internal(set) var droppedSpeech = 0

    /// The segment at the voice.
    struct Voicing {
        var segment: Segment
        var samples = 0
        var hasBegun = false
        var announced = false
        var words: [WordTime] = []

        /// Voices tell words as they come, some all of them each time.
        mutating func learn(_ told: [SpokenWord]) {
            guard let first = told.first else { return }
            words.removeAll { $0.text.upperBound > first.textRange.lowerBound }
            words += told.map { WordTime(text: $0.textRange, samples: $0.samples) }
        }
    }

    /// New text goes to the voice only while less than this waits in playout: what is synthesized too early is lost
    /// at a barge-in.
    static let mostQueuedAudio = Duration.seconds(10)

    public init(_ settings: CallSettings) throws(ConfigurationError) {
        let inbound = try Self.inbound(settings)
        let playout = try Playout()
        self.inbound = inbound
        self.playout = playout
        self.settings = settings
        conversation = Conversation(settings.conversation, history: settings.history)
        transcript = CallTranscript()
        journal(
            .start, "call", "callStarted",
            [
                "version": .integer(JournalRecord.version), "agent": .string(settings.agentName),
                "call": .string(settings.callID), "now": .string(settings.start.description),
                "sample_rate_hz": .integer(self.playout.rate.hz),
                "endpoint_delay_ms": .integer(Int(settings.endpointDelay.milliseconds)),
            ])
    }

    private static func inbound(_ settings: CallSettings) throws(ConfigurationError) -> InboundMedia {
        var media = InboundMedia.Configuration()
        media.detector = settings.detector
        media.endpointDelay = settings.endpointDelay
        media.probableEndDelay = min(settings.probableEndDelay, settings.endpointDelay)
        return try InboundMedia(media)
    }

    // MARK: In

    /// The caller's media flows; the greeting is held until then.
    public mutating func start(at now: CallInstant) {
        apply(.mediaStarted, at: now)
    }

    /// The caller's next audio: mu-law, its first sample at `time` of the caller's stream.
    public mutating func receive(_ payload: Span<UInt8>, at time: SampleTime, now: CallInstant) {
        guard ended == nil else { return }
        reportHeard(at: now)
        var heard: [EndpointEvent] = []
        var taps: [RecogniserCommand] = []
        inbound.push(payload, at: time) { bytes, _, place in
            taps.append(.push(.muLaw([UInt8](bytes)), at: place.time))
        } event: {
            heard.append($0)
        }
        effects += taps.map { .recognise($0) }
        for event in heard { callerSpoke(event, now) }
    }

    /// The caller's audio should have come and did not: nothing more is heard of the utterance under way, so it ends
    /// here and is answered. What comes later is heard as usual.
    public mutating func mediaIsLate(at now: CallInstant) {
        guard ended == nil else { return }
        reportHeard(at: now)
        journal(now, "media", "late", ["timer": .string("mediaDue"), "culprit": .string("carrier")])
        var heard: [EndpointEvent] = []
        inbound.finish { heard.append($0) }
        for event in heard { callerSpoke(event, now) }
    }

    /// An answer from outside.
    public mutating func handle(_ event: OutsideEvent, at now: CallInstant) {
        guard ended == nil else { return }
        reportHeard(at: now)
        journalOutside(event, now)
        switch event {
        case .transcript(let answer): handleTranscript(answer, now)
        case .model(let request, let answer): handleModel(request, answer, now)
        case .modelFailed(let request, let error):
            apply(.replyFailed(request: request, reason: error.description), at: now)
        case .speech(let segment, let answer): handleSpeech(segment, answer, now)
        case .speechEnded(let segment): voiceEnded(segment, now)
        case .speechFailed(let segment, let error): voiceFailed(segment, error.description, now)
        case .toolFinished(let call, let json): apply(.toolFinished(callID: call, json: json), at: now)
        case .callerHungUp: apply(.callerHungUp, at: now)
        case .keyPressed(let key): apply(.keyPressed(key), at: now)
        case .endRequested(let line, let reason): apply(.endRequested(line: line, reason), at: now)
        case .leaveMessage(let message): apply(.machineAnswered(message: message), at: now)
        }
    }

    public var nextTimer: CallInstant? {
        guard let heard = unheardEnds.first?.at else { return timers.next }
        return timers.next.map { min($0, heard) } ?? heard
    }

    /// Fires what is due at `now`, in the order of the instants it was armed for.
    public mutating func fireTimers(at now: CallInstant) {
        reportHeard(at: now)
        while ended == nil, let timer = timers.popDue(at: now) {
            journal(now, "media", "timerFired", ["timer": .string(timer.rawValue)])
            apply(.timerFired(timer), at: now)
        }
    }

    // MARK: Out

    /// The agent's next audio, whose first sample sounds at `now`.
    public mutating func nextFrame(into frame: inout MutableSpan<Int16>, at now: CallInstant) {
        guard ended == nil else {
            for place in frame.indices { frame[place] = 0 }
            return
        }
        var passed: [Playout.Event] = []
        playout.nextFrame(into: &frame) { passed.append($0) }
        for event in passed {
            switch event {
            case .started(let segment, let offset):
                let audible = now + playout.rate.duration(of: offset)
                journal(audible, "media", "playoutStarted", ["segment": .integer(segment)])
                transcript.segmentStarted(segment, at: audible)
                apply(.playoutStarted(segment: segment, audible: audible), at: now)
            case .finished(let segment, let offset):
                let last = now + playout.rate.duration(of: offset)
                journal(last, "media", "playoutFinished", ["segment": .integer(segment)])
                transcript.segmentFinished(segment, at: last)
                apply(.playoutFinished(segment: segment), at: now)
            }
        }
        feedVoice(now)
    }

    public var hasEffects: Bool { !effects.isEmpty }

    public mutating func takeEffects() -> [Effect] {
        defer { effects.removeAll(keepingCapacity: true) }
        return effects
    }

    public mutating func takeJournal() -> [JournalRecord] {
        defer { records.removeAll(keepingCapacity: true) }
        return records
    }

    // MARK: The caller's voice

    private mutating func callerSpoke(_ event: EndpointEvent, _ now: CallInstant) {
        func instant(_ time: SampleTime) -> CallInstant { CallInstant(time, at: inbound.rate) }
        journalEndpoint(event, now)
        switch event {
        case .speechStarted(let onset, _):
            utterance += 1
            (isCallerSpeaking, utteranceOnset) = (true, instant(onset))
            effects.append(.recognise(.utteranceStarted(utterance, onset: onset)))
            transcript.callerStarted(utterance, at: instant(onset))
            apply(.speechStarted(utterance: utterance, onset: instant(onset)), at: now)
        case .speechProbablyEnded(let last, _):
            transcript.callerSpoke(utterance, until: instant(last))
            apply(.speechProbablyEnded(utterance: utterance, lastSpeech: instant(last)), at: now)
        case .speechResumed:
            apply(.speechResumed(utterance: utterance), at: now)
        case .speechEnded(let last, _, _, _):
            isCallerSpeaking = false
            callerTalk += instant(last) - utteranceOnset
            transcript.callerSpoke(utterance, until: instant(last))
            apply(.speechEnded(utterance: utterance, lastSpeech: instant(last)), at: now)
            effects.append(.recognise(.utteranceEnded(utterance)))
        }
    }
}

extension [UInt8] {
    init(_ bytes: Span<UInt8>) {
        // SAFETY: the bytes are copied before the pointer ends.
        self = bytes.withUnsafeBufferPointer { [UInt8]($0) }
    }
}
