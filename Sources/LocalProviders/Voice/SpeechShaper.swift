import CallTime
import Codecs
import Providers

/// Turns a voice's raw wave into what was asked for, as it grows: long pauses cut, level set, rate changed, in chunks.
///
/// - Input: raw samples in order, any number a call.
/// - Output: chunks of 100 ms at the wanted rate, the last one shorter. The resampler's delay is taken out, so that
///   `SpeechPlan`'s words, scaled, lie on the output.
struct SpeechShaper: ~Copyable {
    static let chunk: Duration = .milliseconds(100)

    private let plan: SpeechPlan
    private let gain: Float
    private let chunkSamples: Int
    private var resampler: Resampler
    /// Leading output still to be dropped: the filter filling up.
    private var settling: Int
    private var received = 0
    private var keptRange = 0
    private var waiting: [Int16] = []

    /// - Throws: `ProviderError` when there is no way from the voice's rate to the wanted one.
    init(plan: SpeechPlan, gain: Float, from rate: SampleRate, to wanted: SampleRate) throws(ProviderError) {
        self.plan = plan
        self.gain = gain / 32_768
        chunkSamples = max(1, wanted.samples(in: Self.chunk))
        do throws(ConfigurationError) {
            resampler = try Resampler(from: rate, to: wanted)
        } catch {
            throw ProviderError(provider: "flite", kind: .rejected, detail: error.description)
        }
        settling = resampler.delaySamples
    }

    /// The plan's words at the wanted rate.
    var words: [Providers.SpokenWord] {
        plan.words.map { word in
            let begin = word.samples.lowerBound * resampler.output.hz / resampler.input.hz
            let end = word.samples.upperBound * resampler.output.hz / resampler.input.hz
            return Providers.SpokenWord(textRange: word.textRange, samples: begin..<end)
        }
    }

    /// Whether everything worth keeping has been received.
    var isComplete: Bool { keptRange == plan.kept.count }

    /// Takes the next raw samples and gives the chunks that became whole.
    mutating func process(_ raw: UnsafeBufferPointer<Int16>) -> [[Int16]] {
        let block = received..<(received + raw.count)
        received = block.upperBound
        while keptRange < plan.kept.count {
            let range = plan.kept[keptRange]
            let part = range.clamped(to: block)
            if !part.isEmpty {
                resample(raw[(part.lowerBound - block.lowerBound)..<(part.upperBound - block.lowerBound)])
            }
            guard range.upperBound <= block.upperBound else { break }
            keptRange += 1
        }
        return takeChunks()
    }

    /// Ends the audio: the last chunks.
    mutating func finish() -> [[Int16]] {
        var rest = [Float](repeating: 0, count: resampler.delaySamples)
        var room = rest.mutableSpan
        let count = resampler.flush(into: &room)
        append(rest[..<count])
        var chunks = takeChunks()
        if !waiting.isEmpty { chunks.append(waiting) }
        waiting = []
        return chunks
    }

    private mutating func resample(_ raw: Slice<UnsafeBufferPointer<Int16>>) {
        let input = raw.map { Float($0) * gain }
        var output = [Float](repeating: 0, count: resampler.maxOutput(forInput: input.count))
        var room = output.mutableSpan
        let count = resampler.process(input.span, into: &room)
        append(output[..<count])
    }

    private mutating func append(_ output: ArraySlice<Float>) {
        let dropped = min(settling, output.count)
        settling -= dropped
        for sample in output.dropFirst(dropped) {
            waiting.append(Int16(max(-32_767, min(32_767, (sample * 32_768).rounded()))))
        }
    }

    private mutating func takeChunks() -> [[Int16]] {
        var chunks: [[Int16]] = []
        while waiting.count >= chunkSamples {
            chunks.append(Array(waiting.prefix(chunkSamples)))
            waiting.removeFirst(chunkSamples)
        }
        return chunks
    }
}
