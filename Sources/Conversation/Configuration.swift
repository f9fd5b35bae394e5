import CallTime

extension Conversation {
    /// Everything the rules need to know of the agent, its lines and its limits.
    public struct Configuration: Sendable, Equatable {
        /// The rate of the agent's audio; positions inside segments count its samples.
        public var playoutRate = SampleRate.narrowband
        public var flow = Flow()

        // MARK: Lines

        /// Said once media flows; empty: the agent waits for the caller.
        public var opening = [DialogueScript.OpeningLine(text: "Hello, how can I help you?")]
        /// The flow's step that the opening asks for.
        public var openingExpects: String?
        /// Said one after another while nobody speaks; each waits for its silence.
        public var deadAirLadder = DialogueLimits().deadAir
        /// Silence after the ladder's last prompt; then the goodbye.
        public var deadAirGiveUp = Duration.seconds(8)
        public var deadAirGoodbye = "I can't hear anyone, so I'll hang up now. Please call again any time. Goodbye."
        /// Covers a model or tool that is late.
        public var waitLine = "One moment, please."
        /// Said when a tool takes longer than `fillerAfter`; empty: nothing is said.
        public var fillerLine = "Let me check that for you."
        public var fillerAfter = Duration.milliseconds(700)
        /// Said before a handoff when the model said nothing with it; empty: the model is asked for words.
        public var handoffLine = ""
        /// Covers one that failed, with the caller asked to go on.
        public var apology = "I'm sorry, something went wrong here. Could you say that again?"
        /// When that has failed twice in a row.
        public var failureGoodbye = "I'm sorry, I can't help you right now. Please call again later. Goodbye."
        /// When the call has reached its longest, in time or in turns.
        public var limitGoodbye = "I'm sorry, I have to end this call now. Please call again any time. Goodbye."

        // MARK: Limits

        public var longestCall = DialogueLimits().longestCall
        /// Turns of the caller's; the one after it is answered with the goodbye.
        public var mostTurns = DialogueLimits().mostTurns
        public var deadlines = Deadlines()
        public var bargeIn = BargeIn()
        /// A model's reply is spoken from its first clause of this many words on. "Of course," covers the rest of the
        /// sentence while that is still being written.
        public var firstClauseWords = 2
        /// Keys that answer a question are whole after this long without a further one (field: 2 s), or with `#`.
        public var keyPause = Duration.seconds(2)

        public init() {}

        /// The lines and limits of an agent; what the script does not say keeps its default.
        public init(_ script: DialogueScript) {
            flow = script.flow
            opening = script.opening
            deadAirLadder = script.limits.deadAir
            longestCall = script.limits.longestCall
            mostTurns = script.limits.mostTurns
            waitLine = script.lines.oneMoment
            fillerLine = script.lines.filler
            fillerAfter = script.limits.fillerAfter
            handoffLine = script.escalation?.announce ?? ""
        }
    }

    /// How long each obligation may take before something is said instead.
    ///
    /// The sum of any two stays below the four seconds after which callers say "hello?".
    public struct Deadlines: Sendable, Equatable {
        /// Finalize → final transcript. Vendors promise 0.35 to 2 s at their 99th percentile.
        public var transcript = Duration.milliseconds(1_500)
        /// Request → first token; then the wait line, and as long again for the apology.
        public var firstToken = Duration.milliseconds(2_500)
        /// Clause handed to the voice → its first audio.
        public var firstAudio = Duration.milliseconds(1_500)
        /// Audio queued and started → audible; also between two segments of a reply.
        public var playout = Duration.milliseconds(3_000)
        /// Tool started → result.
        public var tool = Duration.seconds(5)
        public init() {}
    }

    /// When the caller's voice over ours takes the turn.
    public struct BargeIn: Sendable, Equatable {
        /// Speech that goes on this long after its onset takes the turn, unless the words so far are a backchannel:
        /// a "mm-hm" lasts 0.2-0.4 s, and the detector needs up to 0.2 s more to notice its end.
        public var confirmingSpeech = Duration.milliseconds(650)
        /// Speech that was this long takes the turn also when not a word of it was understood.
        public var confirmingLength = Duration.milliseconds(450)
        /// Interim words that take it sooner.
        public var confirmingWords = 2
        /// Playout is held at most this long without a decision; then it resumes.
        public var decision = Duration.milliseconds(600)
        /// What listeners say without wanting the turn.
        public var backchannels: Set<String> = [
            "mm-hm", "mmhm", "mhm", "mm", "hm", "hmm", "uh-huh", "uhuh", "uh", "um", "ah", "oh", "aha",
        ]
        /// The same while we tell something, but an answer when we have asked.
        public var acknowledgements: Set<String> = [
            "okay", "ok", "yeah", "yes", "yep", "right", "i see", "sure", "all right", "alright", "good", "great",
        ]
        public init() {}
    }
}
