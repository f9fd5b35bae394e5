import CallTime
import Providers
import Synchronization

/// Speech from flite, a synthesizer small enough to live in the process: no key, no network, English only.
///
/// - Voices: `kal` (8 kHz, the default) and `kal16` are spliced from recordings: the same text gives the same samples.
///   `slt`, `rms` and `awb` are statistical (16 kHz) and sound smoother. They too repeat themselves, as long as no other
///   part of the process calls `rand()` while they speak.
/// - Output: the words' places first, then audio at the asked rate in chunks of 100 ms, each as soon as it is made.
///   Active speech lies near −20 dBFS. Of the pause before the first word 40 ms are left, of the one after the last
///   100 ms, of one in between at most 240 ms.
/// - Words: one for each word of the text as white space parts it, punctuation included, however many words it is read
///   as ("3:30"); none for what is not spoken (a lone dash).
/// - Reading: `SpokenText` says how times, dates, phone numbers and addresses are read.
/// - Threads: any number of requests; flite itself makes one text at a time, in order (see `FliteLibrary.queue`).
/// - Edges: text without a word ends without audio. A text of more than `longestText` bytes is refused.
public struct FliteVoice: TextToSpeech {
    /// In bytes of UTF-8. A reply comes in sentences; a book would keep every other call waiting.
    public static let longestText = 4_000

    public let name = "flite"
    private let voice: String

    /// The names of the voices there are.
    public static var voiceNames: [String] { FliteLibrary.voices.map(\.name) }

    /// - Throws: `ProviderError` naming the known voices when `voice` is none of them.
    public init(voice: String = "kal") throws(ProviderError) {
        self.voice = try FliteLibrary.voice(named: voice).name
    }

    public func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<SpeechEvent, any Error> {
        var request = request
        if request.voice.isEmpty { request.voice = voice }
        return AsyncThrowingStream { [request] continuation in
            let listener = Listener()
            continuation.onTermination = { _ in listener.leave() }
            FliteLibrary.queue.async {
                guard listener.isThere else { return }
                do throws(ProviderError) {
                    try FliteReading(request).speak { event in
                        guard listener.isThere else { return false }
                        continuation.yield(event)
                        return true
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
        }
    }
}

/// Whether somebody still listens.
private final class Listener: Sendable {
    private let present = Atomic(true)
    var isThere: Bool { present.load(ordering: .acquiring) }
    func leave() { present.store(false, ordering: .releasing) }
}
