import CPocketSphinx
import Providers

/// One PocketSphinx decoder. Used by one thread at a time; `DecoderPool` sees to that.
///
/// - Cost: 28 MB each, the second and third as much as the first, and 0.1 s of computing to make; grammars come on top
///   (measured, Benchmarks/recogniser.md).
///
/// Every call decodes a whole utterance at once, with the cepstral mean taken over that utterance, and starts a new
/// stream, so that nothing of earlier utterances is left in it: the same samples and grammar give the same answer, in
/// a new decoder or a used one (a test compares them).
///
/// SAFETY: `@unchecked Sendable` because the C decoder has no thread of its own and may be handed from thread to thread
/// as long as two never use it at once. The pool hands it out to one at a time, with its lock in between.
final class PocketSphinxDecoder: @unchecked Sendable {
    /// The English model.
    static let modelFolder = RecogniserModel.folder + "/en-us"
    /// Grammars kept compiled in one decoder. An agent has about a dozen, each of some 100 kB.
    static let mostGrammars = 64

    private let decoder: OpaquePointer
    private let configuration: OpaquePointer
    /// Names of grammars compiled here, least recently used first.
    private var grammars: [String] = []
    private var addedWords: Set<String> = []

    init(modelFolder: String = PocketSphinxDecoder.modelFolder) throws(ProviderError) {
        // The library prints to stderr unless it is told not to: once for its messages, which are the process's, and
        // once for its list of options, which goes to the file of the thread that reads them.
        err_set_callback(nil, nil)
        err_set_logfp(nil)
        guard let parsed = Self.configuration(modelFolder: modelFolder) else {
            throw Self.unavailable("it took none of its own options")
        }
        guard let made = ps_init(parsed) else {
            cmd_ln_free_r(parsed)
            throw Self.unavailable("no English model in \(modelFolder) (Debian: pocketsphinx-en-us)")
        }
        configuration = parsed
        decoder = made
        try addPhoneLoop()
    }

    deinit {
        ps_free(decoder)
        cmd_ln_free_r(configuration)
    }

    private static func configuration(modelFolder: String) -> OpaquePointer? {
        let options = [
            "-hmm": modelFolder + "/en-us", "-dict": modelFolder + "/cmudict-en-us.dict",
            // The mean of one utterance; nothing is carried over to the next.
            "-cmn": "batch",
            // Noise and silence removal keep a state over utterances, and cost accuracy on telephone audio.
            "-remove_noise": "no", "-remove_silence": "no",
            // Scores are relative to the best of all senones, so that a grammar's and the phone loop's compare.
            "-compallsen": "yes",
            "-bestpath": "no",
        ]
        var configuration = cmd_ln_parse_r(nil, ps_args(), 0, nil, 0)
        for (name, value) in options {
            guard let current = configuration else { return nil }
            if value == "yes" || value == "no" {
                cmd_ln_set_int_r(current, name, value == "yes" ? 1 : 0)
            } else {
                cmd_ln_set_str_r(current, name, value)
            }
            configuration = current
        }
        return configuration
    }

    static func unavailable(_ detail: String) -> ProviderError {
        ProviderError(provider: PocketSphinxRecogniser.providerName, kind: .unavailable, detail: detail)
    }

    // MARK: Words

    /// The phones of a word as the model's dictionary has them: `CH EH K`; nil for a word it does not have.
    ///
    /// Words that grammars have added are none of them: the next decoder lacks those, so a grammar that relied on them
    /// would be refused there.
    func pronunciation(of word: String) -> String? {
        guard !addedWords.contains(word), let found = ps_lookup_word(decoder, word) else { return nil }
        defer { ckd_free(found) }
        return String(cString: found)
    }

    private func add(_ word: PronouncedWord) {
        guard pronunciation(of: word.text) == nil, addedWords.insert(word.text).inserted else { return }
        ps_add_word(decoder, word.text, word.phones, 0)
    }

    // MARK: Grammars

    /// Compiles the grammar unless this decoder has it; false when PocketSphinx refuses it.
    @discardableResult
    func prepare(_ grammar: CompiledGrammar) -> Bool {
        if let place = grammars.firstIndex(of: grammar.id) {
            grammars.append(grammars.remove(at: place))
            return true
        }
        grammar.addedWords.forEach(add)
        guard ps_set_jsgf_string(decoder, grammar.id, grammar.jsgf) == 0 else { return false }
        grammars.append(grammar.id)
        if grammars.count > Self.mostGrammars {
            // The active search must not be the one that goes.
            ps_set_search(decoder, Self.phoneLoop)
            ps_unset_search(decoder, grammars.removeFirst())
        }
        return true
    }

    // MARK: Decoding

    /// The best path of `grammar` through the whole of `samples` (16 kHz); nil when none reaches the grammar's end.
    func decode(_ samples: [Int16], with grammar: CompiledGrammar) -> DecodedPath? {
        guard prepare(grammar) else { return nil }
        return run(grammar.id, samples, isComplete: true)
    }

    /// The best path so far: the grammar need not be at its end.
    func decodePrefix(_ samples: [Int16], with grammar: CompiledGrammar) -> DecodedPath? {
        guard prepare(grammar) else { return nil }
        return run(grammar.id, samples, isComplete: false)
    }

    /// The best sequence of phones whatever, which a grammar's path is measured against.
    func decodePhones(_ samples: [Int16]) -> DecodedPath? { run(Self.phoneLoop, samples, isComplete: true) }

    private func run(_ search: String, _ samples: [Int16], isComplete: Bool) -> DecodedPath? {
        guard ps_set_search(decoder, search) == 0, ps_start_stream(decoder) == 0, ps_start_utt(decoder) == 0 else {
            return nil
        }
        samples.withUnsafeBufferPointer { buffer in
            _ = ps_process_raw(decoder, buffer.baseAddress, buffer.count, 0, 1)
        }
        if isComplete { ps_end_utt(decoder) }
        let path = readPath()
        if !isComplete { ps_end_utt(decoder) }
        return path
    }

    private func readPath() -> DecodedPath? {
        guard ps_get_hyp(decoder, nil) != nil else { return nil }
        var path = DecodedPath()
        var segment = ps_seg_iter(decoder)
        while let current = segment {
            var (start, end, score): (Int32, Int32, Int32) = (0, 0, 0)
            ps_seg_frames(current, &start, &end)
            _ = ps_seg_prob(current, &score, nil, nil)
            // Steps without audio have no word: "(NULL)".
            if start >= 0, end >= start, let word = ps_seg_word(current), word.pointee != 0x28 {
                path.segments.append(
                    .init(word: String(cString: word), frames: Int(start)..<Int(end) + 1, score: Int(score)))
            }
            segment = ps_seg_next(current)
        }
        return path
    }

    // MARK: The phone loop

    private static let phoneLoop = "parley-phones"
    /// The phones of the model's dictionary (ARPAbet without stress).
    static let phones = """
        AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH
        """.split(separator: " ").map(String.init)

    private func addPhoneLoop() throws(ProviderError) {
        for phone in Self.phones { ps_add_word(decoder, "parley_" + phone.lowercased(), phone, 0) }
        let loop = Self.phones.map { "parley_" + $0.lowercased() }.joined(separator: " | ")
        let jsgf = "#JSGF V1.0;\ngrammar phones;\npublic <phones> = (\(loop))+ ;\n"
        guard ps_set_jsgf_string(decoder, Self.phoneLoop, jsgf) == 0 else {
            throw Self.unavailable("its phone loop could not be made")
        }
    }
}

/// A path through audio: words and silences with the frames (10 ms) they take, in order and without holes.
struct DecodedPath: Sendable, Equatable {
    struct Segment: Sendable, Equatable {
        /// As the decoder names it: `tuesday(2)`, `<sil>`.
        var word: String
        var frames: Range<Int>
        /// Acoustic log score, 0 or less; larger is better.
        var score: Int

        var isFiller: Bool { word.hasPrefix("<") || word.hasPrefix("[") || word.hasPrefix("++") }
        /// Without the mark of another pronunciation.
        var text: String { word.firstIndex(of: "(").map { String(word[..<$0]) } ?? word }
    }

    var segments: [Segment] = []
    /// What was said, without hesitations.
    var text: String {
        segments.filter { !$0.isFiller && !SpokenGrammar.hesitations.contains($0.text) }.map(\.text)
            .joined(separator: " ")
    }
}
