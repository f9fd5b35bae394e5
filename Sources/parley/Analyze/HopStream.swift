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
    private let hopSamples: Int
    /// Samples at the analysis rate that do not fill a hop yet.
    private var waiting: [Float] = []
    /// Room for what one block becomes at the analysis rate.
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
        resampled = [Float](repeating: 0, count: room)
        self.resampler = resampler
        self.detector = detector
        self.endpointer = endpointer
        self.keepsFrames = keepsFrames
    }

    /// Takes the next samples of the file: at most the `maxBlock` of `init`.
    mutating func take(_ samples: Span<Float>) {
        taken += samples.count
        append { resampler, room in resampler.process(samples, into: &room) }
        analyzeWaiting(clock)
    }

    /// Ends the stream: the last hop is filled up with what the resampler holds, then with silence.
    mutating func finish() {
        var clock = clock
        clock.duration = Double(taken) / Double(fileRate.hz)
        if !waiting.isEmpty {
            append { resampler, room in resampler.flush(into: &room) }
            let missing = max(0, hopSamples - waiting.count)
            waiting += [Float](repeating: 0, count: missing)
            waiting.removeLast(waiting.count - hopSamples)
            analyzeWaiting(clock)
        }
        collect(endpointer.finish(), clock)
    }

    private mutating func append(_ produce: (inout Resampler, inout MutableSpan<Float>) -> Int) {
        // Moved out of `self` for the call: a span into one property would lock them all.
        var block: [Float] = []
        swap(&block, &resampled)
        var room = block.mutableSpan
        let count = produce(&resampler, &room)
        waiting += block[..<count]
        swap(&block, &resampled)
    }

    private mutating func analyzeWaiting(_ clock: AnalysisClock) {
        var block: [Float] = []
        swap(&block, &waiting)
        var start = 0
        while start + hopSamples <= block.count {
            let probability = detector.process(block.span.extracting(start..<start + hopSamples))
            start += hopSamples
            position += hopSamples
            if keepsFrames {
                frames.append(Analysis.Frame(time: clock.handedOver(at: position), probability: probability))
            }
            let level = detector.levelOverFloorDB
            collect(endpointer.process(probability: probability, levelOverFloorDB: level), clock)
        }
        block.removeFirst(start)
        swap(&block, &waiting)
    }

    private mutating func collect(_ events: EndpointEvents, _ clock: AnalysisClock) {
        for i in 0..<events.count { segments.take(events[i], clock) }
    }
}
