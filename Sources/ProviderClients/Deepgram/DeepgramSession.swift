import CallTime
import NIOCore
import Providers
import Synchronization

/// What went otherwise than planned in one session.
public struct DeepgramStatistics: Sendable, Equatable {
    /// Connections after the first.
    public var reconnects = 0
    /// Audio that was never sent: too much of it waited for a connection.
    public var droppedSamples = 0
    /// Final results for audio that had its final result already.
    public var duplicateFinals = 0
    /// Final results without text where words were known.
    public var emptyFinals = 0
    public var malformedMessages = 0
}

/// One call's recognition by Deepgram.
///
/// - Threads: every method may be called from any thread; the state lives on one event loop, where events are delivered
///   too. A call on that loop acts directly.
/// - Answers: after `finalize` comes a `.final` or a `.failed` within 1.3 s.
/// - Memory: at most 30 s of audio that waits, and 12 s that may have to be sent again.
public final class DeepgramSession: SpeechToTextSession {
    private let loop: any EventLoop
    private let stream: NIOLoopBoundBox<DeepgramStream>
    private let counters: DeepgramCounters

    init(
        _ configuration: DeepgramRecogniser.Configuration, rate: SampleRate, language: String, on loop: any EventLoop,
        onEvent: @escaping @Sendable (TranscriptEvent) -> Void
    ) {
        self.loop = loop
        counters = DeepgramCounters()
        // Made here, it is handed over to the loop, which alone touches it from now on.
        stream = .makeBoxSendingValue(
            DeepgramStream(
                configuration, rate: rate, language: language, on: loop, counters: counters, onEvent: onEvent),
            eventLoop: loop)
    }

    public var statistics: DeepgramStatistics { counters.value.withLock { $0 } }

    public func push(_ audio: AudioPayload, at place: SampleTime) { perform { $0.push(audio, at: place.index) } }
    /// The vendor has no grammar to choose: key terms are the connection's.
    public func expect(step: String?) {}

    public func utteranceStarted(_ utterance: Int, onset: SampleTime) {
        perform { $0.start(utterance, onset: onset.index) }
    }

    public func finalize(_ utterance: Int, revision: Int, lastSpeech: SampleTime) {
        perform { $0.finalize(utterance, revision: revision, lastSpeech: lastSpeech.index) }
    }

    public func utteranceEnded(_ utterance: Int) { perform { $0.end(utterance) } }

    /// At most 2 s.
    public func drained() async {
        await withCheckedContinuation { continuation in perform { $0.whenDrained(continuation) } }
    }

    public func close() async {
        await withCheckedContinuation { continuation in
            perform {
                $0.close()
                continuation.resume()
            }
        }
    }

    private func perform(_ act: @escaping @Sendable (DeepgramStream) -> Void) {
        if loop.inEventLoop { return stream.value.perform(act) }
        loop.execute { self.stream.value.perform(act) }
    }
}

/// Read by anyone, written by the stream.
final class DeepgramCounters: Sendable {
    let value = Mutex(DeepgramStatistics())
    func count(_ counter: WritableKeyPath<DeepgramStatistics, Int> & Sendable, _ more: Int = 1) {
        value.withLock { $0[keyPath: counter] += more }
    }
}
