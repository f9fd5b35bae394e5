import CallTime
import Glibc

/// Test signals, mono, −1…1.
public enum Signals {
    /// amplitude · sin(2π · frequencyHz · n/rate + phase), computed in double precision.
    public static func sine(
        _ frequencyHz: Double, at rate: SampleRate, count: Int, amplitude: Double = 0.5, phase: Double = 0
    ) -> [Float] {
        (0..<count).map { Float(amplitude * sin(2 * .pi * frequencyHz * Double($0) / Double(rate.hz) + phase)) }
    }

    /// White noise, evenly distributed over ±amplitude.
    public static func noise(seed: UInt64, count: Int, amplitude: Float = 0.5) -> [Float] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in random.nextSample() * amplitude }
    }

    /// From `start` to `end` in even steps, both included.
    public static func ramp(from start: Float = -1, to end: Float = 1, count: Int) -> [Float] {
        (0..<count).map { start + (end - start) * Float($0) / Float(max(count - 1, 1)) }
    }

    /// Zeros but for one sample.
    public static func impulse(at index: Int, count: Int, amplitude: Float = 1) -> [Float] {
        var signal = [Float](repeating: 0, count: count)
        signal[index] = amplitude
        return signal
    }
}
