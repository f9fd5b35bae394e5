import AudioCore
import CSampleRateBench
import CallTime
import Codecs
import Glibc

/// The audio path, part by part: what 20 ms of one call cost. `--call` leaves it at the call's
/// stages, without the comparisons. See Benchmarks/README.md.
@main
enum CoreBench {
    static func main() throws {
        print("load average \(loadAverage())")
        defer { print("\nload average \(loadAverage())") }
        try CallPath.run()
        if CommandLine.arguments.contains("--call") { return }
        ring()
        g711()
        fft()
        for (from, to) in [
            (8_000, 16_000), (16_000, 8_000), (8_000, 24_000), (24_000, 8_000), (8_000, 48_000), (48_000, 8_000),
            (16_000, 24_000), (24_000, 16_000),
        ] { try resampler(from, to) }
    }

    static func ring() {
        let ring = RingBuffer.make(of: Float.self, capacity: 8_192)
        var producer = ring.producer
        var consumer = ring.consumer
        let frame = noise(160)
        var target = frame
        let copy = measure("copy of 160 samples", batch: 10_000) {
            target.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: frame) }
        }
        let bulk = measure("ring write and read of 160 samples, one thread", batch: 10_000) {
            _ = producer.write(frame.span)
            var span = target.mutableSpan
            _ = consumer.read(into: &span)
        }
        report("Ring, baseline a plain copy", [copy, bulk])
    }

    static func g711() {
        let samples = noise(160)
        let integers = samples.map { Int16($0 * 32_767) }
        var bytes = [UInt8](repeating: 0x55, count: 160)
        var decoded = samples
        let arithmeticDecode = measure("mu-law decode, arithmetic", batch: 2_000) {
            for i in 0..<160 { decoded[i] = Float(MuLaw.decode16(bytes[i])) / 32_768 }
        }
        let decode = measure("mu-law decode, table", batch: 10_000) {
            var span = decoded.mutableSpan
            MuLaw.decode(bytes.span, into: &span)
        }
        report("mu-law decode of 160 bytes, baseline the standard's arithmetic", [arithmeticDecode, decode])
        let arithmeticEncode = measure("mu-law encode of Int16, arithmetic", batch: 2_000) {
            for i in 0..<160 { bytes[i] = encodeByArithmetic(integers[i]) }
        }
        let encode = measure("mu-law encode of Int16, table", batch: 2_000) {
            var span = bytes.mutableSpan
            MuLaw.encode(integers.span, into: &span)
        }
        let encodeFloat = measure("mu-law encode of Float, table", batch: 2_000) {
            var span = bytes.mutableSpan
            MuLaw.encode(samples.span, into: &span)
        }
        report("mu-law encode of 160 samples", [arithmeticEncode, encode, encodeFloat])
    }

    @inline(__always)
    static func encodeByArithmetic(_ sample: Int16) -> UInt8 {
        let x = Int(sample)
        let biased = min(abs(x), 32_635) + 132
        let exponent = 56 - biased.leadingZeroBitCount
        return ~UInt8((x < 0 ? 0x80 : 0) | exponent << 4 | (biased >> (exponent + 3)) & 0x0F)
    }

    static func fft() {
        for size in [64, 128, 256, 512, 1_024] {
            var fft = RealFFT(size: size)
            let samples = noise(size)
            var power = [Float](repeating: 0, count: fft.binCount)
            let squares = measure("mean square of the same samples", batch: 5_000) {
                power[0] = Levels.meanSquare(samples.span)
            }
            let spectrum = measure("power spectrum", batch: 1_000) {
                var span = power.mutableSpan
                fft.powerSpectrum(of: samples.span, into: &span)
            }
            report("FFT of \(size), baseline one pass over the samples", [squares, spectrum])
        }
    }

    static func resampler(_ from: Int, _ to: Int) throws {
        let samples = noise(from / 50)
        var output = [Float](repeating: 0, count: to / 50 + 64)
        let state = src_new(Int32(SRC_SINC_FASTEST), 1, nil)!
        let library = measure("libsamplerate SINC_FASTEST", batch: 20) {
            var data = SRC_DATA()
            data.input_frames = samples.count
            data.output_frames = output.count
            data.src_ratio = Double(to) / Double(from)
            samples.withUnsafeBufferPointer { source in
                output.withUnsafeMutableBufferPointer { target in
                    data.data_in = source.baseAddress!
                    data.data_out = target.baseAddress!
                    _ = src_process(state, &data)
                }
            }
        }
        src_delete(state)
        var resampler = try Resampler(from: SampleRate(hz: from), to: SampleRate(hz: to))
        let own = measure("Resampler, polyphase", batch: 100) {
            var span = output.mutableSpan
            _ = resampler.process(samples.span, into: &span)
        }
        report("Resampling 20 ms, \(from) to \(to) Hz", [library, own])
    }

    /// Repeatable noise; what the samples are does not matter to any of these loops.
    static func noise(_ count: Int) -> [Float] {
        var state: UInt32 = 1
        return (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(Int32(bitPattern: state)) / 4_294_967_296
        }
    }
}
