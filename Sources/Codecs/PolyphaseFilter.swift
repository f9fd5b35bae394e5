/// Resamples by the fixed ratio L/M: every output is one phase of the filter times the newest inputs.
///
/// Input m·M/L (rounded down) is the newest that output m needs, so n inputs give exactly ⌈n·L/M⌉ outputs.
struct PolyphaseFilter: ~Copyable, @unchecked Sendable {
    /// Inputs handled at a time; longer ones are cut. 60 ms at 16 kHz.
    private static let blockInputs = 960

    private let interpolation: Int
    private let decimation: Int
    private let taps: Int
    private let coefficients: UnsafeMutablePointer<Float>
    /// The last `taps − 1` inputs, then the block's.
    private let window: UnsafeMutablePointer<Float>
    /// The next output: its newest input, counted from the block's beginning, and its phase.
    private var nextInput = 0
    private var nextPhase = 0

    init(_ design: PolyphaseDesign) {
        interpolation = design.interpolation
        decimation = design.decimation
        taps = design.tapsPerPhase
        let values = design.coefficients()
        coefficients = .allocate(capacity: values.count)
        coefficients.initialize(from: values, count: values.count)
        window = .allocate(capacity: taps - 1 + Self.blockInputs)
        window.initialize(repeating: 0, count: taps - 1 + Self.blockInputs)
    }

    deinit {
        coefficients.deallocate()
        window.deallocate()
    }

    mutating func reset() {
        window.update(repeating: 0, count: taps - 1)
        nextInput = 0
        nextPhase = 0
    }

    /// Resamples all of `source`. `target` has room for what comes out of it.
    mutating func process(_ source: UnsafeBufferPointer<Float>, into target: UnsafeMutablePointer<Float>) -> Int {
        var written = 0
        var taken = 0
        while taken < source.count {
            let count = min(source.count - taken, Self.blockInputs)
            (window + taps - 1).update(from: source.baseAddress! + taken, count: count)
            written += filterBlock(count, into: target + written)
            window.update(from: window + count, count: taps - 1)
            taken += count
        }
        return written
    }

    /// Writes the next `count` outputs as if silence had come in. Only `reset` may follow.
    ///
    /// - Precondition: they need no more silence than one block.
    mutating func drain(_ count: Int, into target: UnsafeMutablePointer<Float>) {
        precondition(count * decimation / interpolation < Self.blockInputs, "cannot drain \(count) samples")
        (window + taps - 1).update(repeating: 0, count: Self.blockInputs)
        for i in 0..<count { target[i] = oneOutput() }
    }

    private mutating func filterBlock(_ count: Int, into target: UnsafeMutablePointer<Float>) -> Int {
        var written = 0
        // Four rounds of L outputs at a time, from the beginning of a round on: they share each phase's coefficients.
        while nextInput + 4 * decimation <= count {
            if nextPhase == 0 {
                fourRounds(from: window + nextInput, into: target + written)
                nextInput += 4 * decimation
                written += 4 * interpolation
            } else {
                target[written] = oneOutput()
                written += 1
            }
        }
        while nextInput < count {
            target[written] = oneOutput()
            written += 1
        }
        nextInput -= count
        return written
    }

    @inline(__always)
    private mutating func oneOutput() -> Float {
        let row = coefficients + nextPhase * taps
        let input = window + nextInput
        var sum = SIMD8<Float>(repeating: 0)
        var j = 0
        while j < taps {
            sum += load(row + j) * load(input + j)
            j += 8
        }
        let position = nextPhase + decimation
        nextInput += position / interpolation
        nextPhase = position % interpolation
        return total(sum)
    }

    @inline(__always)
    private func fourRounds(from input: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<Float>) {
        for output in 0..<interpolation {
            let position = output * decimation
            let row = coefficients + position % interpolation * taps
            let (a, step) = (input + position / interpolation, decimation)
            var sum0 = SIMD8<Float>(repeating: 0)
            var sum1 = sum0
            var sum2 = sum0
            var sum3 = sum0
            var j = 0
            while j < taps {
                let c = load(row + j)
                sum0 += c * load(a + j)
                sum1 += c * load(a + step + j)
                sum2 += c * load(a + 2 * step + j)
                sum3 += c * load(a + 3 * step + j)
                j += 8
            }
            target[output] = total(sum0)
            target[output + interpolation] = total(sum1)
            target[output + 2 * interpolation] = total(sum2)
            target[output + 3 * interpolation] = total(sum3)
        }
    }

    // SAFETY (all loads): rows are `taps` long, a multiple of 8; an input position below `count` has `taps − 1` samples
    // before it in `window`, and the newest one a round uses lies below the count checked by `filterBlock`.
    @inline(__always)
    private func load(_ p: UnsafePointer<Float>) -> SIMD8<Float> {
        UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Float>.self)
    }

    /// The same order of addition for every output, so that the sum does not depend on how the input was cut.
    @inline(__always)
    private func total(_ v: SIMD8<Float>) -> Float {
        let four = v.lowHalf + v.highHalf
        let two = four.lowHalf + four.highHalf
        return two[0] + two[1]
    }
}
