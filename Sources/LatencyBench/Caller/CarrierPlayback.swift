/// What a carrier does with the audio it is sent: plays it in the order of its arrival, at 8,000 samples a second.
///
/// An empty queue plays what it gets at once; `clear` empties it. A mark is due when the audio before it was played, at
/// once with nothing queued, and with a `clear` in any case. Time is the stream's sample clock and comes as an argument.
public struct CarrierPlayback: Sendable {
    /// Ten minutes of audio: a server that sends more ahead will not be listened to.
    public static let mostSamples = 4_800_000

    /// Where the agent was audible.
    public private(set) var voiced = VoicedSpans()
    private var queue: [(start: Int, bytes: [UInt8])] = []
    private var marks: [(due: Int, name: String)] = []
    /// Where the audio that has been sent so far ends.
    private var end = 0
    /// All before it has been played.
    private var played = 0

    public init() {}

    /// Samples that wait.
    public var queued: Int { max(0, end - played) }

    /// Queues audio that arrives at `now`.
    ///
    /// - Returns: false when the queue is full, and the audio dropped.
    public mutating func play(_ bytes: [UInt8], at now: Int) -> Bool {
        guard !bytes.isEmpty else { return true }
        guard end - now + bytes.count <= Self.mostSamples else { return false }
        let start = max(now, end)
        queue.append((start, bytes))
        end = start + bytes.count
        return true
    }

    /// A mark that arrives at `now`; `due` tells when it is to be sent back.
    public mutating func mark(_ name: String, at now: Int) { marks.append((max(now, end), name)) }

    /// Drops what has not been played. Every mark that waits is due now.
    public mutating func clear(at now: Int) {
        advance(to: now)
        queue = []
        end = min(end, now)
        for place in marks.indices { marks[place].due = min(marks[place].due, now) }
    }

    /// When the next mark is to be sent back.
    public var nextMark: Int? { marks.first?.due }

    /// Takes the marks that are due.
    public mutating func takeMarks(at now: Int) -> [String] {
        let count = marks.firstIndex { $0.due > now } ?? marks.count
        defer { marks.removeFirst(count) }
        return marks[..<count].map(\.name)
    }

    /// Plays up to `now`.
    public mutating func advance(to now: Int) {
        guard now > played else { return }
        played = now
        while let first = queue.first, first.start < now {
            let count = min(first.bytes.count, now - first.start)
            voiced.append(first.bytes[..<count], at: first.start)
            if count == first.bytes.count {
                queue.removeFirst()
            } else {
                queue[0] = (first.start + count, Array(first.bytes[count...]))
            }
        }
    }

    /// The stream is over: what was played last is judged too.
    public mutating func finish(at now: Int) {
        advance(to: now)
        voiced.finish()
    }
}
