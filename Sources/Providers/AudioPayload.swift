/// Mono audio as it travels between the runtime and a provider: encoded bytes or linear samples.
public enum AudioPayload: Sendable, Equatable {
    /// G.711 mu-law, 8,000 Hz, one byte a sample.
    case muLaw([UInt8])
    /// Linear 16-bit samples at the rate both sides agreed on when the stream was opened.
    case linear16([Int16])

    public var sampleCount: Int {
        switch self {
        case .muLaw(let bytes): bytes.count
        case .linear16(let samples): samples.count
        }
    }
}
