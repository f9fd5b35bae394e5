import CSampleRate
import CallTime

/// libsamplerate's SINC_FASTEST as a stream of constant delay, for the ratios the polyphase filter does not serve.
///
/// libsamplerate withholds output until it has seen enough input, so that its calls give now fewer, now more samples.
/// Here its output waits behind `delaySamples` zeros: n inputs always give ⌈n · out/in⌉ samples, `delaySamples` late.
struct SincResampler: ~Copyable, @unchecked Sendable {
    /// How far SINC_FASTEST looks ahead: its filter reaches 19.25 samples of the lower rate (2,464 coefficients at 128
    /// a sample), and a few it wants beyond. Tests run every telephone ratio against it.
    private static let lookaheadSamples = 24
    /// Inputs handled at a time; longer ones are cut.
    private static let blockInputs = 1_024

    // SAFETY: `state` and `pending` are this value's alone (noncopyable); libsamplerate keeps no state elsewhere.
    private let state: OpaquePointer
    private let inputHz: Int
    private let outputHz: Int
    private let pending: UnsafeMutablePointer<Float>
    private let pendingCapacity: Int
    private var pendingCount: Int
    private var inputCount = 0
    private var outputCount = 0
    let delaySamples: Int

    init(inputHz: Int, outputHz: Int) throws(ConfigurationError) {
        let ratio = Double(outputHz) / Double(inputHz)
        guard src_is_valid_ratio(ratio) != 0 else {
            throw ConfigurationError(
                field: "sample rates", given: "\(inputHz) to \(outputHz) Hz", allowed: "a ratio of 1/256 to 256")
        }
        var code: Int32 = 0
        guard let state = src_new(Int32(SRC_SINC_FASTEST), 1, &code) else {
            throw ConfigurationError(field: "resampler", given: "error \(code)", allowed: "memory for one state")
        }
        self.state = state
        self.inputHz = inputHz
        self.outputHz = outputHz
        let lowerHz = min(inputHz, outputHz)
        delaySamples = (Self.lookaheadSamples * outputHz + lowerHz - 1) / lowerHz
        pendingCapacity = 2 * delaySamples + (Self.blockInputs * outputHz + inputHz - 1) / inputHz + 16
        pending = .allocate(capacity: pendingCapacity)
        pending.initialize(repeating: 0, count: pendingCapacity)
        pendingCount = delaySamples
    }

    deinit {
        src_delete(state)
        pending.deallocate()
    }

    mutating func reset() {
        _ = src_reset(state)
        pending.update(repeating: 0, count: delaySamples)
        pendingCount = delaySamples
        inputCount = 0
        outputCount = 0
    }

    /// Resamples all of `source`. `target` has room for what comes out of it.
    mutating func process(_ source: UnsafeBufferPointer<Float>, into target: UnsafeMutablePointer<Float>) -> Int {
        var taken = 0
        var written = 0
        while taken < source.count {
            let count = min(source.count - taken, Self.blockInputs)
            convert(source.baseAddress! + taken, count: count, atEnd: false)
            taken += count
            inputCount += count
            let due = (inputCount * outputHz + inputHz - 1) / inputHz - outputCount
            emit(due, into: target + written)
            outputCount += due
            written += due
        }
        return written
    }

    /// Writes the last `delaySamples` of the stream. Only `reset` may follow.
    mutating func drain(into target: UnsafeMutablePointer<Float>) {
        var nothing: Float = 0
        convert(&nothing, count: 0, atEnd: true)
        if pendingCount < delaySamples {
            (pending + pendingCount).update(repeating: 0, count: delaySamples - pendingCount)
            pendingCount = delaySamples
        }
        emit(delaySamples, into: target)
    }

    /// Hands `count` samples to libsamplerate and appends what it gives to `pending`.
    private mutating func convert(_ source: UnsafePointer<Float>, count: Int, atEnd: Bool) {
        var used = 0
        repeat {
            var data = SRC_DATA()
            data.data_in = source + used
            data.input_frames = count - used
            data.data_out = pending + pendingCount
            data.output_frames = pendingCapacity - pendingCount
            data.end_of_input = atEnd ? 1 : 0
            data.src_ratio = Double(outputHz) / Double(inputHz)
            let code = src_process(state, &data)
            precondition(code == 0, "libsamplerate error \(code)")
            precondition(
                data.input_frames_used > 0 || data.input_frames == 0, "libsamplerate stopped at \(used) of \(count)")
            used += data.input_frames_used
            pendingCount += data.output_frames_gen
        } while used < count
    }

    /// Moves the oldest `count` pending samples to `target`.
    private mutating func emit(_ count: Int, into target: UnsafeMutablePointer<Float>) {
        precondition(count <= pendingCount, "libsamplerate withheld more than \(delaySamples) samples")
        target.update(from: pending, count: count)
        pendingCount -= count
        pending.update(from: pending + count, count: pendingCount)
    }
}
