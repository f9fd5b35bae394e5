import AudioCore
import CallTime
import Codecs
import Glibc
import MediaPipeline
import VoiceActivity

/// What one call costs, stage by stage and as a whole, fed with a recorded call; and what it keeps in memory.
enum CallPath {
    static func run() throws {
        let call = try Recording()
        var lines = [decode(call), try upsample(call)]
        for rate in [SampleRate.narrowband, .wideband] { lines.append(try features(call, rate)) }
        for (kind, configuration) in detectors { lines.append(try detector(call, kind, configuration)) }
        lines.append(try endpointer(call))
        lines.append(try inbound(call))
        lines.append(try playout(call))
        lines.append(try outbound(call))
        reportStages("One call, 20 ms frames of TestAudio/appointment-call.wav", lines)
        try state()
    }

    // MARK: Stages

    /// Twenty frames are 0.4 s of a call, and 5,000 batches 33 minutes; stages far below a microsecond take more.
    private static func time(_ name: String, batch: Int = 20, _ frame: () -> Void) -> Measurement {
        measure(name, batch: batch, batches: 5_000, frame)
    }

    private static func decode(_ call: Recording) -> Measurement {
        var frames = call.frames()
        var samples = [Float](repeating: 0, count: 160)
        return time("mu-law decode", batch: 500) {
            var span = samples.mutableSpan
            MuLaw.decode(call.bytes.span.extracting(frames.range()), into: &span)
        }
    }

    private static func upsample(_ call: Recording) throws -> Measurement {
        var frames = call.frames()
        var resampler = try Resampler(from: .narrowband, to: .wideband)
        var output = [Float](repeating: 0, count: 320)
        let samples = call.samples(at: .narrowband)
        return time("resample 8 to 16 kHz") {
            var span = output.mutableSpan
            _ = resampler.process(samples.span.extracting(frames.range(.narrowband)), into: &span)
        }
    }

    private static func features(_ call: Recording, _ rate: SampleRate) throws -> Measurement {
        var frames = call.frames()
        var extractor = try VoiceFeatureExtractor(sampleRate: rate)
        var vector = [Float](repeating: 0, count: VoiceFeatures.count)
        let samples = call.samples(at: rate)
        return time("features, \(rate.hz / 1_000) kHz") {
            forEachHop(samples, frames.range(rate), extractor.hopSamples) { hop in
                var span = vector.mutableSpan
                extractor.process(hop, into: &span)
            }
        }
    }

    private static func detector(
        _ call: Recording, _ name: String, _ configuration: VoiceActivityDetector.Configuration
    ) throws -> Measurement {
        var frames = call.frames()
        let rate = configuration.sampleRate
        var detector = try VoiceActivityDetector(configuration)
        let samples = call.samples(at: rate)
        var sum: Float = 0
        let line = time(name) {
            forEachHop(samples, frames.range(rate), detector.hopSamples) { sum += detector.process($0) }
        }
        precondition(sum > 0, "the detector heard nothing in the recording")
        return line
    }

    private static func endpointer(_ call: Recording) throws -> Measurement {
        var detector = try VoiceActivityDetector()
        var endpointer = try Endpointer()
        let samples = call.samples(at: .narrowband)
        var heard: [(Float, Float)] = []
        forEachHop(samples, 0..<samples.count, detector.hopSamples) {
            heard.append((detector.process($0), detector.levelOverFloorDB))
        }
        var (place, events) = (0, 0)
        let line = time("endpointer", batch: 500) {
            for _ in 0..<2 {
                let (probability, level) = heard[place]
                events += endpointer.process(probability: probability, levelOverFloorDB: level).count
                place = place + 1 == heard.count ? 0 : place + 1
            }
        }
        precondition(events > 0, "the endpointer found no turn in the recording")
        return line
    }

    private static func inbound(_ call: Recording) throws -> Measurement {
        var frames = call.frames()
        var media = try InboundMedia()
        var (time, samples, events) = (SampleTime.zero, 0, 0)
        let line = self.time("whole way in: decode, detect, endpoint") {
            media.push(
                call.bytes.span.extracting(frames.range()), at: time, tap: { _, audio, _ in samples += audio.count },
                event: { _ in events += 1 })
            time += 160
        }
        precondition(samples == time.index && events > 0, "the way in lost audio, or heard nothing")
        return line
    }

    private static func playout(_ call: Recording) throws -> Measurement {
        var frames = call.frames()
        let voice = call.samples(at: .narrowband).map { Int16($0 * 32_767) }
        var playout = try Playout()
        var frame = [Int16](repeating: 0, count: 160)
        var played = 0
        begin(&playout)
        let line = time("playout: append and take a frame", batch: 100) {
            played += play(voice.span.extracting(frames.range()), through: &playout, into: &frame)
        }
        precondition(played > 0, "the playout gave silence only")
        return line
    }

    private static func outbound(_ call: Recording) throws -> Measurement {
        var frames = call.frames()
        let voice = call.samples(at: .narrowband).map { Int16($0 * 32_767) }
        var playout = try Playout()
        var frame = [Int16](repeating: 0, count: 160)
        var bytes = [UInt8](repeating: 0, count: 160)
        begin(&playout)
        return time("whole way out: playout, mu-law encode", batch: 100) {
            _ = play(voice.span.extracting(frames.range()), through: &playout, into: &frame)
            var span = bytes.mutableSpan
            MuLaw.encode(frame.span, into: &span)
        }
    }

    /// Appends one frame and takes one; a segment is as long as the ring. Returns how many samples were played.
    private static func play(_ voice: Span<Int16>, through playout: inout Playout, into frame: inout [Int16]) -> Int {
        if playout.free < voice.count { begin(&playout) }
        _ = playout.append(voice)
        var span = frame.mutableSpan
        return playout.nextFrame(into: &span) { _ in }
    }

    private static func begin(_ playout: inout Playout) {
        playout.flush()
        _ = playout.begin(segment: 1, turn: 1)
        playout.start(turn: 1)
    }

    /// Every kind the engine has, at both rates; the first is the default.
    private static let detectors: [(name: String, VoiceActivityDetector.Configuration)] = {
        VoiceActivityDetector.Kind.allCases.flatMap { kind in
            [SampleRate.narrowband, .wideband].map { rate in
                var configuration = VoiceActivityDetector.Configuration()
                configuration.sampleRate = rate
                configuration.kind = kind
                return ("\(kind.rawValue) detector, \(rate.hz / 1_000) kHz", configuration)
            }
        }
    }()

    private static func forEachHop(
        _ samples: [Float], _ range: Range<Int>, _ hopSamples: Int, _ body: (Span<Float>) -> Void
    ) {
        for start in stride(from: range.lowerBound, to: range.upperBound - hopSamples + 1, by: hopSamples) {
            body(samples.span.extracting(start..<start + hopSamples))
        }
    }

    // MARK: State

    private static func state() throws {
        var rows = try detectors.map { name, configuration in
            try stateOf(name) { try VoiceActivityDetector(configuration) }
        }
        rows.append(try stateOf("endpointer") { try Endpointer() })
        rows.append(try stateOf("way in, 8 kHz mu-law, with both") { try InboundMedia() })
        rows.append(try stateOf("playout") { try Playout() })
        reportState(rows)
    }

    /// Inline: the value itself. Heap: what the allocator hands out for each more of it, of 64, after a first one that
    /// fills what all share.
    private static func stateOf<Stage: ~Copyable>(_ name: String, _ make: () throws -> Stage) throws -> StateSize {
        let count = 64
        do { _ = try make() }
        let stages = UnsafeMutablePointer<Stage>.allocate(capacity: count)
        let before = allocatedBytes()
        for place in 0..<count { (stages + place).initialize(to: try make()) }
        let heap = (allocatedBytes() - before) / count
        stages.deinitialize(count: count)
        stages.deallocate()
        return StateSize(name: name, inlineBytes: MemoryLayout<Stage>.size, heapBytes: heap)
    }
}
