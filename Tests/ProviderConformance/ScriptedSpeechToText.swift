import CallTime
import Providers
import Synchronization

/// A recogniser that is told what it hears: audio of any loudness is `text`, silence is nothing.
///
/// It answers at once and on the calling thread. `fault` breaks one promise, to see that somebody notices.
public struct ScriptedSpeechToText: SpeechToText {
    public enum Fault: String, Sendable, CaseIterable {
        case answersTwice, answersRepeats, answersTheEnded, answersOldRevisions, forgetsTheRevision, answersLate
        case answersAfterClose, answersLongAfterClose, answersTheUnknown
        case hearsSilence, hearsNothing, claimsFutureAudio, isTooSure, dependsOnPushes, mixesUtterances
        case failsInAnothersName, neverDrains
    }

    public let name = "scripted-stt"
    public var text: String
    public var fault: Fault?
    /// `open` throws.
    public var isBroken = false

    public init(text: String, fault: Fault? = nil, isBroken: Bool = false) {
        self.text = text
        self.fault = fault
        self.isBroken = isBroken
    }

    public func open(
        _ configuration: SpeechToTextConfiguration, onEvent: @escaping @Sendable (TranscriptEvent) -> Void
    ) async throws(ProviderError) -> any SpeechToTextSession {
        if isBroken {
            throw ProviderError(
                provider: fault == .failsInAnothersName ? "somebody else" : name, kind: .unavailable, detail: "broken")
        }
        return Session(text: text, fault: fault, onEvent: onEvent)
    }

    private final class Session: SpeechToTextSession {
        private struct State {
            var loud: [Bool] = []
            var pushes = 0
            var onsets: [Int: Int] = [:]
            var revisions: [Int: Int] = [:]
            var heldBack: [Transcript] = []
            var hasDrained = false
            var isClosed = false
        }

        private let text: String
        private let fault: Fault?
        private let onEvent: @Sendable (TranscriptEvent) -> Void
        private let state = Mutex(State())

        init(text: String, fault: Fault?, onEvent: @escaping @Sendable (TranscriptEvent) -> Void) {
            self.text = text
            self.fault = fault
            self.onEvent = onEvent
        }

        func push(_ audio: AudioPayload, at: SampleTime) {
            let loud: [Bool] =
                switch audio {
                case .muLaw(let bytes): bytes.map { $0 & 0x7F != 0x7F }
                case .linear16(let samples): samples.map { $0 != 0 }
                }
            state.withLock {
                $0.loud += loud
                $0.pushes += 1
            }
        }

        func expect(step: String?) {}

        func utteranceStarted(_ utterance: Int, onset: SampleTime) {
            state.withLock { $0.onsets[utterance] = onset.index }
        }

        func finalize(_ utterance: Int, revision: Int, lastSpeech: SampleTime) {
            let due = state.withLock { state -> [Transcript] in
                guard let answer = answer(utterance, revision, lastSpeech.index, &state) else { return [] }
                if fault == .answersLongAfterClose, state.isClosed {
                    deliverLater(answer)
                    return []
                }
                if fault == .answersLate {
                    state.heldBack.append(answer)
                    return []
                }
                return fault == .answersTwice ? [answer, answer] : [answer]
            }
            for transcript in due { onEvent(.final(transcript)) }
        }

        /// When the suite's own questions have been answered.
        private func deliverLater(_ transcript: Transcript) {
            Task { [onEvent] in
                for _ in 0..<1_000 { await Task.yield() }
                onEvent(.final(transcript))
            }
        }

        private func answer(_ utterance: Int, _ revision: Int, _ lastSpeech: Int, _ state: inout State) -> Transcript? {
            if state.isClosed, fault != .answersAfterClose, fault != .answersLongAfterClose { return nil }
            guard state.onsets[utterance] != nil || fault == .answersTheUnknown else { return nil }
            let last = state.revisions[utterance] ?? -1
            let isDue =
                revision > last || fault == .answersOldRevisions && revision < last
                || fault == .answersRepeats && revision == last
            guard isDue else { return nil }
            state.revisions[utterance] = max(revision, last)
            let end = min(lastSpeech, state.loud.count)
            let begin = min(state.onsets[utterance] ?? 0, end)
            let isHeard = fault == .hearsSilence || state.loud[begin..<end].contains(true) && fault != .hearsNothing
            return Transcript(
                utterance: fault == .mixesUtterances ? 1 : utterance,
                revision: fault == .forgetsTheRevision ? 0 : revision,
                text: isHeard ? text + (fault == .dependsOnPushes ? " \(state.pushes)" : "") : "",
                confidence: fault == .isTooSure ? 100 : 0.9,
                audioEnd: SampleTime(fault == .claimsFutureAudio ? state.loud.count + 1 : end))
        }

        func utteranceEnded(_ utterance: Int) {
            let due = state.withLock { state -> [Transcript] in
                if fault != .answersTheEnded { state.onsets[utterance] = nil }
                guard state.hasDrained else { return [] }
                defer { state.heldBack = [] }
                return state.heldBack
            }
            for transcript in due { onEvent(.final(transcript)) }
        }

        func drained() async {
            state.withLock { $0.hasDrained = true }
            // Nobody ever resumes it: what the suite's limit is for.
            if fault == .neverDrains { await AsyncStream<Void> { _ in }.first { _ in true } }
        }

        func close() async { state.withLock { $0.isClosed = true } }
    }
}
