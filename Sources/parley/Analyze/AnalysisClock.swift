import CallTime

/// Turns sample times of the analysed stream, which may have been resampled, into seconds of the file.
struct AnalysisClock: Sendable {
    let rate: SampleRate
    /// The resampler's delay: a sound lies that many samples later in the analysed stream than in the file.
    let delaySamples: Int
    /// The file's length so far, in seconds: no time lies beyond it, whatever padding followed.
    var duration = Double.infinity

    /// Where the sound of sample `time` stands in the file.
    func place(of time: SampleTime) -> Double { limited(seconds(time.index - delaySamples)) }

    /// How much of the file had been handed over when sample `time` had come out of the resampler.
    func handedOver(at time: SampleTime) -> Double { limited(seconds(time.index)) }

    private func seconds(_ index: Int) -> Double { Double(index) / Double(rate.hz) }
    private func limited(_ time: Double) -> Double { max(0, min(time, duration)) }
}
