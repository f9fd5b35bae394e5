import CallTime

/// Hears keypad tones, the network's tones and an answering machine's beep: events that are not speech.
///
/// - Input: one hop of 10 ms of mono samples, −1…1, at 8 or 16 kHz. Samples that are not finite count as 0.
/// - Output: at most two events a hop, with the samples where the tone began and ended, to a hop.
/// - Limits: keys by ITU-T Q.23 and Q.24 (`KeypadTones`), the network's tones by frequency and cadence (`NetworkTones`).
/// - Real time: a value of fixed size; the tables are shared and made with the first detector. One thread at a time.
public struct ToneDetector: Sendable {
    /// Samples a hop: 80 at 8 kHz, 160 at 16 kHz.
    public let hopSamples: Int
    /// Whether the newest hops are a tone: what they hold is no speech, however voiced it is.
    public var isTone: Bool { keypad.isSounding || network.isSounding }

    private let sampleRate: SampleRate
    private var correlators: ToneCorrelators
    private var keypad = KeypadTones()
    private var network = NetworkTones()
    private var now = SampleTime.zero

    /// - Throws: `ConfigurationError` for a rate other than 8 or 16 kHz.
    public init(sampleRate: SampleRate = .narrowband) throws(ConfigurationError) {
        guard sampleRate == .narrowband || sampleRate == .wideband else {
            throw ConfigurationError(field: "sampleRate", given: "\(sampleRate.hz) Hz", allowed: "8000 or 16000 Hz")
        }
        self.sampleRate = sampleRate
        hopSamples = sampleRate.samples(in: .milliseconds(10))
        correlators = ToneCorrelators(sampleRate: sampleRate)
    }

    /// Takes the newest hop.
    /// - Precondition: `hop` has `hopSamples` samples.
    public mutating func process(_ hop: Span<Float>) -> ToneEvents {
        precondition(hop.count == hopSamples, "a hop has \(hopSamples) samples, given \(hop.count)")
        now += hopSamples
        var events = ToneEvents()
        correlators.update(hop)
        // Not a number anywhere, or louder than any line: nothing can be a tone, and nothing of it is kept.
        guard correlators.energy <= 4 * Float(hopSamples) else {
            correlators = ToneCorrelators(sampleRate: sampleRate)
            return events
        }
        keypad.update(correlators, hopSamples: hopSamples, now: now, into: &events)
        let single = keypad.isSounding ? nil : SteadyTone.frequency(of: hop, sampleRate: sampleRate)
        network.update(correlators, single: single, hopSamples: hopSamples, now: now, into: &events)
        return events
    }

    /// Forgets the past: the next hop is the first.
    public mutating func reset() {
        correlators = ToneCorrelators(sampleRate: sampleRate)
        (keypad, network, now) = (KeypadTones(), NetworkTones(), .zero)
    }
}
