import AudioCore
import CallTime
public struct VoiceActivityDetector: Sendable {
    public struct Configuration: Sendable, Equatable { public var sampleRate = SampleRate.narrowband; public init() {} }
    public let hopSamples: Int
    public init(_ c: Configuration) throws(ConfigurationError) { hopSamples = c.sampleRate.hz / 100 }
    public mutating func process(_ hop: Span<Float>) -> Float { Levels.dBFS(meanSquare: Levels.meanSquare(hop)) > -45 ? 0.9 : 0.1 }
    public mutating func reset() {}
}
public enum EndpointingProfile: String, Sendable, CaseIterable { case fast, balanced, patient
    public var endpointDelay: Duration { switch self { case .fast: .milliseconds(300); case .balanced: .milliseconds(400); case .patient: .milliseconds(700) } } }
public enum EndpointReason: String, Sendable { case silence, endOfAudio }
public enum EndpointEvent: Sendable, Equatable {
    case speechStarted(onset: SampleTime, decided: SampleTime)
    case speechProbablyEnded(lastSpeech: SampleTime, decided: SampleTime)
    case speechResumed(onset: SampleTime, decided: SampleTime)
    case speechEnded(lastSpeech: SampleTime, decided: SampleTime, delay: Duration, reason: EndpointReason)
}
public struct Endpointer: Sendable {
    public struct Configuration: Sendable, Equatable { public var sampleRate = SampleRate.narrowband; public var hopSamples = 80; public var endpointDelay = Duration.milliseconds(400); public init() {} }
    let c: Configuration; public var endpointDelay: Duration
    var now = 0, run = 0, last = 0, state = 0
    public init(_ c: Configuration) throws(ConfigurationError) { self.c = c; endpointDelay = c.endpointDelay }
    public mutating func process(probability: Float, isConcealed: Bool = false) -> [EndpointEvent] {
        now += c.hopSamples
        let t = SampleTime(now)
        if probability > 0.5 { run += 1 } else { run = 0 }
        switch state {
        case 0: if run >= 6 { state = 1; last = now; return [.speechStarted(onset: SampleTime(now - 6 * c.hopSamples), decided: t)] }
        case 1: if run > 0 { last = now } else if now - last >= 1200 { state = 2; return [.speechProbablyEnded(lastSpeech: SampleTime(last), decided: t)] }
        default:
            if run >= 2 { last = now; state = 1; return [.speechResumed(onset: t, decided: t)] }
            if now - last >= c.sampleRate.samples(in: endpointDelay) { state = 0; return [.speechEnded(lastSpeech: SampleTime(last), decided: t, delay: endpointDelay, reason: .silence)] }
        }
        return []
    }
    public mutating func finish() -> [EndpointEvent] { [] }
}
