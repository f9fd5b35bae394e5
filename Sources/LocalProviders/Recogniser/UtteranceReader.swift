import CallTime

/// What a decoder makes of one stretch of audio: the text, how sure it is, and whether it was speech at all.
struct UtteranceReading: Sendable, Equatable {
    var text = ""
    var confidence = 0.0
    var wasRejected = false
}

/// Reads whole stretches of caller audio with one grammar; a function of its arguments alone.
enum UtteranceReader {
    /// The full reading: the grammar's path held against a free phone loop over the same audio.
    static func read(
        _ samples: [Int16], rate: SampleRate, grammar: CompiledGrammar, decoder: PocketSphinxDecoder
    ) -> UtteranceReading {
        guard SpeechEnergy.isPresent(in: samples, rate: rate) else { return UtteranceReading() }
        let wide = wideband(samples, rate)
        let rejected = UtteranceReading(wasRejected: true)
        guard let path = decoder.decode(wide, with: grammar), !path.text.isEmpty else { return rejected }
        let fit = Acceptance.fit(of: path, against: decoder.decodePhones(wide))
        guard fit.isAccepted else { return UtteranceReading(confidence: fit.confidence, wasRejected: true) }
        return UtteranceReading(text: path.text, confidence: fit.confidence)
    }

    /// The words so far, from the beginning of an utterance; empty while there are none. Not held against anything.
    static func readPrefix(
        _ samples: [Int16], rate: SampleRate, grammar: CompiledGrammar, decoder: PocketSphinxDecoder
    ) -> String {
        guard SpeechEnergy.isPresent(in: samples, rate: rate) else { return "" }
        return decoder.decodePrefix(wideband(samples, rate), with: grammar)?.text ?? ""
    }

    private static func wideband(_ samples: [Int16], _ rate: SampleRate) -> [Int16] {
        rate == .wideband ? samples : RecogniserTap.upsampled(samples)
    }
}

/// Whether there is anything in a stretch of audio loud enough to be speech.
enum SpeechEnergy {
    /// Level of a 20 ms block that may be speech: −50 dBFS, some 20 dB above the noise of a quiet telephone line and
    /// 20 dB below a soft voice.
    private static let meanSquareLimit = 32_768.0 * 32_768.0 * 1e-5
    /// Blocks needed: 60 ms, shorter than any word.
    private static let leastBlocks = 3

    static func isPresent(in samples: [Int16], rate: SampleRate) -> Bool {
        let block = rate.samples(in: .milliseconds(20))
        var loud = 0
        var start = 0
        while start + block <= samples.count {
            var sum = 0
            for i in start..<(start + block) { sum += Int(samples[i]) * Int(samples[i]) }
            if Double(sum) > meanSquareLimit * Double(block) { loud += 1 }
            if loud >= leastBlocks { return true }
            start += block
        }
        return false
    }
}
