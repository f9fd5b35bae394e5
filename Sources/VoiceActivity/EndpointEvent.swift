import CallTime

/// What an endpointer says of the caller's speech. Times are samples at the detector's rate, from the stream's first.
///
/// `decided` is how many samples had been handed over when it was said; `onset` is the first sample of speech,
/// `lastSpeech` the end of the last (exclusive).
public enum EndpointEvent: Sendable, Equatable {
    /// An utterance begins.
    case speechStarted(onset: SampleTime, decided: SampleTime)
    /// The turn may be over: speech has paused for `probableEndDelay`. Each `speechEnded` has one before it.
    case speechProbablyEnded(lastSpeech: SampleTime, decided: SampleTime)
    /// Speech went on after a probable end; it is the same utterance.
    case speechResumed(onset: SampleTime, decided: SampleTime)
    /// The endpoint: the utterance is over. `delay` is the endpoint delay that was in force.
    case speechEnded(lastSpeech: SampleTime, decided: SampleTime, delay: Duration, reason: EndpointReason)
}

/// Why an utterance is over.
public enum EndpointReason: String, Sendable, CaseIterable {
    /// The endpoint delay passed without speech.
    case silence
    /// The audio ended.
    case endOfAudio
}

/// The events of one hop, in order: none, one or two. Lives in registers or on the stack.
public struct EndpointEvents: Sendable, Equatable, RandomAccessCollection {
    private var first: EndpointEvent?
    private var second: EndpointEvent?

    public init() {}

    public var startIndex: Int { 0 }
    public var endIndex: Int { first == nil ? 0 : second == nil ? 1 : 2 }

    public subscript(index: Int) -> EndpointEvent {
        precondition(index >= 0 && index < endIndex, "event \(index) of \(endIndex)")
        return (index == 0 ? first : second)!
    }

    mutating func append(_ event: EndpointEvent) {
        precondition(second == nil, "a hop has at most two events")
        if first == nil { first = event } else { second = event }
    }
}
