import AudioCore
import CallTime
import Glibc
import TestSupport
import Testing

@Suite("The real FFT")
struct RealFFTTests {
    private static let sizes = [64, 128, 256, 512, 1_024]

    @Test(arguments: sizes)
    func agreesWithTheDirectTransform(size: Int) {
        for (name, signal) in Self.signals(size) {
            let (real, imaginary) = Self.spectrum(signal)
            let direct = Self.directTransform(signal)
            let largest = direct.map { ($0.re * $0.re + $0.im * $0.im).squareRoot() }.max()!
            for k in 0...size / 2 {
                let error = hypot(Double(real[k]) - direct[k].re, Double(imaginary[k]) - direct[k].im)
                #expect(error <= 2e-6 * largest, "\(name), size \(size), bin \(k)")
            }
        }
    }

    @Test(arguments: sizes)
    func powerIsTheSquareOfTheSpectrum(size: Int) {
        let signal = Signals.noise(seed: 5, count: size)
        let (real, imaginary) = Self.spectrum(signal)
        let power = Self.power(signal)
        for k in 0...size / 2 { #expect(power[k] == real[k] * real[k] + imaginary[k] * imaginary[k], "bin \(k)") }
    }

    @Test(arguments: sizes)
    func aSineOnABinHasItsPowerThereAndNowhereElse(size: Int) {
        let rate = SampleRate.narrowband
        let bin = size / 8 + 1
        let sine = Signals.sine(Double(bin * rate.hz) / Double(size), at: rate, count: size, amplitude: 0.5)
        let power = Self.power(sine)
        let expected = Float(size * size) / 16
        #expect(abs(power[bin] - expected) <= 1e-5 * expected)
        for k in 0...size / 2 where k != bin { #expect(power[k] < 1e-9 * expected, "bin \(k)") }
    }

    @Test(arguments: sizes)
    func silenceGivesSilence(size: Int) {
        #expect(Self.power([Float](repeating: 0, count: size)).allSatisfy { $0 == 0 })
    }

    @Test func noCallRemembersTheOneBefore() {
        var fft = RealFFT(size: 256)
        let signal = Signals.noise(seed: 6, count: 256)
        let spoiled = [Float](repeating: .nan, count: 256)
        var power = [Float](repeating: 0, count: 129)
        var span = power.mutableSpan
        fft.powerSpectrum(of: spoiled.span, into: &span)
        fft.powerSpectrum(of: signal.span, into: &span)
        #expect(power == Self.power(signal))
    }

    @Test func countsItsBins() {
        let fft = RealFFT(size: 512)
        #expect(fft.binCount == 257)
    }

    @Test(.enabled(if: canCountAllocations))
    func transformingAllocatesNothing() {
        var fft = RealFFT(size: 512)
        let signal = Signals.noise(seed: 7, count: 512)
        var power = [Float](repeating: 0, count: 257)
        func transform() {
            var span = power.mutableSpan
            fft.powerSpectrum(of: signal.span, into: &span)
        }
        transform()
        #expect(countingAllocations(transform) == .none)
    }

    private static func signals(_ size: Int) -> [(String, [Float])] {
        [
            ("noise", Signals.noise(seed: UInt64(size), count: size)), ("ramp", Signals.ramp(count: size)),
            ("impulse", Signals.impulse(at: 3, count: size)),
            ("sine between bins", Signals.sine(1_234.5, at: .narrowband, count: size)),
            ("alternating", (0..<size).map { $0 % 2 == 0 ? 1 : -1 }),
        ]
    }

    private static func power(_ signal: [Float]) -> [Float] {
        var fft = RealFFT(size: signal.count)
        var power = [Float](repeating: .nan, count: fft.binCount)
        var span = power.mutableSpan
        fft.powerSpectrum(of: signal.span, into: &span)
        return power
    }

    private static func spectrum(_ signal: [Float]) -> ([Float], [Float]) {
        var fft = RealFFT(size: signal.count)
        var real = [Float](repeating: .nan, count: fft.binCount)
        var imaginary = real
        var realSpan = real.mutableSpan
        var imaginarySpan = imaginary.mutableSpan
        fft.spectrum(of: signal.span, real: &realSpan, imaginary: &imaginarySpan)
        return (real, imaginary)
    }

    private static func directTransform(_ signal: [Float]) -> [(re: Double, im: Double)] {
        let size = signal.count
        let angles = (0..<size).map { 2 * Double.pi * Double($0) / Double(size) }
        let (cosines, sines) = (angles.map { cos($0) }, angles.map { sin($0) })
        return (0...size / 2).map { k in
            var (re, im) = (0.0, 0.0)
            for n in 0..<size {
                let turn = k * n % size
                re += Double(signal[n]) * cosines[turn]
                im -= Double(signal[n]) * sines[turn]
            }
            return (re, im)
        }
    }
}
