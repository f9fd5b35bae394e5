/// The utterances of a call, in order, and which part of the audio is each one's. Places are samples.
struct DeepgramUtterances {
    struct Utterance {
        let number: Int
        let onset: Int
        var lastSpeech: Int?
        var lastRevision = -1
        var isEnded = false
        /// The end of what it was answered with: a later utterance does not get that again.
        var givenEnd = Int.min
        /// What was said of it last, so that nothing is said twice.
        var lastText = ""
    }

    /// Words this long before an onset still belong to it: a detector is sure only after some speech.
    private let lead: Int
    /// Speech this long after the last we heard still belongs to the utterance that ended.
    private let tail: Int
    private(set) var all: [Utterance] = []

    init(lead: Int, tail: Int) {
        self.lead = lead
        self.tail = tail
    }

    /// The one under way.
    var current: Utterance? { all.last.flatMap { $0.isEnded ? nil : $0 } }

    mutating func start(_ number: Int, onset: Int) {
        guard number > all.last?.number ?? .min else { return }
        all.append(Utterance(number: number, onset: onset))
        // Answers come within seconds: sixteen back nobody waits any more.
        if all.count > 16 { all.removeFirst() }
    }

    subscript(number: Int) -> Utterance? {
        get { all.last { $0.number == number } }
        set {
            guard let newValue, let index = all.lastIndex(where: { $0.number == number }) else { return }
            all[index] = newValue
        }
    }

    /// From where until where words are this utterance's.
    func window(of number: Int) -> Range<Int>? {
        guard let index = all.firstIndex(where: { $0.number == number }) else { return nil }
        let from = index == 0 ? all[0].onset - lead : border(before: index)
        let until = index + 1 < all.count ? border(before: index + 1) : Int.max
        return from..<max(from, until)
    }

    private func border(before index: Int) -> Int {
        let (last, next) = (all[index - 1], all[index])
        let spoken = min((last.lastSpeech ?? .min / 2) + tail, next.onset)
        return max(next.onset - lead, spoken, last.givenEnd)
    }
}
