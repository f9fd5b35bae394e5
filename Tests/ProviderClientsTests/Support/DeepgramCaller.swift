import CallTime
import Providers
import Synchronization

@testable import ProviderClients

/// A caller in mu-law at 8 kHz before a Deepgram session, and what the session said.
final class DeepgramCaller: Sendable {
    let session: DeepgramSession
    private let log: EventList
    private let pushed = Mutex<[UInt8]>([])

    private final class EventList: Sendable {
        let all = Mutex<[TranscriptEvent]>([])
    }

    init(
        _ server: FakeWebSocketServer, language: String = "en-US",
        _ change: (inout DeepgramRecogniser.Configuration) -> Void = { _ in }
    ) async throws {
        var configuration = DeepgramRecogniser.Configuration(apiKey: "s3cret", baseURL: try VendorURL(server.url))
        change(&configuration)
        let log = EventList()
        self.log = log
        let session = try await DeepgramRecogniser(configuration).open(
            SpeechToTextConfiguration(language: language)
        ) { event in log.all.withLock { $0.append(event) } }
        self.session = session as! DeepgramSession
    }

    var events: [TranscriptEvent] { log.all.withLock { $0 } }
    var finals: [Transcript] { events.compactMap { if case .final(let transcript) = $0 { transcript } else { nil } } }
    var interims: [String] {
        events.compactMap { if case .interim(let transcript) = $0 { transcript.text } else { nil } }
    }
    var failures: [ProviderError] { events.compactMap { if case .failed(let error) = $0 { error } else { nil } } }
    var statistics: DeepgramStatistics { session.statistics }
    /// All audio so far.
    var audio: [UInt8] { pushed.withLock { $0 } }
    var place: SampleTime { SampleTime(audio.count) }

    /// Pushes audio in frames of 20 ms, all at once.
    func push(loudMs: Int = 0, silentMs: Int = 0) {
        // Loud audio differs from frame to frame, so that a test sees what was left out.
        let loud = (0..<loudMs * 8).map { UInt8(1 + $0 / 7 % 100) }
        let bytes = loud + [UInt8](repeating: 0xFF, count: silentMs * 8)
        for begin in stride(from: 0, to: bytes.count, by: 160) {
            let frame = Array(bytes[begin..<min(begin + 160, bytes.count)])
            let at = pushed.withLock { pushed in
                defer { pushed += frame }
                return pushed.count
            }
            session.push(.muLaw(frame), at: SampleTime(at))
        }
    }

    /// Pushes audio in real time.
    func live(loudMs: Int = 0, silentMs: Int = 0) async {
        for isLoud in [true, false] {
            for _ in 0..<(isLoud ? loudMs : silentMs) / 20 {
                push(loudMs: isLoud ? 20 : 0, silentMs: isLoud ? 0 : 20)
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Says one utterance of that length and asks for it; `revision` 0.
    func say(_ utterance: Int, ms: Int = 400, silentMs: Int = 200, isAsked: Bool = true) {
        let onset = place
        push(loudMs: ms)
        session.utteranceStarted(utterance, onset: onset)
        let last = place
        push(silentMs: silentMs)
        if isAsked { session.finalize(utterance, revision: 0, lastSpeech: last) }
    }

    func hasAnswers(_ count: Int, within limit: Duration = .seconds(3)) async -> Bool {
        await eventually(within: limit) { self.finals.count + self.failures.count >= count }
    }
}
