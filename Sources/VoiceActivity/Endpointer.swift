import CallTime

/// Turns a detector's probabilities into the beginnings and ends of utterances.
///
/// - Input: one probability a hop, and, where the detector offers it, that hop's level over the noise floor.
/// - Output: at most two events a hop, each with the sample where it happened and the sample where it was decided.
/// - Rules: an onset must hold above `openThreshold` for `onsetConfirmation`; speech goes on above `closeThreshold`;
///   `probableEndDelay` and `endpointDelay` count from the last speech sample. An end waits while speech that may be
///   about to resume is being confirmed.
/// - Concealed hops (invented audio) can neither start, resume nor end a turn; time goes on during them. After one, an
///   end waits for `onsetConfirmation` of real audio.
/// - Accuracy: onset and last speech are looked up in the levels, to the hop. Without levels they are the probability's
///   own, later by the detector's memory.
/// - Real time: a plain value of fixed size; nothing is allocated, ever.
public struct Endpointer: Sendable {
    private enum Phase {
        /// Nobody speaks.
        case idle
        /// An utterance is going on.
        case speaking
        /// It may be over: `speechProbablyEnded` was said.
        case pausing
    }

    /// Silence after the last speech sample until `speechEnded`; takes effect with the next hop.
    /// - Precondition: positive.
    public var endpointDelay: Duration {
        didSet {
            precondition(endpointDelay > .zero, "an endpoint delay is positive, given \(endpointDelay)")
            endpointSamples = configuration.sampleRate.samples(in: endpointDelay)
        }
    }

    private let configuration: Configuration
    private let confirmationHops: Int
    private let hangoverHops: Int
    private let probableEndSamples: Int
    private var endpointSamples: Int

    private var phase = Phase.idle
    private var edges = SpeechEdges()
    private var now = SampleTime.zero
    private var lastSpeech = SampleTime.zero
    /// Hops in a row that may be the beginning of speech.
    private var risingHops = 0
    /// Hops in a row, within an utterance, under `closeThreshold`.
    private var silentHops = 0
    private var hopsSinceConcealed = Int.max

    /// How far back an edge is looked for: the detector's release in noise, measured.
    private static let searchHops = 40
    private static let resumeHops = 3

    /// - Throws: `ConfigurationError` for values out of the ranges given at each.
    public init(_ configuration: Configuration = Configuration()) throws(ConfigurationError) {
        try configuration.validate()
        self.configuration = configuration
        let rate = configuration.sampleRate
        let hops = { (duration: Duration) -> Int in
            (rate.samples(in: duration) + configuration.hopSamples - 1) / configuration.hopSamples
        }
        confirmationHops = max(1, hops(configuration.onsetConfirmation))
        hangoverHops = hops(configuration.hangover)
        probableEndSamples = rate.samples(in: configuration.probableEndDelay)
        endpointDelay = configuration.endpointDelay
        endpointSamples = rate.samples(in: configuration.endpointDelay)
    }

    /// Takes the newest hop's probability.
    ///
    /// - Parameters:
    ///   - levelOverFloorDB: `VoiceActivityDetector.levelOverFloorDB` after that hop; `nan` if there is none.
    ///   - isConcealed: the hop's audio was invented for a lost packet.
    public mutating func process(
        probability: Float, levelOverFloorDB: Float = .nan, isConcealed: Bool = false
    ) -> EndpointEvents {
        now += configuration.hopSamples
        edges.append(isConcealed ? -10 : levelOverFloorDB)
        guard !isConcealed else {
            (risingHops, hopsSinceConcealed) = (0, 0)
            return EndpointEvents()
        }
        if hopsSinceConcealed < Int.max { hopsSinceConcealed += 1 }
        follow(probability)
        switch phase {
        case .idle: return decideStart()
        case .speaking: return decideEnd(mayResume: false)
        case .pausing: return decideEnd(mayResume: true)
        }
    }

    /// The audio is over: an open utterance ends, after a probable end if there was none. The endpointer is idle then.
    public mutating func finish() -> EndpointEvents {
        var events = EndpointEvents()
        guard phase != .idle else { return events }
        if phase == .speaking { events.append(.speechProbablyEnded(lastSpeech: lastSpeech, decided: now)) }
        end(.endOfAudio, &events)
        return events
    }

    /// Forgets the past: the next hop is the first. The endpoint delay stays as it was set last.
    public mutating func reset() {
        (phase, edges, now, lastSpeech) = (.idle, SpeechEdges(), .zero, .zero)
        (risingHops, silentHops, hopsSinceConcealed) = (0, 0, .max)
    }
}

// MARK: - Rules

extension Endpointer {
    /// Counts hops that rise and, within an utterance, hops of speech and silence.
    private mutating func follow(_ probability: Float) {
        if probability >= configuration.openThreshold {
            risingHops += 1
        } else {
            risingHops = probability >= configuration.closeThreshold ? max(0, risingHops - 1) : 0
        }
        guard phase != .idle else {
            if risingHops == 0 { edges.learnNoise() }
            return
        }
        if probability >= configuration.closeThreshold {
            let isUnbroken = silentHops <= hangoverHops && phase == .speaking
            if isUnbroken || risingHops >= Self.resumeHops { heardSpeech() }
        } else {
            silentHops += 1
        }
    }

    private mutating func heardSpeech() {
        guard phase == .speaking else { return }
        silentHops = 0
        let hopsSince = edges.hopsSinceSpeech(limit: Self.searchHops)
        lastSpeech = max(lastSpeech, now - Int(hopsSince * Float(configuration.hopSamples)))
    }

    private mutating func decideStart() -> EndpointEvents {
        var events = EndpointEvents()
        guard risingHops >= confirmationHops else { return events }
        events.append(.speechStarted(onset: onset(), decided: now))
        begin()
        return events
    }

    /// The start of the speech that was just confirmed; not before the last end.
    private func onset() -> SampleTime {
        let back = edges.hopsSinceOnset(certain: risingHops - 1, limit: Self.searchHops)
        return max(lastSpeech, now - (back + 1) * configuration.hopSamples)
    }

    private mutating func begin() {
        phase = .speaking
        heardSpeech()
    }

    private mutating func decideEnd(mayResume: Bool) -> EndpointEvents {
        var events = EndpointEvents()
        if mayResume && risingHops >= confirmationHops {
            events.append(.speechResumed(onset: onset(), decided: now))
            begin()
            return events
        }
        guard hopsSinceConcealed >= confirmationHops, risingHops == 0 else { return events }
        let silence = now - lastSpeech
        if phase == .speaking && silence >= min(probableEndSamples, endpointSamples) {
            phase = .pausing
            events.append(.speechProbablyEnded(lastSpeech: lastSpeech, decided: now))
        }
        if phase == .pausing && silence >= endpointSamples { end(.silence, &events) }
        return events
    }

    private mutating func end(_ reason: EndpointReason, _ events: inout EndpointEvents) {
        events.append(.speechEnded(lastSpeech: lastSpeech, decided: now, delay: endpointDelay, reason: reason))
        phase = .idle
        edges.forgetLoudest()
        (risingHops, silentHops) = (0, 0)
    }
}
