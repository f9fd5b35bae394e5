import CallTime
import Glibc

/// Finds the keypad's pairs of tones (ITU-T Q.23) within the limits that Q.24 gives for receivers.
///
/// A hop is good when the strongest row and the strongest column hold most of its energy, differ in level no more than
/// a line makes them, and neither lies further from its frequency than 2.5 % (accepted to 1.5 %, refused from 3.5 %). Three
/// good hops of one key in a row are a key (40 ms always hold three, 23 ms never), two that are not end it.
struct KeypadTones: Sendable {
    /// Share of the energy that both tones hold together. Off by 1.5 % at 15 dB of noise, they keep 0.8.
    static let leastShare: Float = 0.72
    /// Level of the column over the row, dB: Q.24's +4 and −8, and what 1.5 % off and a hop's short window cost the weaker tone.
    static let twistDB: ClosedRange<Float> = -12...6
    /// Mean square of a hop: −42 dBFS, 15 dB below the weakest level that Q.24's administrations ask for.
    static let leastPower: Float = 6e-5
    static let tolerance: Float = 0.025
    static let hopsToPress = 3
    static let hopsToRelease = 2

    private var beforeReal = SIMD16<Float>()
    private var beforeImaginary = SIMD16<Float>()
    private var candidate: ToneKey?
    private var goodHops = 0
    private var badHops = 0
    private var start = SampleTime.zero
    private var end = SampleTime.zero
    /// The key that is down.
    private(set) var pressed: ToneKey?

    /// Whether a key is down or about to be: at least two hops sound like one.
    var isSounding: Bool { pressed != nil || goodHops >= 2 }

    /// - Parameter now: the end of the hop.
    mutating func update(
        _ tones: borrowing ToneCorrelators, hopSamples: Int, now: SampleTime, into events: inout ToneEvents
    ) {
        let key = key(in: tones, hopSamples: hopSamples)
        (beforeReal, beforeImaginary) = (tones.real, tones.imaginary)
        if let key, key == candidate {
            goodHops += 1
            badHops = 0
            end = now
        } else if let key {
            release(now, into: &events)
            (candidate, goodHops, badHops, start, end) = (key, 1, 0, now - hopSamples, now)
        } else {
            badHops += 1
            if badHops >= Self.hopsToRelease || pressed == nil {
                release(now, into: &events)
                (candidate, goodHops) = (nil, 0)
            }
        }
        if let candidate, pressed == nil, goodHops >= Self.hopsToPress {
            pressed = candidate
            events.append(ToneEvent(kind: .keyPressed(candidate), start: start, end: end, decided: now))
        }
    }

    private mutating func release(_ now: SampleTime, into events: inout ToneEvents) {
        guard let key = pressed else { return }
        pressed = nil
        events.append(ToneEvent(kind: .keyReleased(key), start: start, end: end, decided: now))
    }

    /// The key whose tones the hop holds.
    private func key(in tones: borrowing ToneCorrelators, hopSamples: Int) -> ToneKey? {
        guard tones.energy > Self.leastPower * Float(hopSamples) else { return nil }
        let squaresReal: SIMD16<Float> = tones.real * tones.real
        let powers = squaresReal + tones.imaginary * tones.imaginary
        let (row, column) = (strongest(powers, 0), strongest(powers, 4))
        let share = (powers[row] + powers[column]) * 2 / (Float(hopSamples) * tones.energy)
        guard share >= Self.leastShare else { return nil }
        let twist = 10 * log10f(powers[column] / max(powers[row], 1e-12))
        guard Self.twistDB.contains(twist) else { return nil }
        // The first hop of a tone has no phase before it to compare with.
        guard goodHops == 0 || isNear(tones, row) && isNear(tones, column) else { return nil }
        return ToneKey(row: UInt8(row), column: UInt8(column - 4))
    }

    private func strongest(_ powers: SIMD16<Float>, _ first: Int) -> Int {
        var best = first
        for lane in first + 1..<first + 4 where powers[lane] > powers[best] { best = lane }
        return best
    }

    /// Whether the phase moved since the hop before as a tone within the tolerance moves it.
    private func isNear(_ tones: borrowing ToneCorrelators, _ lane: Int) -> Bool {
        let (re, im) = (tones.real[lane], tones.imaginary[lane])
        let turnReal = re * beforeReal[lane] + im * beforeImaginary[lane]
        let turnImaginary = im * beforeReal[lane] - re * beforeImaginary[lane]
        let hertz = atan2f(turnImaginary, turnReal) * (100 / (2 * Float.pi))
        return abs(hertz) <= Self.tolerance * Float(ToneCorrelators.frequencies[lane])
    }
}
