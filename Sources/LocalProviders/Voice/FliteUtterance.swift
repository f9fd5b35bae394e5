import CFlite
import Providers

/// One text on its way through flite. Lives on `FliteLibrary.queue`.
///
/// The tokens are handed to flite rather than found by it, so that each knows the word of the text it came from.
final class FliteUtterance {
    private let utterance: UnsafeMutablePointer<cst_utterance>

    init(_ tokens: [SpokenText.Token], voice: UnsafeMutablePointer<cst_voice>) throws(ProviderError) {
        guard let made = new_utterance() else { throw Self.failure }
        utterance = made
        guard utt_init(utterance, voice) != nil, let relation = utt_relation_create(utterance, Key.token) else {
            throw Self.failure
        }
        for token in tokens {
            for part in token.parts {
                guard let item = relation_append(relation, nil) else { throw Self.failure }
                item_set_string(item, Key.name, part.name)
                item_set_string(item, Key.whitespace, " ")
                item_set_string(item, Key.prepunctuation, "")
                item_set_string(item, Key.punctuation, part.punctuation)
            }
        }
    }

    deinit { delete_utterance(utterance) }

    private static var failure: ProviderError {
        ProviderError(provider: "flite", kind: .malformed, detail: "no speech came of a text")
    }

    // MARK: Synthesis

    /// Synthesizes, handing over the wave as it grows.
    ///
    /// - Parameter body: gets the next samples, and on its first call the segments, complete; false stops the work.
    func synthesize(_ body: @escaping (borrowing FliteSegments, UnsafeBufferPointer<Int16>, Int) -> Bool) {
        let receiver = Receiver(segments: FliteSegments(utterance: utterance), body: body)
        withExtendedLifetime(receiver) {
            guard let streaming = new_audio_streaming_info() else { return }
            streaming.pointee.min_buffsize = 0
            streaming.pointee.userdata = Unmanaged.passUnretained(receiver).toOpaque()
            streaming.pointee.asc = { wave, start, size, _, streaming in
                guard let wave, let data = streaming?.pointee.userdata else { return CST_AUDIO_STREAM_STOP }
                // SAFETY: the receiver outlives the synthesis; the wave holds `start + size` finished samples.
                let receiver = Unmanaged<Receiver>.fromOpaque(data).takeUnretainedValue()
                let samples = UnsafeBufferPointer(start: wave.pointee.samples + Int(start), count: Int(size))
                let goOn = receiver.body(receiver.segments, samples, Int(wave.pointee.sample_rate))
                return goOn ? CST_AUDIO_STREAM_CONT : CST_AUDIO_STREAM_STOP
            }
            // The utterance owns the streaming description from here on and frees it.
            feat_set(utterance.pointee.features, Key.streaming, audio_streaming_info_val(streaming))
            _ = utt_synth_tokens(utterance)
        }
    }

    /// flite keeps the pointers to the names of what is set, so they must last: string literals do.
    private enum Key {
        static var token: UnsafePointer<CChar> { pointer("Token") }
        static var streaming: UnsafePointer<CChar> { pointer("streaming_info") }
        static var name: UnsafePointer<CChar> { pointer("name") }
        static var whitespace: UnsafePointer<CChar> { pointer("whitespace") }
        static var prepunctuation: UnsafePointer<CChar> { pointer("prepunctuation") }
        static var punctuation: UnsafePointer<CChar> { pointer("punc") }

        // SAFETY: a static string of more than one character is kept as zero-ended bytes in the program itself.
        private static func pointer(_ text: StaticString) -> UnsafePointer<CChar> {
            UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
        }
    }

    private final class Receiver {
        let segments: FliteSegments
        let body: (borrowing FliteSegments, UnsafeBufferPointer<Int16>, Int) -> Bool

        init(
            segments: FliteSegments, body: @escaping (borrowing FliteSegments, UnsafeBufferPointer<Int16>, Int) -> Bool
        ) {
            self.segments = segments
            self.body = body
        }
    }
}

/// When what sounds, in seconds of flite's wave. Valid while its utterance lives.
struct FliteSegments {
    fileprivate let utterance: UnsafeMutablePointer<cst_utterance>

    /// The speech of each token handed to flite, nil for those that are silent.
    func tokens() -> [Range<Float>?] {
        items(from: relation_head(utt_relation(utterance, "Token"))).map(speech(of:))
    }

    /// The pauses in order; the last one ends the text.
    func pauses() -> [Range<Float>] {
        var begin: Float = 0
        var pauses: [Range<Float>] = []
        for segment in items(from: relation_head(utt_relation(utterance, "Segment"))) {
            let end = max(begin, item_feat_float(segment, "end"))
            if String(cString: item_feat_string(segment, "name")) == "pau" { pauses.append(begin..<end) }
            begin = end
        }
        return pauses
    }

    /// From the first segment of the token's words to the last; a pause in the midst of them included.
    private func speech(of token: UnsafeMutablePointer<cst_item>) -> Range<Float>? {
        var range: Range<Float>?
        for word in items(from: item_daughter(token)) {
            for syllable in items(from: daughters(of: word, "SylStructure")) {
                for part in items(from: item_daughter(syllable)) {
                    guard let segment = item_as(part, "Segment") else { continue }
                    let end = item_feat_float(segment, "end")
                    let begin = item_prev(segment).map { item_feat_float($0, "end") } ?? 0
                    guard begin < end else { continue }
                    range = min(range?.lowerBound ?? begin, begin)..<max(range?.upperBound ?? end, end)
                }
            }
        }
        return range
    }

    private func daughters(
        of item: UnsafeMutablePointer<cst_item>, _ relation: String
    ) -> UnsafeMutablePointer<cst_item>? {
        item_as(item, relation).flatMap { item_daughter($0) }
    }

    private func items(from first: UnsafeMutablePointer<cst_item>?) -> [UnsafeMutablePointer<cst_item>] {
        var items: [UnsafeMutablePointer<cst_item>] = []
        var next = first
        while let item = next {
            items.append(item)
            next = item_next(item)
        }
        return items
    }
}
