/// What Nova has understood, word by word on the call's time line. Places are samples.
struct DeepgramWords {
    struct Word {
        var text: String
        var start: Int
        var end: Int
        var confidence: Double
        /// A whole result without times for its words: it belongs to where it ends, as it may begin in silence.
        var isWhole = false

        /// The place that decides whose it is.
        var anchor: Int { isWhole ? end - 1 : (start + end) / 2 }

        func overlaps(_ other: Word) -> Bool {
            let shared = min(end, other.end) - max(start, other.start)
            return 2 * shared > min(end - start, other.end - other.start) || (start == other.start && end == other.end)
        }
    }

    /// Kept: several minutes of talk.
    private static let most = 1_024
    private var finals: [Word] = []
    private var interims: [Word] = []
    /// The end of what has its final result; nothing before the first.
    private(set) var finalEnd: Int?

    enum Outcome { case news, duplicate, emptyOfKnown }

    mutating func takeInterim(_ words: [Word], _ range: Range<Int>) {
        // What is known for sure is not taken back by a guess, nor is a guess by nothing.
        guard !words.isEmpty else { return }
        interims.removeAll { $0.anchor >= range.lowerBound }
        interims += words.filter { word in !finals.contains { $0.overlaps(word) } }
    }

    mutating func takeFinal(_ words: [Word], _ range: Range<Int>, tolerance: Int) -> Outcome {
        let isDuplicate = finalEnd.map { range.upperBound <= $0 && range.lowerBound < $0 - tolerance } ?? false
        let known = interims.filter { $0.anchor < range.upperBound }
        interims.removeAll { $0.anchor < range.upperBound }
        let isEmptied = words.isEmpty && known.contains { $0.anchor >= range.lowerBound }
        for word in words.isEmpty ? known : words where !finals.contains(where: { $0.overlaps(word) }) {
            let place = finals.lastIndex { $0.start <= word.start }.map { $0 + 1 } ?? 0
            finals.insert(word, at: place)
        }
        if finals.count > Self.most { finals.removeFirst(Self.most / 2) }
        finalEnd = max(finalEnd ?? .min, range.upperBound)
        return isDuplicate ? .duplicate : isEmptied ? .emptyOfKnown : .news
    }

    /// Everything before `place` has been heard; it need not be sent again.
    mutating func acknowledge(_ place: Int) { finalEnd = max(finalEnd ?? .min, place) }

    /// What was said within the window: text, mean confidence and where its last word ends.
    func text(in window: Range<Int>) -> DeepgramText {
        DeepgramText((finals + interims).filter { window.contains($0.anchor) })
    }
}

/// Words put together.
struct DeepgramText {
    var text = ""
    /// 0 without words.
    var confidence = 0.0
    var end = Int.min

    init(_ words: [DeepgramWords.Word]) {
        guard !words.isEmpty else { return }
        text = words.map(\.text).joined(separator: " ")
        confidence = min(1, max(0, words.reduce(0) { $0 + $1.confidence } / Double(words.count)))
        end = words.map(\.end).max()!
    }

    init(text: String, confidence: Double) {
        self.text = text
        self.confidence = text.isEmpty ? 0 : min(1, max(0, confidence))
    }
}
