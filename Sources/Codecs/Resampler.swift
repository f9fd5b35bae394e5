import CallTime

/// Changes the sample rate of one stream.
///
/// - Input: mono samples at `input`, any number a call.
/// - Output: mono samples at `output`. After n samples in, exactly ⌈n · output/input⌉ samples have come out, however
///   the input was cut into calls; the samples are the same, bit for bit, as in one call for all.
/// - Delay: constant. What went in at sample i sounds at `delaySamples` + i · output/input; the first `delaySamples`
///   outputs are the filter filling up. 3 ms at 8 kHz on either side (24 samples of the lower rate).
/// - Pass band: 0 to 0.36 of the lower rate within 0.1 dB, −6 dB at 0.430. Stop band from half the lower rate on,
///   −101 dB by the polyphase filter (all pairs of 8, 12, 16, 24 and 48 kHz), −94 dB by libsamplerate, whose pass band
///   ends a little earlier. Measured in Benchmarks/resampler.md.
/// - Edges: a square wave of full scale overshoots it by about a tenth; clip when making integers. A sample that is
///   not a number spoils one filter length of output, then is forgotten.
/// - Method: a polyphase filter where it is known to be faster (`usesPolyphase`), otherwise libsamplerate's SINC_FASTEST;
///   equal rates are copied.
/// - Real time: allocates in `init` only. One stream, one resampler, one thread at a time.
public struct Resampler: ~Copyable, Sendable {
    public let input: SampleRate
    public let output: SampleRate
    /// The constant delay of the output, in samples of the output's rate; also the room `flush` needs.
    public let delaySamples: Int
    /// Whether the polyphase filter serves this pair of rates; libsamplerate serves the others.
    public let usesPolyphase: Bool

    private var polyphase: PolyphaseFilter?
    private var sinc: SincResampler?

    /// - Throws: `ConfigurationError` when the rates are further apart than 1:256.
    public init(from input: SampleRate, to output: SampleRate) throws(ConfigurationError) {
        try self.init(from: input, to: output, allowingPolyphase: true)
    }

    /// `allowingPolyphase: false` leaves the pair to libsamplerate: the baseline for tests and benchmarks.
    package init(
        from input: SampleRate, to output: SampleRate, allowingPolyphase: Bool
    ) throws(ConfigurationError) {
        self.input = input
        self.output = output
        if input == output {
            polyphase = nil
            sinc = nil
            delaySamples = 0
        } else if allowingPolyphase, let design = PolyphaseDesign(inputHz: input.hz, outputHz: output.hz) {
            polyphase = PolyphaseFilter(design)
            sinc = nil
            delaySamples = design.delaySamples
        } else {
            let resampler = try SincResampler(inputHz: input.hz, outputHz: output.hz)
            polyphase = nil
            delaySamples = resampler.delaySamples
            sinc = consume resampler
        }
        usesPolyphase = polyphase != nil
    }

    /// The most samples one call gives for `n` samples of input; other calls may give one less.
    public func maxOutput(forInput n: Int) -> Int { (n * output.hz + input.hz - 1) / input.hz }

    /// Resamples all of `source` into the beginning of `target`.
    ///
    /// - Returns: how many samples were written.
    /// - Precondition: `target` has room for `maxOutput(forInput: source.count)`.
    public mutating func process(_ source: Span<Float>, into target: inout MutableSpan<Float>) -> Int {
        let needed = maxOutput(forInput: source.count)
        precondition(target.count >= needed, "room for \(needed) samples needed, given \(target.count)")
        guard !source.isEmpty else { return 0 }
        return source.withUnsafeBufferPointer { samples in
            target.withUnsafeMutableBufferPointer { out in
                // SAFETY: `source` is not empty, so neither is `target`; the paths write at most `needed` samples.
                let base = out.baseAddress!
                if polyphase != nil { return polyphase!.process(samples, into: base) }
                if sinc != nil { return sinc!.process(samples, into: base) }
                base.update(from: samples.baseAddress!, count: samples.count)
                return samples.count
            }
        }
    }

    /// Ends the stream: writes its last `delaySamples` samples and resets.
    ///
    /// - Returns: `delaySamples`.
    /// - Precondition: `target` has room for them.
    public mutating func flush(into target: inout MutableSpan<Float>) -> Int {
        precondition(target.count >= delaySamples, "room for \(delaySamples) samples needed, given \(target.count)")
        target.withUnsafeMutableBufferPointer { out in
            guard let base = out.baseAddress else { return }
            // SAFETY: room for `delaySamples` was checked.
            polyphase?.drain(delaySamples, into: base)
            sinc?.drain(into: base)
        }
        reset()
        return delaySamples
    }

    /// Forgets the past: the next call behaves like the first after `init`.
    public mutating func reset() {
        polyphase?.reset()
        sinc?.reset()
    }
}
