import CallTime
import Foundation
import NIOCore
import Providers

// What the runtime is told of it.
extension DeepgramStream {
    func text(of utterance: Int) -> DeepgramText {
        guard let window = utterances.window(of: utterance) else { return DeepgramText([]) }
        return configuration.isFlux ? turns.text(of: utterance, in: window) : words.text(in: window)
    }

    /// Whether the vendor has said all it has to say of the utterance.
    func isKnown(_ question: Question, isExact: Bool) -> Bool {
        guard let window = utterances.window(of: question.utterance), !text(of: question.utterance).text.isEmpty else {
            return false
        }
        if configuration.isFlux { return turns.isOver(at: question.lastSpeech - tolerance, in: window) }
        return (words.finalEnd ?? .min) >= question.lastSpeech - (isExact ? 0 : tolerance)
    }

    func answer(_ question: Question) { answer(question, with: text(of: question.utterance)) }

    func answer(_ question: Question, with answer: DeepgramText, isRejected: Bool? = nil) {
        questions.removeAll { $0.utterance == question.utterance }
        guard var own = utterances[question.utterance] else { return }
        own.lastText = answer.text
        own.givenEnd = max(own.givenEnd, answer.end)
        utterances[question.utterance] = own
        if let window = utterances.window(of: question.utterance) { turns.give(to: question.utterance, in: window) }
        let spoken = question.lastSpeech - own.onset
        let wasRejected = answer.text.isEmpty && (isRejected ?? (spoken >= rate.samples(in: DeepgramLimits.audible)))
        outbox.append(
            .final(
                Transcript(
                    utterance: question.utterance, revision: question.revision, text: answer.text,
                    confidence: answer.confidence, wasRejected: wasRejected,
                    audioEnd: SampleTime(max(0, min(question.lastSpeech, pushedEnd))))))
    }

    func fail(_ question: Question, _ kind: ProviderError.Kind, _ detail: String) {
        questions.removeAll { $0.utterance == question.utterance }
        outbox.append(
            .failed(
                ProviderError(
                    provider: DeepgramRecogniser.providerName, kind: kind, detail: detail, isRetryable: true)))
    }

    func tellInterim() {
        guard var own = utterances.current else { return }
        let known = text(of: own.number)
        guard !known.text.isEmpty, known.text != own.lastText else { return }
        own.lastText = known.text
        utterances[own.number] = own
        outbox.append(
            .interim(
                Transcript(
                    utterance: own.number, text: known.text, confidence: known.confidence,
                    audioEnd: SampleTime(max(0, pushedEnd)))))
    }
}
