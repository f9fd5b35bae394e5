import CallTime
import Glibc
import VoiceActivity

/// Measures the detector and the endpointer on raw 16-bit mono audio (`sox IN -t raw -e signed -b 16 OUT`).
@main
enum VADBench {
    static let usage = """
        vad-bench [--detector learned|rule] features RATE IN.s16 OUT.f32 [CLIP_SECONDS]
                                108 floats a hop; each clip begins anew
        vad-bench [--detector learned|rule] frames   RATE IN.s16 OUT.csv   time_s,probability a hop
        vad-bench [--detector learned|rule] events   RATE IN.s16           name,seconds,decided_s an event
        vad-bench [--detector learned|rule] cost     RATE IN.s16           ns a 20 ms frame, least of 7 runs

        """

    static func main() throws {
        var arguments = CommandLine.arguments
        var configuration = VoiceActivityDetector.Configuration()
        if arguments.count > 2, arguments[1] == "--detector" {
            guard choose(arguments[2], in: &configuration) else {
                fail("vad-bench: this build has no detector '\(arguments[2])'\n", status: 3)
            }
            arguments.removeSubrange(1...2)
        }
        guard arguments.count >= 4, let hz = Int(arguments[2]), let audio = samples(of: arguments[3]) else {
            fail(usage, status: 2)
        }
        configuration.sampleRate = SampleRate(hz: hz)
        switch (arguments[1], arguments.count) {
        case ("features", 5): try writeFeatures(audio, configuration.sampleRate, arguments[4])
        case ("features", 6):
            try writeFeatures(audio, configuration.sampleRate, arguments[4], clipSeconds: Int(arguments[5]))
        case ("frames", 5): try writeFrames(audio, configuration, arguments[4])
        case ("events", 4): try printEvents(audio, configuration)
        case ("cost", 4): try printCost(audio, configuration)
        default: fail(usage, status: 2)
        }
    }

    static func fail(_ text: String, status: Int32) -> Never {
        var bytes = Array(text.utf8)
        _ = write(STDERR_FILENO, &bytes, bytes.count)
        exit(status)
    }

    /// False for a detector that the engine this was built against does not have.
    static func choose(_ name: String, in configuration: inout VoiceActivityDetector.Configuration) -> Bool {
        guard let kind = VoiceActivityDetector.Kind(rawValue: name) else { return false }
        configuration.kind = kind
        return true
    }

    static func samples(of path: String) -> [Float]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var result: [Float] = []
        var block = [Int16](repeating: 0, count: 8_192)
        while case let count = fread(&block, 2, block.count, file), count > 0 {
            for sample in block[..<count] { result.append(Float(sample) / 32_768) }
        }
        return result
    }

    static func forEachHop(_ audio: [Float], _ hopSamples: Int, _ body: (Span<Float>) -> Void) {
        for start in stride(from: 0, to: audio.count - hopSamples + 1, by: hopSamples) {
            body(audio.span.extracting(start..<start + hopSamples))
        }
    }

    static func writeFeatures(_ audio: [Float], _ rate: SampleRate, _ path: String, clipSeconds: Int? = nil) throws {
        var extractor = try VoiceFeatureExtractor(sampleRate: rate)
        var vector = [Float](repeating: 0, count: VoiceFeatures.count)
        let file = fopen(path, "wb")!
        defer { fclose(file) }
        let hopsAClip = clipSeconds.map { $0 * rate.hz / extractor.hopSamples } ?? .max
        var hops = 0
        forEachHop(audio, extractor.hopSamples) { hop in
            if hops % hopsAClip == 0 { extractor.reset() }
            hops += 1
            var span = vector.mutableSpan
            extractor.process(hop, into: &span)
            fwrite(&vector, 4, vector.count, file)
        }
    }

    static func writeFrames(
        _ audio: [Float], _ configuration: VoiceActivityDetector.Configuration, _ path: String
    ) throws {
        let rate = configuration.sampleRate
        var detector = try VoiceActivityDetector(configuration)
        let file = fopen(path, "w")!
        defer { fclose(file) }
        fputs("time_s,probability\n", file)
        var handed = 0
        forEachHop(audio, detector.hopSamples) { hop in
            handed += hop.count
            fputs("\(Double(handed) / Double(rate.hz)),\(detector.process(hop))\n", file)
        }
    }

    static func printEvents(_ audio: [Float], _ configuration: VoiceActivityDetector.Configuration) throws {
        let rate = configuration.sampleRate
        var detector = try VoiceActivityDetector(configuration)
        var settings = Endpointer.Configuration()
        settings.sampleRate = rate
        settings.hopSamples = detector.hopSamples
        var endpointer = try Endpointer(settings)
        let seconds = { (time: SampleTime) in Double(time.index) / Double(rate.hz) }
        let show = { (event: EndpointEvent) in
            switch event {
            case .speechStarted(let onset, let decided): print("started,\(seconds(onset)),\(seconds(decided))")
            case .speechProbablyEnded(let last, let decided): print("probably,\(seconds(last)),\(seconds(decided))")
            case .speechResumed(let onset, let decided): print("resumed,\(seconds(onset)),\(seconds(decided))")
            case .speechEnded(let last, let decided, _, _): print("ended,\(seconds(last)),\(seconds(decided))")
            }
        }
        forEachHop(audio, detector.hopSamples) { hop in
            let probability = detector.process(hop)
            endpointer.process(probability: probability, levelOverFloorDB: detector.levelOverFloorDB).forEach(show)
        }
        endpointer.finish().forEach(show)
    }

    static func printCost(_ audio: [Float], _ configuration: VoiceActivityDetector.Configuration) throws {
        let rate = configuration.sampleRate
        var detector = try VoiceActivityDetector(configuration)
        let frames = Double(audio.count) / Double(rate.hz) * 50
        var least = Double.infinity
        var sum: Float = 0
        for _ in 0..<7 {
            let begin = processorNanoseconds()
            forEachHop(audio, detector.hopSamples) { sum += detector.process($0) }
            least = min(least, Double(processorNanoseconds() - begin) / frames)
        }
        print("\(rate.hz) Hz: \(Int(least)) ns a 20 ms frame (mean probability \(sum / Float(7 * frames * 2)))")
    }

    /// Time this thread had a core: what other work takes meanwhile is not counted.
    private static func processorNanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
