/// How long to wait for a caller who has stopped speaking, as an agent's author chooses it.
public enum EndpointingProfile: String, Sendable, CaseIterable {
    /// 300 ms: quick dialogues of short answers; cuts into thinking pauses.
    case fast
    /// 400 ms: the default.
    case balanced
    /// 700 ms: callers who pause, spell or dictate.
    case patient

    /// Silence waited after the last speech sample.
    public var endpointDelay: Duration {
        switch self {
        case .fast: .milliseconds(300)
        case .balanced: .milliseconds(400)
        case .patient: .milliseconds(700)
        }
    }
}
