import CallTime
import Glibc
import TestSupport
import Testing
import VoiceActivity

/// Signals made by formula for the detector's tests, at 8 or 16 kHz.
enum VoiceSignals {
    /// A voice: harmonics of a gliding pitch under three formants, four syllables a second.
    static func voice(seconds: Double, at rate: SampleRate, level: Double = 0.2, pitchHz: Double = 120) -> [Float] {
        let count = Int(seconds * Double(rate.hz))
        var phase = 0.0
        return (0..<count).map { n in
            let t = Double(n) / Double(rate.hz)
            let pitch = pitchHz * (1 + 0.15 * sin(2 * .pi * 0.7 * t))
            phase += 2 * .pi * pitch / Double(rate.hz)
            let open = 0.5 + 0.5 * sin(2 * .pi * 1.3 * t)
            var sum = 0.0
            for k in 1...Int(3_600 / pitch) {
                let hz = Double(k) * pitch
                sum += formants(hz, open) * sin(Double(k) * phase)
            }
            return Float(level * sum * abs(sin(.pi * 4 * t)))
        }
    }

    private static func formants(_ hz: Double, _ open: Double) -> Double {
        let peak = { (centre: Double, width: Double) in 1 / (1 + pow((hz - centre) / width, 2)) }
        return 0.5 * peak(400 + 350 * open, 90) + 0.3 * peak(1_900 - 700 * open, 130) + 0.12 * peak(2_600, 200)
    }

    static func silence(seconds: Double, at rate: SampleRate) -> [Float] {
        [Float](repeating: 0, count: Int(seconds * Double(rate.hz)))
    }

    /// White noise of the given level.
    static func hiss(seconds: Double, at rate: SampleRate, dBFS: Double, seed: UInt64 = 7) -> [Float] {
        // Evenly distributed over ±a has a mean square of a²/3.
        let amplitude = pow(10, dBFS / 20) * 3.0.squareRoot()
        return Signals.noise(seed: seed, count: Int(seconds * Double(rate.hz)), amplitude: Float(amplitude))
    }

    /// Mains hum: the base and its harmonics, each weaker than the one before.
    static func hum(_ hz: Double, seconds: Double, at rate: SampleRate, amplitude: Double) -> [Float] {
        let count = Int(seconds * Double(rate.hz))
        return (1...12).reduce([Float](repeating: 0, count: count)) { sum, k in
            let wave = Signals.sine(
                hz * Double(k), at: rate, count: count, amplitude: amplitude / Double(k), phase: Double(k))
            return zip(sum, wave).map { $0 + $1 }
        }
    }

    static func mixed(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map { $0 + $1 } }
}

/// The probabilities of a signal, hop by hop, from a fresh detector.
func probabilities(
    of signal: [Float], at rate: SampleRate, _ kind: VoiceActivityDetector.Kind = .rule
) throws -> [Float] {
    var detector = try makeDetector(rate, kind)
    return run(&detector, signal)
}

/// The rule unless said: what `VoiceSignals` makes is loud and voiced, but no voice to the learned detector.
func makeDetector(_ rate: SampleRate, _ kind: VoiceActivityDetector.Kind = .rule) throws -> VoiceActivityDetector {
    var configuration = VoiceActivityDetector.Configuration()
    configuration.sampleRate = rate
    configuration.kind = kind
    return try VoiceActivityDetector(configuration)
}

func run(_ detector: inout VoiceActivityDetector, _ signal: [Float]) -> [Float] {
    var result: [Float] = []
    let hop = detector.hopSamples
    for start in stride(from: 0, to: signal.count - hop + 1, by: hop) {
        result.append(detector.process(signal.span.extracting(start..<start + hop)))
    }
    return result
}

let bothRates: [SampleRate] = [.narrowband, .wideband]

/// A detector of some kind at some rate.
struct Ear: Sendable, CustomTestStringConvertible {
    let rate: SampleRate
    let kind: VoiceActivityDetector.Kind

    var testDescription: String { "\(kind.rawValue) at \(rate.hz) Hz" }

    func probabilities(of signal: [Float]) throws -> [Float] {
        try VoiceActivityTests.probabilities(of: signal, at: rate, kind)
    }
}

let everyEar = VoiceActivityDetector.Kind.allCases.flatMap { kind in bothRates.map { Ear(rate: $0, kind: kind) } }
