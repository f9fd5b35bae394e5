import CallTime
import NIOCore
import Providers
import Synchronization

/// One request to a voice, from any thread.
struct SpeechTicket: Sendable {
    typealias Continuation = AsyncThrowingStream<SpeechEvent, any Error>.Continuation

    private static let last = Atomic(0)

    /// Unique in the process.
    let number: Int
    let request: SpeechRequest
    let continuation: Continuation

    init(_ request: SpeechRequest, _ continuation: Continuation) {
        number = Self.last.add(1, ordering: .relaxed).newValue
        self.request = request
        self.continuation = continuation
    }
}

extension SpeechRequest {
    /// Whether there is anything to pronounce.
    var hasWords: Bool { text.contains { $0.isLetter || $0.isNumber } }
}

/// A vendor's audio bytes as payloads: G.711 as it is, linear samples put together from bytes cut anywhere.
struct SpeechAudioReader {
    /// 5 minutes at 48 kHz: more for one sentence is a vendor's fault.
    static let mostSamples = 300 * 48_000

    let isMuLaw: Bool
    /// Samples so far.
    private(set) var sampleCount = 0
    private var oddByte: UInt8?

    init(isMuLaw: Bool) { self.isMuLaw = isMuLaw }

    /// nil: not yet a whole sample.
    mutating func take(_ bytes: [UInt8]) -> AudioPayload? {
        if isMuLaw {
            sampleCount += bytes.count
            return bytes.isEmpty ? nil : .muLaw(bytes)
        }
        var samples: [Int16] = []
        samples.reserveCapacity(bytes.count / 2 + 1)
        var index = 0
        if let low = oddByte, let high = bytes.first {
            samples.append(Int16(bitPattern: UInt16(high) << 8 | UInt16(low)))
            oddByte = nil
            index = 1
        }
        while index + 1 < bytes.count {
            samples.append(Int16(bitPattern: UInt16(bytes[index + 1]) << 8 | UInt16(bytes[index])))
            index += 2
        }
        if index < bytes.count { oddByte = bytes[index] }
        sampleCount += samples.count
        return samples.isEmpty ? nil : .linear16(samples)
    }
}

/// What a voice holds for the calls that are on: one line a call, and one for everybody else.
final class VoiceLines<Line: VoiceLine>: Sendable {
    private let lines = Mutex<[String: Line]>([:])
    private let make: @Sendable (_ isShared: Bool) -> Line

    init(make: @escaping @Sendable (_ isShared: Bool) -> Line) { self.make = make }

    /// Of calls, without the shared line.
    var callCount: Int { lines.withLock { $0.count - ($0[""] == nil ? 0 : 1) } }

    func begin(_ callID: String) {
        guard !callID.isEmpty else { return }
        let line: Line? = lines.withLock { lines in
            if lines[callID] != nil { return nil }
            let line = make(false)
            lines[callID] = line
            return line
        }
        line?.warmUp()
    }

    /// The call's, or the shared one when no such call is on.
    func line(of callID: String) -> Line {
        lines.withLock { lines in
            if let line = lines[callID] ?? lines[""] { return line }
            let line = make(true)
            lines[""] = line
            return line
        }
    }

    func end(_ callID: String) {
        guard !callID.isEmpty else { return }
        lines.withLock { $0.removeValue(forKey: callID) }?.end()
    }
}

/// What one call, or all that have none, shares of a voice: its sockets. Every method returns at once.
protocol VoiceLine: Sendable {
    func warmUp()
    func say(_ ticket: SpeechTicket)
    func cancel(_ number: Int)
    func end()
}

extension VoiceLine {
    /// A stream that is said by this line; ending its iteration cancels it.
    func stream(_ request: SpeechRequest) -> AsyncThrowingStream<SpeechEvent, any Error> {
        let (stream, continuation) = AsyncThrowingStream<SpeechEvent, any Error>.makeStream()
        guard request.hasWords else {
            continuation.finish()
            return stream
        }
        let ticket = SpeechTicket(request, continuation)
        continuation.onTermination = { [number = ticket.number] in if case .cancelled = $0 { cancel(number) } }
        say(ticket)
        return stream
    }
}
