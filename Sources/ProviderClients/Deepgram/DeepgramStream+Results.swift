import CallTime
import Foundation
import NIOCore
import Providers

// What the vendor understood, put at its place in the call.
extension DeepgramStream {
    /// Seconds of the connection as samples of the call; nil when they are nonsense.
    func range(_ start: Double, until end: Double) -> Range<Int>? {
        guard (0...DeepgramLimits.mostSeconds).contains(start), (start...DeepgramLimits.mostSeconds).contains(end)
        else {
            return nil
        }
        return place(start)..<place(end)
    }

    func place(_ seconds: Double) -> Int { offset + Int((seconds * Double(rate.hz)).rounded()) }

    func take(_ result: DeepgramMessage.Result, _ best: DeepgramMessage.Result.Alternative, _ range: Range<Int>) {
        let heard = words(of: best, range)
        guard result.isFinal else { return words.takeInterim(heard, range) }
        let outcome = words.takeFinal(heard, range, tolerance: tolerance)
        switch outcome {
        case .duplicate: counters.count(\.duplicateFinals)
        case .emptyOfKnown: counters.count(\.emptyFinals)
        case .news: break
        }
        acknowledge(range.upperBound)
        let isAnswer = result.from_finalize == true
        if isAnswer, lastFinalized != range {
            finalizesAnswered += 1
            lastFinalized = range
            if !unanswered.isEmpty { unanswered.removeFirst() }
        }
        unanswered.removeAll { $0.place - tolerance <= range.upperBound }
        for question in questions {
            let isCovered = range.upperBound >= question.lastSpeech - tolerance
            let isMeant = isAnswer && question.sent.map { $0.ordinal <= finalizesAnswered } ?? false
            // Nothing understood is an answer only where it was asked for; before that the end may be missing.
            if isMeant || isCovered && (isAnswer && question.sent != nil || !text(of: question.utterance).text.isEmpty)
            {
                answer(question)
            }
        }
    }

    func words(of best: DeepgramMessage.Result.Alternative, _ range: Range<Int>) -> [DeepgramWords.Word] {
        let heard = best.words ?? []
        if heard.isEmpty {
            let text = best.transcript.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            guard !text.isEmpty else { return [] }
            return [
                DeepgramWords.Word(
                    text: text, start: range.lowerBound, end: max(range.upperBound, range.lowerBound + 1),
                    confidence: best.confidence ?? 1, isWhole: true)
            ]
        }
        // An empty transcript beside words is the vendor's word for having understood nothing.
        guard best.transcript.contains(where: { !$0.isWhitespace }) else { return [] }
        return heard.compactMap { word in
            let text = word.punctuated_word ?? word.word
            let own = word.start.flatMap { start in word.end.flatMap { self.range(start, until: $0) } } ?? range
            guard !text.isEmpty else { return nil }
            return DeepgramWords.Word(
                text: text, start: own.lowerBound, end: max(own.upperBound, own.lowerBound + 1),
                confidence: word.confidence ?? best.confidence ?? 1)
        }
    }

    /// Audio before `place` need not be sent again.
    func acknowledge(_ place: Int) {
        if configuration.isFlux { words.acknowledge(place) }
        trim()
    }

    func trim() {
        guard let audio else { return }
        let replayed = max(words.finalEnd ?? .min, audio.end - rate.samples(in: DeepgramLimits.longestReplay))
        let waiting = audio.end - rate.samples(in: DeepgramLimits.longestWait)
        self.audio!.forget(before: max(min(replayed, sentEnd), waiting))
        if sentEnd < self.audio!.start {
            skip(to: self.audio!.start)
            // Its clock would be wrong from here on.
            if isReady { reconnect(isAtOnce: true) }
        }
    }
}
