/// The learned head: from feature vectors to the probability of speech, with a memory of the call.
///
/// - Input: `VoiceFeatures.count` values a hop of 10 ms. Output: 0…1 a hop, 0.5 as likely as not at either rate.
/// - Shape: each hop is pressed into 32 values; two hops make a step of a gated recurrent unit (Cho 2014), whose state
///   gives the value at the step's end. The hop in the middle of a step is judged by 16 units from its own values and
///   the state before. So the state moves every 20 ms, and a value comes every 10.
/// - Real time: allocates in `init` only; the weights are shared by all calls, the state is 144 values.
struct SpeechNetwork: ~Copyable, Sendable {
    static var stateBytes: Int { 4 * (2 * SpeechNetworkWeights.embedding + SpeechNetworkWeights.shared.hidden) }

    private let weights = SpeechNetworkWeights.shared
    /// The embeddings of the step's two hops, then the recurrent state: what the gates read.
    private let state: Scratch
    private let scale: Float
    private let offset: Float
    private var isMiddle = true

    init(isWideband: Bool) {
        state = Scratch(count: 2 * SpeechNetworkWeights.embedding + weights.hidden)
        let calibration = weights.calibration
        (scale, offset) = isWideband ? (calibration[2], calibration[3]) : (calibration[0], calibration[1])
    }

    /// Takes the newest hop's vector.
    /// - Precondition: `features` has `VoiceFeatures.count` values, all finite.
    mutating func probability(of features: Span<Float>) -> Float {
        precondition(features.count >= VoiceFeatures.count, "108 features needed, given \(features.count)")
        let embedding = SpeechNetworkWeights.embedding
        let base = state.floats.baseAddress!
        let raw = UnsafeMutableRawPointer(base)
        let slot = isMiddle ? raw : raw + 4 * embedding
        // SAFETY: the layers' inputs and outputs are as long as the weights say, and the state was made for them.
        features.withUnsafeBufferPointer { features in
            for block in 0..<weights.embed.blocks {
                let sums = weights.embed.sums(block, features.baseAddress!)
                slot.storeBytes(of: Activation.tanh(sums), toByteOffset: 64 * block, as: SIMD16<Float>.self)
            }
        }
        let logit: Float
        if isMiddle {
            logit = middle(base)
        } else {
            step(base)
            logit = end(base + 2 * embedding)
        }
        isMiddle.toggle()
        let bounded = max(-30, min(30, logit * scale + offset))
        return Activation.sigmoid(SIMD4(repeating: bounded))[0]
    }

    /// The next hop is the first of a call.
    mutating func reset() {
        state.floats.update(repeating: 0)
        isMiddle = true
    }

    // MARK: Layers

    /// The hop in the middle of a step, from its embedding and the state before.
    @inline(__always)
    private func middle(_ base: UnsafeMutablePointer<Float>) -> Float {
        let embedding = SpeechNetworkWeights.embedding
        var sums = weights.middle.bias(0)
        weights.middle.add(0, from: 0, base, count: embedding, to: &sums)
        weights.middle.add(0, from: embedding, base + 2 * embedding, count: weights.hidden, to: &sums)
        let units = Activation.tanh(sums)
        return (units * weights.middleEnd.row(0)).total + weights.middleEnd.bias(0)[0]
    }

    /// Moves the recurrent state on: h = n + z·(h − n), n = tanh(W·x + r·(U·h)).
    @inline(__always)
    private func step(_ base: UnsafeMutablePointer<Float>) {
        let embedding = 2 * SpeechNetworkWeights.embedding
        let hidden = base + embedding
        let blocks = weights.recurrent.blocks
        var next = InlineArray<8, SIMD16<Float>>(repeating: SIMD16())
        for block in 0..<blocks {
            let reset = Activation.sigmoid(weights.gates.sums(block, base))
            let update = Activation.sigmoid(weights.gates.sums(block + blocks, base))
            let recurrent = weights.recurrent.sums(block, hidden)
            let candidate = Activation.tanh(weights.candidate.sums(block, base) + reset * recurrent)
            let before = UnsafeRawPointer(hidden).loadUnaligned(fromByteOffset: 64 * block, as: SIMD16<Float>.self)
            next[block] = candidate + update * (before - candidate)
        }
        for block in 0..<blocks {
            UnsafeMutableRawPointer(hidden).storeBytes(
                of: next[block], toByteOffset: 64 * block, as: SIMD16<Float>.self)
        }
    }

    /// The value at the end of a step.
    @inline(__always)
    private func end(_ hidden: UnsafeMutablePointer<Float>) -> Float {
        var sums = SIMD16<Float>()
        for block in 0..<weights.end.blocks {
            let values = UnsafeRawPointer(hidden).loadUnaligned(fromByteOffset: 64 * block, as: SIMD16<Float>.self)
            sums += values * weights.end.row(block)
        }
        return sums.total + weights.end.bias(0)[0]
    }
}

extension SpeechNetworkWeights.Layer {
    /// The bias of a block's sixteen outputs.
    @inline(__always)
    func bias(_ block: Int) -> SIMD16<Float> { self.block(block).load(as: SIMD16<Float>.self) }

    /// The weights of the first input for a block's sixteen outputs.
    @inline(__always)
    func row(_ block: Int) -> SIMD16<Float> { self.block(block).load(fromByteOffset: 64, as: SIMD16<Float>.self) }

    /// Bias and weighted sums of all inputs.
    @inline(__always)
    func sums(_ block: Int, _ values: UnsafePointer<Float>) -> SIMD16<Float> {
        var sums = bias(block)
        add(block, from: 0, values, count: inputs, to: &sums)
        return sums
    }

    /// Adds the weighted sums of `count` inputs, an even number, the first of which is input `first` of the layer.
    ///
    /// Two sums run side by side, so that eight additions of four lanes are under way at once: one alone would wait for
    /// itself.
    @inline(__always)
    func add(
        _ block: Int, from first: Int, _ values: UnsafePointer<Float>, count: Int, to sums: inout SIMD16<Float>
    ) {
        var column = self.block(block) + 64 * (first + 1)
        var (even, odd) = (sums, SIMD16<Float>())
        for input in stride(from: 0, to: count, by: 2) {
            even += column.load(as: SIMD16<Float>.self) * values[input]
            odd += column.load(fromByteOffset: 64, as: SIMD16<Float>.self) * values[input + 1]
            column += 128
        }
        sums = even + odd
    }

    @inline(__always)
    private func block(_ number: Int) -> UnsafeRawPointer { values + 64 * number * (inputs + 1) }
}

/// The logistic function and the hyperbolic tangent, four lanes at a time without the C library; within 4e-6.
enum Activation {
    @inline(__always)
    static func sigmoid(_ x: SIMD4<Float>) -> SIMD4<Float> { 1 / (1 + exp2(x * -1.442_695_04)) }

    @inline(__always)
    static func sigmoid(_ x: SIMD16<Float>) -> SIMD16<Float> {
        SIMD16(
            lowHalf: SIMD8(lowHalf: sigmoid(x.lowHalf.lowHalf), highHalf: sigmoid(x.lowHalf.highHalf)),
            highHalf: SIMD8(lowHalf: sigmoid(x.highHalf.lowHalf), highHalf: sigmoid(x.highHalf.highHalf)))
    }

    @inline(__always)
    static func tanh(_ x: SIMD16<Float>) -> SIMD16<Float> { sigmoid(x * 2) * 2 - 1 }

    /// 2 to the power of `x`, −40…40; what lies beyond counts as that.
    @inline(__always)
    private static func exp2(_ x: SIMD4<Float>) -> SIMD4<Float> {
        let bounded = limited(x)
        // Adding 1.5·2^23 rounds to a whole number, which then stands in the lowest bits.
        let shifted = bounded + 12_582_912
        let whole = shifted - 12_582_912
        let part = bounded - whole
        var power = part * 0.001_333_36 + 0.009_618_13
        power = power * part + 0.055_504_1
        power = power * part + 0.240_226_5
        power = power * part + 0.693_147_2
        power = power * part + 1
        // SAFETY: lanes of 32 bits as lanes of 32 bits; every pattern is a value of either.
        let exponent = unsafeBitCast(shifted, to: SIMD4<UInt32>.self) &<< 23
        return unsafeBitCast(unsafeBitCast(power, to: SIMD4<UInt32>.self) &+ exponent, to: SIMD4<Float>.self)
    }

    @inline(__always)
    private static func limited(_ x: SIMD4<Float>) -> SIMD4<Float> {
        x.replacing(with: SIMD4(repeating: 40), where: x .> 40).replacing(with: SIMD4(repeating: -40), where: x .< -40)
    }
}
