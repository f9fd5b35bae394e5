import CallTime
import Conversation
import Providers

/// Plays a whole call on virtual time: a recording of the caller goes in, a conversation comes out.
///
/// The providers really run, but their answers count at stated delays. So the result depends on the recording, the
/// agent and the delays alone, not on how fast the machine is; and it takes a fraction of the call's length.
public struct VirtualCall: Sendable {
    /// When an answer counts, after what set it off.
    ///
    /// The values are those of good cloud vendors: what the call would feel like with them. A local recogniser and
    /// voice are faster.
    public struct Delays: Sendable, Equatable {
        /// Audio heard → interim transcript of it.
        public var interimTranscript = Duration.milliseconds(150)
        /// Finalize → final transcript.
        public var finalTranscript = Duration.milliseconds(100)
        /// Request → first token.
        public var firstToken = Duration.milliseconds(250)
        /// From token to token: 60 a second.
        public var token = Duration.nanoseconds(16_666_667)
        /// Text → first audio.
        public var firstAudio = Duration.milliseconds(120)
        /// How many times faster than it plays speech arrives after that.
        public var speechRate = 10
        public var tool = Duration.milliseconds(60)
        public init() {}
    }

    public struct Options: Sendable {
        public var delays = Delays()
        /// How long the line stays open after the recording's end; the dead-air ladder normally ends the call sooner.
        public var mostSilenceAfterRecording = Duration.seconds(120)
        public init() {}
    }

    /// What the call came to.
    public struct Outcome: Sendable {
        public var end: CallEnd?
        public var duration: Duration
        public var transcript: CallTranscript
        public var ledgers: [TurnLedger]
        public var journal: [JournalRecord]
        /// Both sides on one clock, of the same length, 8 kHz: what the caller said and what the caller heard.
        public var callerAudio: [Int16]
        public var agentAudio: [Int16]
    }

    public var settings: CallSettings
    public var providers: CallProviders
    public var options: Options

    public init(settings: CallSettings, providers: CallProviders, options: Options = Options()) {
        self.settings = settings
        self.providers = providers
        self.options = options
    }

    /// - Parameters:
    ///   - caller: the caller's side, mu-law at 8 kHz. Silence follows it until the call ends.
    ///   - onEntry: what was said, as it becomes certain.
    public func run(caller: [UInt8], onEntry: (CallTranscript.Entry) -> Void = { _ in }) async throws -> Outcome {
        let heard = Mailbox()
        let session = try await providers.speechToText.open(SpeechToTextConfiguration()) { heard.put($0) }
        var player = try VirtualCallPlayer(self, caller: caller, session: session, heard: heard)
        return await player.play(onEntry)
    }
}
