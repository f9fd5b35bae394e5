import CallTime
import Codecs

/// Makes a page's sound of a file's blocks.
struct PageSoundCollector: ~Copyable {
    private let fileChannels: Int
    private let analysed: [Int]
    private var first: PageChannel
    private var second: PageChannel?
    private var mono: [Float]
    private var peak: Float = 0
    private var fullScaleSamples = 0

    /// - Parameters:
    ///   - rate: the page's.
    ///   - maxBlock: samples a channel that `take` is given at most.
    init(
        fileRate: SampleRate, rate: SampleRate, channels: Int, analysed: [Int], maxBlock: Int
    ) throws(ConfigurationError) {
        let first = try PageChannel(from: fileRate, to: rate, maxBlock: maxBlock)
        guard channels > 1 else {
            self.init(first, nil, analysed, mono: [])
            return
        }
        let second = try PageChannel(from: fileRate, to: rate, maxBlock: maxBlock)
        self.init(first, second, analysed, mono: [Float](repeating: 0, count: maxBlock))
    }

    private init(_ first: consuming PageChannel, _ second: consuming PageChannel?, _ analysed: [Int], mono: [Float]) {
        fileChannels = second == nil ? 1 : 2
        self.analysed = analysed
        self.mono = mono
        self.first = first
        self.second = second
    }

    /// Takes the file's next samples, interleaved.
    mutating func take(_ interleaved: Span<Float>) {
        measure(interleaved)
        guard fileChannels > 1 else { return first.take(interleaved) }
        let frames = interleaved.count / fileChannels
        // Moved out of `self` for the calls: a span into one property would lock them all.
        var side: [Float] = []
        swap(&side, &mono)
        for i in 0..<frames { side[i] = interleaved[i * fileChannels] }
        first.take(side.span.extracting(0..<frames))
        for i in 0..<frames { side[i] = interleaved[i * fileChannels + 1] }
        second?.take(side.span.extracting(0..<frames))
        swap(&side, &mono)
    }

    /// Ends the sound.
    mutating func finish() -> PageSound {
        first.finish()
        second?.finish()
        var sound = PageSound(rate: first.rate, channels: [first.samples], analysed: analysed)
        if let other = second?.samples { sound.channels.append(other) }
        (sound.peak, sound.fullScaleSamples, sound.isCut) = (peak, fullScaleSamples, first.isCut)
        return sound
    }

    private mutating func measure(_ samples: Span<Float>) {
        // The greatest 16-bit sample; less than a step is missing to ±1.
        let fullScale: Float = 32_767 / 32_768
        for i in samples.indices {
            let size = abs(samples[i])
            if size > peak { peak = size }
            if size >= fullScale { fullScaleSamples += 1 }
        }
    }
}

/// One channel of a page's sound, its resampler's delay taken out.
struct PageChannel: ~Copyable {
    let rate: SampleRate
    private(set) var samples: [Int16] = []
    /// Whether there was more than a page may hold.
    private(set) var isCut = false
    private var resampler: Resampler
    private var room: [Float]
    private var delayLeft: Int
    private let maxSamples: Int

    init(from fileRate: SampleRate, to rate: SampleRate, maxBlock: Int) throws(ConfigurationError) {
        resampler = try Resampler(from: fileRate, to: rate)
        room = [Float](repeating: 0, count: max(resampler.maxOutput(forInput: maxBlock), resampler.delaySamples))
        delayLeft = resampler.delaySamples
        maxSamples = PageSound.maxSeconds * rate.hz
        self.rate = rate
    }

    mutating func take(_ block: Span<Float>) { keep { $0.process(block, into: &$1) } }

    mutating func finish() { keep { $0.flush(into: &$1) } }

    private mutating func keep(_ produce: (inout Resampler, inout MutableSpan<Float>) -> Int) {
        // Moved out of `self` for the call: a span into one property would lock them all.
        var block: [Float] = []
        swap(&block, &room)
        var span = block.mutableSpan
        let count = produce(&resampler, &span)
        append(block.span.extracting(0..<count))
        swap(&block, &room)
    }

    private mutating func append(_ block: Span<Float>) {
        let start = min(delayLeft, block.count)
        delayLeft -= start
        let end = min(block.count, start + maxSamples - samples.count)
        if end < block.count { isCut = true }
        guard start < end else { return }
        for i in start..<end {
            let scaled = max(-32_768, min(32_767, block[i] * 32_768))
            samples.append(Int16(truncatingIfNeeded: Int32(scaled < 0 ? scaled - 0.5 : scaled + 0.5)))
        }
    }
}
