/// What Flux has understood, turn by turn. Its words have no times, so that a turn's words are handed out in order.
struct DeepgramTurns {
    struct Turn {
        let connection: Int
        let index: Int
        var words: [Substring]
        var confidence: Double
        /// The part of the call it was heard in, in samples.
        var window: Range<Int>
        /// The vendor thinks it over, perhaps for now.
        var isOver: Bool
        /// How many words the utterances so far were answered with, oldest first.
        var given: [(utterance: Int, words: Int)] = []

        func words(of utterance: Int) -> ArraySlice<Substring> {
            words.dropFirst(given.last { $0.utterance < utterance }?.words ?? 0)
        }
    }

    private static let most = 32
    private var turns: [Turn] = []

    /// Whether a turn is open on that connection.
    func isOpen(on connection: Int) -> Bool { turns.last.map { $0.connection == connection && !$0.isOver } ?? false }

    mutating func take(_ message: DeepgramMessage.Turn, on connection: Int, window: Range<Int>) {
        let known = turns.lastIndex { $0.connection == connection && $0.index == message.turn_index }
        let words = message.transcript.split(whereSeparator: \.isWhitespace)
        if known == nil, words.isEmpty, message.event == "Update" { return }
        let index = known ?? turns.count
        if known == nil {
            // What an unfinished turn of a connection that broke off said is heard again on the next.
            turns.removeAll { $0.connection < connection && !$0.isOver && $0.window.upperBound > window.lowerBound }
            turns.append(
                Turn(
                    connection: connection, index: message.turn_index, words: [], confidence: 1, window: window,
                    isOver: false))
        }
        let place = min(index, turns.count - 1)
        // An empty end would take back what was understood.
        if !words.isEmpty { turns[place].words = words }
        let confidences = (message.words ?? []).compactMap(\.confidence)
        if !confidences.isEmpty { turns[place].confidence = confidences.reduce(0, +) / Double(confidences.count) }
        let start = min(turns[place].window.lowerBound, window.lowerBound)
        turns[place].window = start..<max(start + 1, turns[place].window.upperBound, window.upperBound)
        turns[place].isOver = message.event == "EagerEndOfTurn" || message.event == "EndOfTurn"
        if turns.count > Self.most { turns.removeFirst() }
    }

    func text(of utterance: Int, in window: Range<Int>) -> DeepgramText {
        let own = turns.filter { $0.window.overlaps(window) }
        let words = own.flatMap { $0.words(of: utterance) }
        let sum = own.reduce(0) { $0 + $1.confidence }
        return DeepgramText(
            text: words.joined(separator: " "), confidence: own.isEmpty ? 0 : sum / Double(own.count))
    }

    /// The utterance was answered with everything that is known of it now.
    mutating func give(to utterance: Int, in window: Range<Int>) {
        for index in turns.indices where turns[index].window.overlaps(window) {
            turns[index].given.removeAll { $0.utterance >= utterance }
            turns[index].given.append((utterance, turns[index].words.count))
        }
    }

    /// Whether the vendor thinks that what was said up to `place` is over.
    func isOver(at place: Int, in window: Range<Int>) -> Bool {
        guard let last = turns.last(where: { $0.window.overlaps(window) }) else { return false }
        return last.isOver && last.window.upperBound >= place
    }
}
