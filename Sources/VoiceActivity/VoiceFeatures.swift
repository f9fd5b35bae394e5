/// The layout of the feature vector that `VoiceFeatureExtractor` writes for each hop: 108 values in natural units.
///
/// Values are not centred or scaled; a model folds that into its weights. The order is fixed: models depend on it.
///
/// | Index | Value | Unit, range |
/// |---|---|---|
/// | 0–15 | level of each of the 16 `SpeechBands` over its noise floor | dB, −10…50 |
/// | 16–31 | `Scalar`, in its order | below |
/// | 32–39 | the 8 `Summary` values, leaky mean over 60 ms | as below |
/// | 40–47 | the same over 300 ms | |
/// | 48–55 | the same over 1.2 s | |
/// | 56–63 | leaky mean over 300 ms of their distance from the 300 ms mean | ≥ 0 |
/// | 64–95 | level of each of the 32 `FineBands` over `level` | dB, −60…20 |
/// | 96–103 | level of each of the 8 `UpperBands` over its noise floor, 0 at 8 kHz | dB, −10…50 |
/// | 104–107 | `Wide`, in its order | below |
///
/// `SpeechRule` reads the first 64, `SpeechNetwork` all of them.
///
/// The syllables of speech show in the last group: levels and harmonicity that rise and fall several times a second,
/// which the noise of a line, a fan or a road does not.
public enum VoiceFeatures {
    /// Values a hop.
    public static let count = 108
    /// Values of these that `SpeechRule` reads: the first.
    static let ruleCount = 64

    /// Where the groups begin.
    public static let firstBandExcess = 0
    public static let firstScalar = 16
    public static let firstMemory = 32
    public static let summaryCount = 8
    public static let firstFineBand = 64
    public static let firstUpperBand = 96

    /// Values of the newest window or hop alone; the index in the vector is the raw value.
    public enum Scalar: Int, CaseIterable, Sendable {
        /// Level of the window, 150 to 3,750 Hz, dBFS, −90…0.
        case level = 16
        /// `level` over its noise floor, dB, −10…60.
        case levelOverFloor
        /// Mean of the band excesses that are positive (others count as 0), dB, 0…50.
        case meanExcess
        /// Mean of the bands' levels minus the level of their mean, dB: 0 for a flat spectrum, to −40 for a tone.
        case flatness
        /// Height of the pitch peak, 0…1 (see `Periodicity`).
        case harmonicity
        /// log2 of the pitch over 100 Hz, −0.5…2.
        case pitch
        /// Distance of the pitch from the one before, octaves, 0…1.
        case pitchJump
        /// Mean change of the bands' levels since two hops before, without sign, dB, 0…30.
        case flux
        /// Shape of the spectrum: cosine transform of the bands' levels, orders 1 to 5, dB; the first is tilt.
        case shape1, shape2, shape3, shape4, shape5
        /// Level of the newest hop's edges (its short differences) over its floor, dB, −10…60: 10 ms sharp, blind to offset.
        case edgeOverFloor
        /// `level` minus the highest level of late, which falls by 10 dB a second, dB, −60…0.
        case belowPeak
        /// `level` minus its leaky mean over 100 ms, dB, −40…40.
        case rise
    }

    /// What the memory groups remember; `position` in a group is the raw value.
    public enum Summary: Int, CaseIterable, Sendable {
        case meanExcess, edgeOverFloor, harmonicity, flatness, flux, shape1
        /// Harmonicity times `levelOverFloor` (not under 0), dB.
        case voicedExcess
        case pitchJump
    }

    /// Values that only the network reads; the index in the vector is the raw value.
    public enum Wide: Int, CaseIterable, Sendable {
        /// Level of the newest hop's edges, dBFS, −90…10.
        case edgeLevel = 104
        /// Mean of the fine bands' levels minus the level of their mean, dB, −60…0: finer than `flatness`, so that the
        /// harmonics of a low voice count.
        case fineFlatness
        /// Level from 4 to 7.75 kHz over `level`, dB, −60…30; 0 at 8 kHz.
        case upperLevel
        /// 1 at 16 kHz, 0 at 8 kHz.
        case isWideband
    }
}
