import CFlite
import Dispatch
import Glibc
import Providers

/// The process's one flite: its voices, the queue on which it works, and the randomness it draws from.
enum FliteLibrary {
    /// One voice, as compiled into a library of its own.
    struct Voice: Sendable {
        var name: String
        /// What brings active speech (frames within 25 dB of the loudest) to −20 dBFS over fourteen telephone sentences:
        /// measured −18.1 (kal), −26.2 (kal16), −14.4 (slt), −20.3 (rms) and −18.8 dBFS (awb) without it.
        var gain: Float
        /// Statistical voices begin to sound one frame of 5 ms before their segments say.
        var isStatistical: Bool
    }

    static let voices = [
        Voice(name: "kal", gain: 0.80, isStatistical: false),
        Voice(name: "kal16", gain: 2.0, isStatistical: false),
        Voice(name: "slt", gain: 0.52, isStatistical: true),
        Voice(name: "rms", gain: 1.03, isStatistical: true),
        Voice(name: "awb", gain: 0.87, isStatistical: true),
    ]

    /// All of flite runs here, one text at a time in the process. Its voices share values that it counts by reference
    /// without atomic operations, and the statistical ones share `rand()`.
    static let queue = DispatchQueue(label: "parley.flite", qos: .userInitiated)

    static func voice(named name: String) throws(ProviderError) -> Voice {
        if let voice = voices.first(where: { $0.name == name }) { return voice }
        let known = voices.map(\.name).joined(separator: ", ")
        throw ProviderError(
            provider: "flite", kind: .rejected, detail: "there is no voice named \(name); there are \(known)")
    }

    // SAFETY: written once, by the first use of the lazily made constant; used on `queue` only.
    nonisolated(unsafe) private static let registered: [String: UnsafeMutablePointer<cst_voice>] = {
        flite_init()
        var voices: [String: UnsafeMutablePointer<cst_voice>] = [:]
        voices["kal"] = register_cmu_us_kal(nil)
        voices["kal16"] = register_cmu_us_kal16(nil)
        voices["slt"] = register_cmu_us_slt(nil)
        voices["rms"] = register_cmu_us_rms(nil)
        voices["awb"] = register_cmu_us_awb(nil)
        return voices
    }()

    /// flite's own voice. Call it on `queue`.
    static func handle(of voice: Voice) throws(ProviderError) -> UnsafeMutablePointer<cst_voice> {
        if let handle = registered[voice.name] { return handle }
        throw ProviderError(
            provider: "flite", kind: .unavailable, detail: "the voice \(voice.name) could not be registered")
    }

    // MARK: Randomness

    // 128 bytes select glibc's default generator.
    // SAFETY: used on `queue` only.
    nonisolated(unsafe) private static let randomState = UnsafeMutablePointer<CChar>.allocate(capacity: 128)

    /// Runs `body` with `rand()` as it is in a fresh process, then gives the process its own sequence back.
    ///
    /// The statistical voices draw the noise of their excitation from `rand()`, which nobody seeds: that alone makes two
    /// runs differ. Another thread that calls `rand()` meanwhile still takes numbers out of the sequence.
    static func withFreshRandomness<R>(_ body: () -> R) -> R {
        let before = initstate(1, randomState, 128)
        defer { if let before { setstate(before) } }
        return body()
    }
}
