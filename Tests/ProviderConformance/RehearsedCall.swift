import CallTime
import Providers
import Synchronization

/// The events of one session, in the order in which they came.
final class TranscriptLog: Sendable {
    private let events = Mutex<[TranscriptEvent]>([])

    func append(_ event: TranscriptEvent) { events.withLock { $0.append(event) } }
    var all: [TranscriptEvent] { events.withLock { $0 } }
    var count: Int { events.withLock { $0.count } }
    var finals: [Transcript] { all.compactMap { if case .final(let transcript) = $0 { transcript } else { nil } } }
    var failure: ProviderError? {
        for case .failed(let error) in all { return error }
        return nil
    }
}

/// One session, spoken to the way the runtime does it.
final class RehearsedCall: Sendable {
    let session: any SpeechToTextSession
    let log = TranscriptLog()
    private let pushed = Mutex(0)

    init(_ provider: any SpeechToText, _ rate: SampleRate) async throws(ProviderError) {
        session = try await provider.open(SpeechToTextConfiguration(sampleRate: rate)) { [log] in log.append($0) }
    }

    /// Says the sample after whatever was said before, asks for its transcript and waits for it.
    func play(_ sample: SpokenSample, utterance: Int, chunk: Int) async {
        session.expect(step: sample.step)
        begin(sample, utterance: utterance, chunk: chunk)
        await session.drained()
    }

    /// Says the sample and asks for its transcript. The onset is known 100 ms late, as a detector knows it.
    func begin(_ sample: SpokenSample, utterance: Int, chunk: Int, isEnded: Bool = true) {
        let start = pushed.withLock { $0 }
        let confirmed = min(sample.speech.lowerBound + sample.sampleRate.hz / 10, sample.audio.sampleCount)
        push(sample.audio, 0..<confirmed, chunk: chunk)
        session.utteranceStarted(utterance, onset: SampleTime(start + sample.speech.lowerBound))
        push(sample.audio, confirmed..<sample.audio.sampleCount, chunk: chunk)
        session.finalize(utterance, revision: 0, lastSpeech: SampleTime(start + sample.speech.upperBound))
        if isEnded { session.utteranceEnded(utterance) }
    }

    /// Pushes a part of some audio, in pieces, at the stream's end.
    func push(_ audio: AudioPayload, _ range: Range<Int>, chunk: Int) {
        for begin in stride(from: range.lowerBound, to: range.upperBound, by: max(1, chunk)) {
            let piece = audio.part(begin..<min(begin + max(1, chunk), range.upperBound))
            session.push(piece, at: SampleTime(pushed.withLock { $0 }))
            pushed.withLock { $0 += piece.sampleCount }
        }
    }

    /// What is wrong with the answers to one utterance of which those revisions were asked.
    func problems(of utterance: Int, revisions: [Int]) -> [String] {
        let finals = log.finals.filter { $0.utterance == utterance }
        var found: [String] = []
        if finals.map(\.revision) != revisions {
            let answered = finals.map(\.revision)
            found.append("utterance \(utterance): revisions \(revisions) were asked, \(answered) answered")
        }
        let end = pushed.withLock { $0 }
        for event in log.all {
            guard let transcript = event.transcript, transcript.utterance == utterance else { continue }
            if !(0...1).contains(transcript.confidence) { found.append("confidence \(transcript.confidence)") }
            if !(0...end).contains(transcript.audioEnd.index) {
                found.append("audio up to \(transcript.audioEnd), of which \(end) samples were pushed")
            }
            if transcript.wasRejected, !transcript.text.isEmpty { found.append("\"\(transcript.text)\" was rejected") }
            if case .interim = event, transcript.revision != 0 { found.append("an interim transcript has a revision") }
        }
        return found
    }
}

extension TranscriptEvent {
    fileprivate var transcript: Transcript? {
        switch self {
        case .interim(let transcript), .final(let transcript): transcript
        case .failed, .fellBack: nil
        }
    }
}

extension AudioPayload {
    func part(_ range: Range<Int>) -> AudioPayload {
        switch self {
        case .muLaw(let bytes): .muLaw(Array(bytes[range]))
        case .linear16(let samples): .linear16(Array(samples[range]))
        }
    }

    func silence(_ count: Int) -> AudioPayload {
        switch self {
        case .muLaw: .muLaw(Array(repeating: 0xFF, count: count))
        case .linear16: .linear16(Array(repeating: 0, count: count))
        }
    }
}
