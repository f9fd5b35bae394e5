import AudioCore
import Glibc
import TestSupport
import Testing

/// Two real threads, one ring. `scripts/check-ring-tsan.sh` runs this suite under the thread sanitizer, with and
/// without a planted fault, so everything here uses concrete element types that release builds specialise. Who finds
/// the ring full or empty yields: spinning would push the other thread's accesses out of the sanitizer's memory.
@Suite("A ring between two threads")
struct RingStressTests {
    /// Elements a run, fewer under the sanitizer; odd chunk lengths make every run cross the ring's end at every offset.
    private static let count: Int = {
        #if RING_TSAN
            30_000
        #else
            300_000
        #endif
    }()

    @Test func carriesEveryByteInOrderInChunks() {
        var random = SplitMix64(seed: 0xB17E)
        let lengths = (0..<64).map { _ in random.next(in: 1...300) }
        let ring = RingBuffer.make(of: UInt8.self, capacity: 256, whenFull: .refuse)
        let outcome = Outcome()
        runOnTwoThreads(
            ring.producer,
            { producer in
                var producer = producer
                var (sent, turn) = (0, 0)
                while sent < Self.count {
                    let length = min(lengths[turn & 63], Self.count - sent)
                    let chunk = (0..<length).map { UInt8(truncatingIfNeeded: sent + $0) }
                    let written = producer.write(chunk.span)
                    if written == 0 { sched_yield() }
                    sent += written
                    turn += 1
                }
            }, ring.consumer,
            { consumer in
                var consumer = consumer
                var chunk = [UInt8](repeating: 0, count: 300)
                var (received, turn, wrong) = (0, 0, 0)
                while received < Self.count {
                    let limit = lengths[(turn + 7) & 63]
                    let length = chunk.withUnsafeMutableBufferPointer { buffer in
                        var span = MutableSpan(_unsafeElements: buffer[..<limit])
                        return consumer.read(into: &span)
                    }
                    for i in 0..<length where chunk[i] != UInt8(truncatingIfNeeded: received + i) { wrong += 1 }
                    if length == 0 { sched_yield() }
                    received += length
                    turn += 1
                }
                outcome.set(received: received, wrong: wrong)
            })
        #expect(outcome.received == Self.count)
        #expect(outcome.wrong == 0)
    }

    @Test func carriesEverySampleInOrderOneByOne() {
        let ring = RingBuffer.make(of: Float.self, capacity: 64, whenFull: .refuse)
        let outcome = Outcome()
        runOnTwoThreads(
            ring.producer,
            { producer in
                var producer = producer
                var sent = 0
                while sent < Self.count {
                    if producer.write(Float(sent)) { sent += 1 } else { sched_yield() }
                }
            }, ring.consumer,
            { consumer in
                var consumer = consumer
                var (received, wrong) = (0, 0)
                while received < Self.count {
                    guard let sample = consumer.read() else {
                        sched_yield()
                        continue
                    }
                    if sample != Float(received) { wrong += 1 }
                    received += 1
                }
                outcome.set(received: received, wrong: wrong)
            })
        #expect(outcome.received == Self.count)
        #expect(outcome.wrong == 0)
    }

    @Test func carriesWholePacketsNeverTornOnes() {
        let ring = RingBuffer.make(of: Packet.self, capacity: 16, whenFull: .refuse)
        let outcome = Outcome()
        runOnTwoThreads(
            ring.producer,
            { producer in
                var producer = producer
                var sent = 0
                while sent < Self.count / 10 {
                    if producer.write(Packet(number: sent)) { sent += 1 } else { sched_yield() }
                }
            }, ring.consumer,
            { consumer in
                var consumer = consumer
                var (received, wrong) = (0, 0)
                while received < Self.count / 10 {
                    guard let packet = consumer.read() else {
                        sched_yield()
                        continue
                    }
                    if packet != Packet(number: received) { wrong += 1 }
                    received += 1
                }
                outcome.set(received: received, wrong: wrong)
            })
        #expect(outcome.received == Self.count / 10)
        #expect(outcome.wrong == 0)
    }

    @Test func whatIsDroppedPlusWhatArrivesIsWhatWasSent() {
        let ring = RingBuffer.make(of: Int32.self, capacity: 128, whenFull: .dropNewest)
        let outcome = Outcome()
        runOnTwoThreads(
            ring.producer,
            { producer in
                var producer = producer
                for number in 0..<Int32(Self.count) { _ = producer.write(number) }
                outcome.set(dropped: producer.dropped)
                while !producer.write(-1) { sched_yield() }
            }, ring.consumer,
            { consumer in
                var consumer = consumer
                var (received, wrong) = (0, 0)
                var last: Int32 = -1
                while true {
                    guard let number = consumer.read() else {
                        sched_yield()
                        continue
                    }
                    if number == -1 { break }
                    if number <= last { wrong += 1 }
                    last = number
                    received += 1
                }
                outcome.set(received: received, wrong: wrong)
            })
        #expect(outcome.received + outcome.dropped == Self.count)
        #expect(outcome.wrong == 0)
    }
}

/// 176 bytes, as a G.711 packet of 20 ms with its header would be.
private struct Packet: BitwiseCopyable, Sendable, Equatable {
    var sequence: Int
    var timestamp: Int
    var payload: InlineArray<20, UInt64>

    init(number: Int) {
        sequence = number
        timestamp = 160 * number
        payload = InlineArray(repeating: UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
    }

    static func == (a: Packet, b: Packet) -> Bool {
        for i in 0..<20 where a.payload[i] != b.payload[i] { return false }
        return a.sequence == b.sequence && a.timestamp == b.timestamp
    }
}

/// What the threads found, read after both have ended. Each field is written by one thread only.
private final class Outcome: @unchecked Sendable {
    private(set) var received = 0
    private(set) var wrong = -1
    private(set) var dropped = 0

    func set(received: Int, wrong: Int) {
        self.received = received
        self.wrong = wrong
    }
    func set(dropped: Int) { self.dropped = dropped }
}
