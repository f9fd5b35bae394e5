import CallTime

/// Follows the tones that a network or an answering machine plays: pairs by their shares of 50 ms, single ones by their
/// frequency from hop to hop, and what they are by how long they sound and rest.
struct NetworkTones: Sendable {
    /// What sounds.
    enum Sound: Sendable, Equatable {
        case dialPair, ringPair, busyPair
        case single
    }

    /// Two tones of a pair hold this share of 50 ms of sound.
    static let leastShare: Float = 0.75
    static let leastPower: Float = 1.6e-5
    /// A tone's frequency stays within this of its mean: a sung or spoken vowel does not for 150 ms.
    static let steadiness: Float = 0.012
    /// Hops that may be missing in a sound.
    static let gapHops = 2
    private static let pairs: [(sound: Sound, lanes: (Int, Int))] = [
        (.dialPair, (8, 9)), (.ringPair, (9, 10)), (.busyPair, (10, 11)),
    ]
    private static let windowHops = 5

    private var past = InlineArray<5, SIMD16<Float>>(repeating: SIMD16())
    private var energies = InlineArray<5, Float>(repeating: 0)
    private var hops = 0

    private var sound: Sound?
    private var hertz: Float = 0
    private var soundHops = 0
    private var missing = 0
    private var start = SampleTime.zero
    private var end = SampleTime.zero
    private var saidWhileSounding = false
    /// The sound before this one: what it was, its length, the rest after it.
    private var before: (sound: Sound, hertz: Float, length: Int, end: SampleTime)?
    private var twoBefore: (sound: Sound, hertz: Float, length: Int, end: SampleTime)?

    /// Whether a tone has been sounding for 50 ms.
    var isSounding: Bool { sound != nil && soundHops >= 5 }

    /// - Parameter hertz: the frequency of the hop where it is one pure tone.
    mutating func update(
        _ tones: borrowing ToneCorrelators, single hertz: Float?, hopSamples: Int, now: SampleTime,
        into events: inout ToneEvents
    ) {
        remember(tones)
        if let heard = heard(hertz, hopSamples), sound == nil || continues(heard, hertz) {
            if sound == nil { begin(heard, hertz, now - hopSamples) }
            soundHops += 1
            missing = 0
            end = now
            if let hertz { self.hertz += (hertz - self.hertz) / Float(min(soundHops, 20)) }
            sayWhileSounding(now, hopSamples, into: &events)
        } else if sound != nil {
            missing += 1
            if missing > Self.gapHops { finish(now, hopSamples, into: &events) }
        }
    }

    private mutating func remember(_ tones: borrowing ToneCorrelators) {
        // The upper eight lanes alone are of the network: real parts below, imaginary above.
        past[hops % Self.windowHops] = SIMD16(lowHalf: tones.real.highHalf, highHalf: tones.imaginary.highHalf)
        energies[hops % Self.windowHops] = tones.energy
        hops += 1
    }

    /// What the last 50 ms hold.
    private func heard(_ single: Float?, _ hopSamples: Int) -> Sound? {
        // Pairs first: two near tones are, in 10 ms, one that swells.
        var (sum, energy) = (SIMD16<Float>(), Float(0))
        for place in 0..<Self.windowHops {
            sum += past[place]
            energy += energies[place]
        }
        let count = Float(hopSamples * Self.windowHops)
        guard energy > Self.leastPower * count else { return single == nil ? nil : .single }
        let squares: SIMD16<Float> = sum * sum
        let powers = squares.lowHalf + squares.highHalf
        for (sound, lanes) in Self.pairs {
            let (a, b) = (powers[lanes.0 - 8], powers[lanes.1 - 8])
            if (a + b) * 2 >= Self.leastShare * count * energy, min(a, b) >= 0.1 * max(a, b) { return sound }
        }
        return single == nil ? nil : .single
    }

    private func continues(_ heard: Sound, _ single: Float?) -> Bool {
        guard heard == sound else { return false }
        guard heard == .single, let single else { return true }
        return abs(single - hertz) <= Self.steadiness * hertz
    }

    private mutating func begin(_ heard: Sound, _ single: Float?, _ at: SampleTime) {
        // A pair is seen once it fills the window.
        (sound, hertz, soundHops, missing, start) = (heard, single ?? 0, 0, 0, at)
        saidWhileSounding = false
    }
}

// MARK: - What it means

extension NetworkTones {
    private func isEuropean(_ hertz: Float) -> Bool { abs(hertz - 425) <= 15 }

    /// A tone that goes on needs no end to be known: dial tone, and the ring that is longer than any busy tone.
    private mutating func sayWhileSounding(_ now: SampleTime, _ hopSamples: Int, into events: inout ToneEvents) {
        guard !saidWhileSounding, let sound else { return }
        let tone: CallTone? =
            switch sound {
            case .dialPair where soundHops >= 100: .dial
            case .ringPair where soundHops >= 70: .ringback
            case .single where isEuropean(hertz) && soundHops >= 250: .dial
            default: nil
            }
        guard let tone else { return }
        saidWhileSounding = true
        events.append(ToneEvent(kind: .call(tone), start: start, end: end, decided: now))
    }

    private mutating func finish(_ now: SampleTime, _ hopSamples: Int, into events: inout ToneEvents) {
        defer { (sound, soundHops) = (nil, 0) }
        guard let sound, soundHops >= 8 else { return }
        let length = end - start
        let milliseconds = length * 10 / hopSamples
        if !saidWhileSounding, let kind = kind(sound, milliseconds, hopSamples) {
            events.append(ToneEvent(kind: kind, start: start, end: end, decided: now))
        }
        twoBefore = before
        before = (sound, hertz, length, end)
    }

    private func kind(_ sound: Sound, _ milliseconds: Int, _ hopSamples: Int) -> ToneEvent.Kind? {
        switch sound {
        case .dialPair, .ringPair: return nil
        case .busyPair: return cadence(sound, milliseconds, hopSamples).map { .call($0) }
        case .single where isEuropean(hertz):
            if milliseconds >= 700 { return .call(.ringback) }
            return cadence(sound, milliseconds, hopSamples).map { .call($0) }
        case .single: return single(milliseconds, hopSamples)
        }
    }

    /// Busy or congestion: the second of two sounds alike with a rest of about their length between.
    private func cadence(_ sound: Sound, _ milliseconds: Int, _ hopSamples: Int) -> CallTone? {
        guard let before, before.sound == sound else { return nil }
        let rest = (start - before.end) * 10 / hopSamples
        let earlier = before.length * 10 / hopSamples
        if (380...650).contains(milliseconds), (380...650).contains(earlier), (330...700).contains(rest) {
            return .busy
        }
        if (150...330).contains(milliseconds), (150...330).contains(earlier), (130...380).contains(rest) {
            return .congestion
        }
        return nil
    }

    private func single(_ milliseconds: Int, _ hopSamples: Int) -> ToneEvent.Kind? {
        if abs(hertz - 1_100) <= 40, (400...650).contains(milliseconds) { return .call(.fax) }
        if abs(hertz - 1_795) <= 60, let before, let twoBefore, abs(before.hertz - 1_400) <= 50,
            abs(twoBefore.hertz - 950) <= 50
        {
            return .call(.specialInformation)
        }
        let isPartOfInformation = abs(hertz - 950) <= 50 || abs(hertz - 1_400) <= 50
        if isPartOfInformation, (230...400).contains(milliseconds) { return nil }
        return (150...3_000).contains(milliseconds) ? .beep(hertz: Int(hertz.rounded())) : nil
    }
}
