import CallTime
import Codecs

/// The way to a carrier that queues what it gets: how far ahead of its time audio is sent, and the marks that tell how
/// much of it was played.
///
/// Audio goes out as mu-law in messages of up to the whole lead. The queue is filled up when it falls under two thirds
/// of the lead: a dozen messages a second instead of fifty.
public struct CarrierLine: Sendable {
    public enum Command: Sendable, Equatable {
        /// mu-law, 8,000 Hz.
        case media([UInt8])
        case mark(String)
        /// Drop what is queued, here or there.
        case clear
    }

    /// How much audio the carrier may hold unplayed. What is out when a caller interrupts was in vain; what is too
    /// little leaves gaps when a tick comes late. 160 to 200 ms is what users of such carriers settled on.
    public var lead = Duration.milliseconds(200)
    /// A mark after each so much audio; a carrier echoes it when the audio before it was played.
    public var markSpacing = Duration.milliseconds(400)
    private let send: @Sendable (Command) -> Void

    /// A new one with each clear: an echo of an older one says nothing of what was played.
    private var generation = 0
    private var markNumber = 0
    private var sinceMark = Duration.zero
    private var awaited: [(name: String, due: CallInstant)] = []
    /// The smallest delay of an echo so far: the way there and back.
    private var quickestEcho = Duration.seconds(1)

    private static let chunk = 160
    private static let mostAwaited = 64

    public init(send: @escaping @Sendable (Command) -> Void) { self.send = send }

    /// Sends what `engine` has to say until the carrier holds the lead.
    mutating func fill(from engine: inout CallEngine, at now: CallInstant) {
        guard engine.lead(at: now) < lead * 2 / 3 else { return }
        var bytes: [UInt8] = []
        var frame = [Int16](repeating: 0, count: Self.chunk)
        while engine.hasAudio, engine.lead(at: now) < lead {
            var span = frame.mutableSpan
            let count = engine.nextAudio(into: &span, at: now)
            guard count > 0 else { continue }
            for sample in frame[..<count] { bytes.append(MuLaw.encode(sample)) }
        }
        guard !bytes.isEmpty else { return }
        sinceMark += SampleRate.narrowband.duration(of: bytes.count)
        send(.media(bytes))
        if sinceMark >= markSpacing || !engine.hasAudio { mark(due: now + engine.lead(at: now)) }
    }

    private mutating func mark(due: CallInstant) {
        sinceMark = .zero
        markNumber += 1
        let name = "\(generation).\(markNumber)"
        if awaited.count >= Self.mostAwaited { awaited.removeFirst() }
        awaited.append((name, due))
        send(.mark(name))
    }

    /// Sends audio that no turn of the agent's owns.
    func play(_ bytes: [UInt8]) { send(.media(bytes)) }

    mutating func clear() {
        generation += 1
        awaited = []
        sinceMark = .zero
        send(.clear)
    }

    /// How much longer the carrier's queue is than was thought, when an echo shows that; nil otherwise.
    mutating func markReturned(_ name: String, at now: CallInstant) -> Duration? {
        guard let place = awaited.firstIndex(where: { $0.name == name }) else { return nil }
        let delay = now - awaited[place].due
        awaited.removeFirst(place + 1)
        quickestEcho = min(quickestEcho, max(.zero, delay))
        let lag = delay - quickestEcho
        // Less is jitter of the network, not of the queue.
        return lag > .milliseconds(100) && lag < .seconds(2) ? lag : nil
    }
}
