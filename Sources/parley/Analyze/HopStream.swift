import CallTime
import Codecs
import VoiceActivity

/// Mono samples of a file in, detector values and endpoint events out: a live call's chain, fed as fast as it goes.
struct HopStream: ~Copyable {
    let clock: AnalysisClock
    private(set) var segments = SegmentCollector()
    private(set) var frames: [Analysis.Frame] = []

    private let keepsFrames: Bool
    private var resampler: Resampler
    private var detector: VoiceActivityDetector
    private var endpointer: Endpointer
    /// Samples a hop, at the analysis rate.
    let hopSamples: Int
    /// Samples at the analysis rate that do not fill a hop yet: fewer than `hopSamples`.
    private var waiting: [Float] = []
    /// Room for what one block becomes at the analysis rate; empty where the file has that rate.
    private var resampled: [Float]
    /// Samples at the analysis rate analysed so far.
    private var position = SampleTime.zero
    /// Samples at the file's rate taken so far, and that rate.
    private var taken = 0
    private let fileRate: SampleRate

    init(fileRate: SampleRate, maxBlock: Int, _ settings: AnalysisSettings) throws(ConfigurationError) {
        let rate = AnalysisSettings.analysisRate(for: fileRate)
        let detector = try VoiceActivityDetector(settings.detectorConfiguration(at: rate))
        let endpointer = try Endpointer(settings.endpointerConfiguration(at: rate, hopSamples: detector.hopSamples))
        let resampler = try Resampler(from: fileRate, to: rate)
        self.init(detector, endpointer, resampler, maxBlock: maxBlock, keepsFrames: settings.keepsFrames)
    }

    private init(
        _ detector: consuming VoiceActivityDetector, _ endpointer: Endpointer, _ resampler: consuming Resampler,
        maxBlock: Int,
        keepsFrames: Bool
    ) {
        fileRate = resampler.input
        hopSamples = detector.hopSamples
        clock = AnalysisClock(rate: resampler.output, delaySamples: resampler.delaySamples)
        let room = max(resampler.maxOutput(forInput: maxBlock), resampler.delaySamples)
        resampled = [Float](repeating: 0, count: resampler.input == resampler.output ? 0 : room)
        waiting.reserveCapacity(hopSamples)
        self.resampler = resampler
        self.detector = detector
        self.endpointer = endpointer
        self.keepsFrames = keepsFrames
    }

    /// Takes the next samples of the file: at most the `maxBlock` of `init`.
    mutating func take(_ samples: Span<Float>) {
        taken += samples.count
        if fileRate == clock.rate { return analyze(samples, clock) }
        resample(clock) { resampler, room in resampler.process(samples, into: &room) }
    }

    /// Ends the stream: the last hop is filled up with what the resampler holds, then with silence.
    mutating func finish() {
        var clock = clock
        clock.duration = Double(taken) / Double(fileRate.hz)
        if !waiting.isEmpty {
            let filled = position + hopSamples
            if fileRate != clock.rate { resample(clock, upTo: filled) { $0.flush(into: &$1) } }
            if position < filled {
                let silence = [Float](repeating: 0, count: hopSamples - waiting.count)
                analyze(silence.span, clock)
            }
        }
        collect(endpointer.finish(), clock)
    }

    /// Analyses what `produce` writes; of that, nothing beyond sample `end`.
    private mutating func resample(
        _ clock: AnalysisClock, upTo end: SampleTime? = nil,
        _ produce: (inout Resampler, inout MutableSpan<Float>) -> Int
    ) {
        // Moved out of `self` for the call: a span into one property would lock them all.
        var block: [Float] = []
        swap(&block, &resampled)
        var room = block.mutableSpan
        var count = produce(&resampler, &room)
        if let end { count = min(count, end - position - waiting.count) }
        analyze(block.span.extracting(0..<count), clock)
        swap(&block, &resampled)
    }

    /// Analyses all whole hops where they lie and keeps the rest.
    private mutating func analyze(_ samples: Span<Float>, _ clock: AnalysisClock) {
        var start = 0
        if !waiting.isEmpty {
            start = min(samples.count, hopSamples - waiting.count)
            for i in 0..<start { waiting.append(samples[i]) }
            guard waiting.count == hopSamples else { return }
            var hop: [Float] = []
            swap(&hop, &waiting)
            analyze(hop: hop.span, clock)
            hop.removeAll(keepingCapacity: true)
            swap(&hop, &waiting)
        }
        while start + hopSamples <= samples.count {
            analyze(hop: samples.extracting(start..<start + hopSamples), clock)
            start += hopSamples
        }
        for i in start..<samples.count { waiting.append(samples[i]) }
    }

    private mutating func analyze(hop: Span<Float>, _ clock: AnalysisClock) {
        let probability = detector.process(hop)
        position += hopSamples
        if keepsFrames {
            frames.append(Analysis.Frame(time: clock.handedOver(at: position), probability: probability))
        }
        collect(endpointer.process(probability: probability, levelOverFloorDB: detector.levelOverFloorDB), clock)
    }

    private mutating func collect(_ events: EndpointEvents, _ clock: AnalysisClock) {
        if events.isEmpty { return }
        for i in 0..<events.count { segments.take(events[i], clock) }
    }
}
