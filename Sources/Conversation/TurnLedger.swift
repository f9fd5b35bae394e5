import CallTime

/// Where the response gap of one turn went.
///
/// The gap runs from the caller's last speech sample to the reply's first audible sample. Stages overlap, so their
/// durations do not sum; the ledger walks the critical path back from the audible sample and gives each instant to
/// the one thing that was waited for. The parts sum to the gap exactly.
public struct TurnLedger: Sendable, Equatable {
    public enum Part: String, Sendable, CaseIterable {
        /// Caller's last sample → the detector says the turn may be over.
        case detectorConfirmation
        /// From there → the endpoint, while that is what the reply waits for.
        case endpointDelay
        case transcript
        case firstToken
        case tool
        /// First token → the first clause that can be spoken.
        case firstClause
        case firstAudio
        /// Audio is there and may be played → it is audible.
        case playoutLead
    }

    /// One stage's work: from what set it off to its result.
    public struct Link: Sendable, Equatable {
        public var part: Part
        public var began: CallInstant
        public var ended: CallInstant

        public init(_ part: Part, from began: CallInstant, to ended: CallInstant) {
            self.part = part
            self.began = began
            self.ended = ended
        }
    }

    public var turn: Int
    /// End of the caller's last speech sample.
    public var lastSpeech: CallInstant
    /// When the endpointer said the turn may be over.
    public var probableEnd: CallInstant
    /// When the endpointer said it is over; nothing is played before.
    public var commit: CallInstant
    /// The reply's stages in the order of their work.
    public var chain: [Link]
    public var audible: CallInstant

    public init(
        turn: Int, lastSpeech: CallInstant, probableEnd: CallInstant, commit: CallInstant, chain: [Link],
        audible: CallInstant
    ) {
        self.turn = turn
        self.lastSpeech = lastSpeech
        self.probableEnd = probableEnd
        self.commit = commit
        self.chain = chain
        self.audible = audible
    }

    public var gap: Duration { audible - lastSpeech }

    /// The endpoint delay as it really was: last speech sample to endpoint.
    public var effectiveEndpointDelay: Duration { commit - lastSpeech }

    /// How long audio that was ready waited for the endpoint; a stretch of `endpointDelay`, not beside it.
    public var heldUntilCommit: Duration {
        guard let ready = chain.last?.ended, ready < commit else { return .zero }
        return commit - max(ready, probableEnd)
    }

    /// Durations that sum to `gap`, in the order in which they were waited for; parts that cost nothing are left out.
    public var partition: [(part: Part, duration: Duration)] {
        var waits: [(part: Part, duration: Duration)] = []
        var cursor = audible
        func wait(_ part: Part, since instant: CallInstant) {
            guard instant < cursor else { return }
            if let last = waits.last, last.part == part {
                waits[waits.count - 1].duration = last.duration + (cursor - instant)
            } else {
                waits.append((part, cursor - instant))
            }
            cursor = instant
        }
        wait(.playoutLead, since: max(chain.last?.ended ?? commit, commit))
        for link in chain.reversed() {
            // A stage that began at the commit although its predecessor was done waited for the commit.
            if link.ended < cursor { break }
            wait(link.part, since: max(link.began, lastSpeech))
        }
        // Only a tool of an interrupted turn delays a request beyond both its transcript and the commit.
        if cursor > commit { wait(.tool, since: commit) }
        wait(.endpointDelay, since: max(min(probableEnd, cursor), lastSpeech))
        wait(.detectorConfirmation, since: lastSpeech)
        return waits.reversed()
    }

    /// Work that ran behind something else and cost the caller nothing, or less than it took.
    public var hidden: [(part: Part, duration: Duration)] {
        let visible = partition
        var hidden: [(part: Part, duration: Duration)] = []
        for part in Part.allCases {
            let worked = chain.filter { $0.part == part }.reduce(Duration.zero) { $0 + ($1.ended - $1.began) }
            let waited = visible.filter { $0.part == part }.reduce(Duration.zero) { $0 + $1.duration }
            if worked > waited { hidden.append((part, worked - waited)) }
        }
        let delay = commit - probableEnd
        let waitedForEndpoint = visible.first { $0.part == .endpointDelay }?.duration ?? .zero
        if delay > waitedForEndpoint { hidden.append((.endpointDelay, delay - waitedForEndpoint)) }
        return hidden
    }
}
