import CallTime
import Providers
import Synchronization

@testable import LocalProviders

/// Plays utterances into one session the way the runtime does, and keeps the session's events.
final class RecogniserCall: Sendable {
    let session: any SpeechToTextSession
    private let log: EventLog

    final class EventLog: Sendable {
        private let events = Mutex<[TranscriptEvent]>([])
        func append(_ event: TranscriptEvent) { events.withLock { $0.append(event) } }
        var all: [TranscriptEvent] { events.withLock { $0 } }
    }

    init(_ recogniser: PocketSphinxRecogniser, rate: SampleRate = .narrowband) async throws {
        let log = EventLog()
        self.log = log
        session = try await recogniser.open(SpeechToTextConfiguration(sampleRate: rate)) { log.append($0) }
    }

    var events: [TranscriptEvent] { log.all }
    var finals: [Transcript] {
        events.compactMap { if case .final(let transcript) = $0 { transcript } else { nil } }
    }
    var interims: [Transcript] {
        events.compactMap { if case .interim(let transcript) = $0 { transcript } else { nil } }
    }

    /// Pushes all of `speech` from `place` in pieces of `chunk` samples; the calls come at fixed places of the stream.
    func play(
        _ speech: RecogniserSpeech, utterance: Int, question: String?, at place: Int = 0, chunk: Int = 160
    ) async {
        let onset = place + speech.speech.lowerBound
        let end = place + speech.speech.upperBound
        session.expect(step: question)
        push(speech.bytes[..<(speech.speech.lowerBound + 800)], at: place, chunk: chunk)
        session.utteranceStarted(utterance, onset: SampleTime(onset))
        push(speech.bytes[(speech.speech.lowerBound + 800)...], at: onset + 800, chunk: chunk)
        session.finalize(utterance, revision: 0, lastSpeech: SampleTime(end))
        session.utteranceEnded(utterance)
        await session.drained()
    }

    func push(_ bytes: ArraySlice<UInt8>, at place: Int, chunk: Int) {
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = min(start + chunk, bytes.endIndex)
            session.push(.muLaw(Array(bytes[start..<end])), at: SampleTime(place + start - bytes.startIndex))
            start = end
        }
    }
}
