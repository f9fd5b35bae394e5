import CFlite
import CallTime
import Dispatch
import Providers

/// The process's one flite: its voices, and the queue on which it works.
enum FliteLibrary {
    static let voices = ["kal", "kal16", "slt", "rms", "awb"]

    /// flite's voices keep state between texts, so one text is made at a time.
    static let queue = DispatchQueue(label: "parley.flite", qos: .userInitiated)

    // SAFETY: written once, by the first use of the lazily made constant; used on `queue` only.
    nonisolated(unsafe) private static let registered: [String: UnsafeMutablePointer<cst_voice>] = {
        flite_init()
        var voices: [String: UnsafeMutablePointer<cst_voice>] = [:]
        voices["kal"] = register_cmu_us_kal(nil)
        voices["kal16"] = register_cmu_us_kal16(nil)
        voices["slt"] = register_cmu_us_slt(nil)
        voices["rms"] = register_cmu_us_rms(nil)
        voices["awb"] = register_cmu_us_awb(nil)
        return voices
    }()

    static func unknown(_ voice: String) -> ProviderError {
        ProviderError(
            provider: "flite", kind: .rejected,
            detail: "there is no voice named \(voice); there are \(voices.joined(separator: ", "))")
    }

    /// Synthesizes `text`. Call it on `queue`.
    static func speak(_ text: String, voice name: String) throws(ProviderError) -> FliteSpeech {
        guard let voice = registered[name] else { throw unknown(name) }
        let nothing = FliteSpeech(samples: [], rate: .narrowband, words: [])
        guard text.contains(where: { $0.isLetter || $0.isNumber }) else { return nothing }
        guard let utterance = flite_synth_text(text, voice) else {
            throw ProviderError(provider: "flite", kind: .malformed, detail: "no speech came of a text")
        }
        defer { delete_utterance(utterance) }
        guard let wave = utt_wave(utterance), wave.pointee.num_samples > 0 else { return nothing }
        let rate = SampleRate(hz: Int(wave.pointee.sample_rate))
        // SAFETY: the wave belongs to the utterance, which lives until the end of this scope.
        let samples = Array(UnsafeBufferPointer(start: wave.pointee.samples, count: Int(wave.pointee.num_samples)))
        return FliteSpeech(
            samples: trimmed(samples, rate), rate: rate, words: words(of: utterance, in: text, rate))
    }

    /// At most 100 ms of the pause after the last sound, which flite makes a quarter of a second long.
    private static func trimmed(_ samples: [Int16], _ rate: SampleRate) -> [Int16] {
        let last = samples.lastIndex { abs(Int($0)) > 250 } ?? 0
        return Array(samples[..<min(samples.count, last + rate.samples(in: .milliseconds(100)))])
    }

    // MARK: Words

    /// Where each word of the text sounds. A token that is read as several words ("3:30") is one word here.
    private static func words(
        of utterance: UnsafeMutablePointer<cst_utterance>, in text: String, _ rate: SampleRate
    ) -> [Providers.SpokenWord] {
        let bytes = Array(text.utf8)
        var cursor = 0
        var words: [Providers.SpokenWord] = []
        var token = relation_head(utt_relation(utterance, "Token"))
        while let current = token {
            token = item_next(current)
            guard let range = nextWord(in: bytes, from: cursor) else { break }
            cursor = range.upperBound
            guard let times = seconds(of: current) else { continue }
            let begin = Int(times.lowerBound * Float(rate.hz))
            words.append(
                Providers.SpokenWord(
                    textRange: range, samples: begin..<max(begin, Int(times.upperBound * Float(rate.hz)))))
        }
        return words
    }

    /// flite cuts its tokens at white space, as this does.
    private static func nextWord(in bytes: [UInt8], from place: Int) -> Range<Int>? {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        var begin = place
        while begin < bytes.count, isSpace(bytes[begin]) { begin += 1 }
        var end = begin
        while end < bytes.count, !isSpace(bytes[end]) { end += 1 }
        return begin < end ? begin..<end : nil
    }

    /// From the first segment of the token's first word to the last of its last; nil when it is silent.
    private static func seconds(of token: UnsafeMutablePointer<cst_item>) -> Range<Float>? {
        guard let first = item_daughter(token) else { return nil }
        var last = first
        while let next = item_next(last) { last = next }
        let begin = ffeature_float(first, "R:SylStructure.daughter1.daughter1.R:Segment.p.end")
        let end = ffeature_float(last, "R:SylStructure.daughtern.daughtern.R:Segment.end")
        return begin < end ? begin..<end : nil
    }
}
