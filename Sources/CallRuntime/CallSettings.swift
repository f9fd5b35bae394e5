import CallTime
import Conversation
import Providers
import VoiceActivity

/// What one call needs to know before its first frame.
public struct CallSettings: Sendable, Equatable {
    public var callID: String
    public var agentName: String
    public var conversation: Conversation.Configuration
    public var detector = VoiceActivityDetector.Kind.learned
    public var endpointDelay = EndpointingProfile.balanced.endpointDelay
    /// Silence after which the transcript is asked for and a reply is prepared, unheard. Shorter than what the analysis
    /// of recordings calls a probable end: a wasted start costs a request, a late one makes every caller wait. A stop
    /// inside a word is silent for 40 to 90 ms.
    public var probableEndDelay = Duration.milliseconds(100)
    /// The system prompt.
    public var instructions = ""
    public var tools: [ToolDescription] = []
    public var voice = ""
    /// What was said before, where a call comes back to the agent.
    public var history: [Message] = []
    /// The civil time at the agent's place when the call begins.
    public var start: CivilDateTime

    public init(
        callID: String, agentName: String, conversation: Conversation.Configuration = .init(), start: CivilDateTime
    ) {
        self.callID = callID
        self.agentName = agentName
        self.conversation = conversation
        self.start = start
    }

    /// The civil time at `instant` of the call, to the second.
    public func civilTime(at instant: CallInstant) -> CivilDateTime {
        let seconds = start.secondOfDay + Int(instant.nanoseconds / 1_000_000_000)
        return CivilDateTime(day: start.day + seconds / 86_400, secondOfDay: seconds % 86_400)
    }
}
