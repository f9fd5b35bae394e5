import CSpeechWeights

/// The network's trained weights, arranged for `SpeechNetwork`: loaded once a process, shared by every call.
///
/// The values lie in `CSpeechWeights` one matrix after another, inputs by outputs, each followed by its bias:
/// features × 32 (embedding), 64 × 3·hidden and hidden × 3·hidden (recurrent unit: reset, update, new), hidden × 1 (end of
/// a step), 32 + hidden × 16 and 16 × 1 (middle of a step); last the calibration: scale and offset at 8 kHz, at 16 kHz.
/// The features' means and deviations are folded into the embedding.
final class SpeechNetworkWeights: Sendable {
    static let version: UInt32 = 1
    static let embedding = 32
    static let middle = 16

    /// - Precondition: the weights that were linked are whole and of this version.
    static let shared = SpeechNetworkWeights()

    let hidden: Int
    let embed: Layer
    /// Reset and update gates, from the embeddings and the state.
    let gates: Layer
    /// The new state's part from the embeddings, and that from the state before.
    let candidate: Layer
    let recurrent: Layer
    let end: Layer
    let middle: Layer
    let middleEnd: Layer
    let calibration: SIMD4<Float>

    /// Outputs of a layer come in blocks of 16: for each block its bias, then for each input 16 weights.
    struct Layer: @unchecked Sendable {
        let inputs: Int
        let blocks: Int
        // SAFETY: written in `init`, read only after that, never freed: the weights live as long as the process.
        let values: UnsafeRawPointer

        /// - Parameter weight: of an input for an output; `bias` of an output.
        init(inputs: Int, outputs: Int, weight: (Int, Int) -> Float, bias: (Int) -> Float) {
            self.inputs = inputs
            blocks = (outputs + 15) / 16
            let count = blocks * 16 * (inputs + 1)
            let memory = UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
            let floats = memory.bindMemory(to: Float.self, capacity: count)
            floats.initialize(repeating: 0, count: count)
            for output in 0..<outputs {
                let column = floats + output / 16 * 16 * (inputs + 1) + output % 16
                column[0] = bias(output)
                for input in 0..<inputs { column[16 * (input + 1)] = weight(input, output) }
            }
            values = UnsafeRawPointer(memory)
        }
    }

    private init() {
        precondition(parley_speech_version == Self.version, "the speech weights are of another version")
        let count = Int(parley_speech_count)
        hidden = Int(parley_speech_hidden)
        precondition(
            hidden % 16 == 0 && hidden <= 128, "the state has a multiple of 16 values, to 128; given \(hidden)")
        let (n, m, e) = (hidden, Self.middle, Self.embedding)
        let values = Self.linked(count)
        var place = 0
        /// The matrix of `inputs` by `outputs` that comes next, and its bias.
        func take(_ inputs: Int, _ outputs: Int) -> (UnsafePointer<Float>, UnsafePointer<Float>) {
            defer { place += (inputs + 1) * outputs }
            return (values + place, values + place + inputs * outputs)
        }
        let (embedW, embedB) = take(VoiceFeatures.count, e)
        let (inputW, inputB) = take(2 * e, 3 * n)
        let (stateW, stateB) = take(n, 3 * n)
        let (endW, endB) = take(n, 1)
        let (middleW, middleB) = take(e + n, m)
        let (lastW, lastB) = take(m, 1)
        precondition(place + 4 == count, "the speech weights have \(count) values, \(place + 4) are needed")
        embed = Layer(inputs: VoiceFeatures.count, outputs: e) {
            embedW[$0 * e + $1]
        } bias: {
            embedB[$0]
        }
        gates = Layer(inputs: 2 * e + n, outputs: 2 * n) { input, output in
            input < 2 * e ? inputW[input * 3 * n + output] : stateW[(input - 2 * e) * 3 * n + output]
        } bias: {
            inputB[$0] + stateB[$0]
        }
        candidate = Layer(inputs: 2 * e, outputs: n) {
            inputW[$0 * 3 * n + 2 * n + $1]
        } bias: {
            inputB[2 * n + $0]
        }
        recurrent = Layer(inputs: n, outputs: n) {
            stateW[$0 * 3 * n + 2 * n + $1]
        } bias: {
            stateB[2 * n + $0]
        }
        end = Layer(inputs: 1, outputs: n) { _, output in
            endW[output]
        } bias: {
            $0 == 0 ? endB[0] : 0
        }
        middle = Layer(inputs: e + n, outputs: m) {
            middleW[$0 * m + $1]
        } bias: {
            middleB[$0]
        }
        middleEnd = Layer(inputs: 1, outputs: m) { _, output in
            lastW[output]
        } bias: {
            $0 == 0 ? lastB[0] : 0
        }
        calibration = SIMD4(values[place], values[place + 1], values[place + 2], values[place + 3])
    }

    /// The linked values, after their checksum was compared.
    private static func linked(_ count: Int) -> UnsafePointer<Float> {
        // SAFETY: static storage that holds `parley_speech_count` values.
        let values = parley_speech_values()
        precondition(
            checksum(UnsafeRawBufferPointer(start: values, count: 4 * count)) == parley_speech_checksum,
            "the speech weights are damaged")
        return values
    }

    /// FNV-1a, 64 bits.
    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return hash
    }
}
