import AudioCore
import TestSupport
import Testing

@Suite("A ring on one thread")
struct RingBufferTests {
    @Test func givesBackWhatWasWrittenInOrder() {
        let ring = Ring(of: Float.self, capacity: 8)
        #expect(ring.write([1, 2, 3]) == 3)
        #expect(ring.available == 3)
        #expect(ring.read(8, filler: 0) == [1, 2, 3])
        #expect(ring.available == 0)
    }

    @Test func usesItsWholeCapacity() {
        let ring = Ring(of: UInt8.self, capacity: 4)
        #expect(ring.capacities == [4, 4])
        #expect(ring.free == 4)
        #expect(ring.write([1, 2, 3, 4]) == 4)
        #expect(ring.free == 0)
        #expect(ring.read(4, filler: 0) == [1, 2, 3, 4])
        #expect(ring.free == 4)
    }

    @Test func capacityOneWorks() {
        let ring = Ring(of: UInt8.self, capacity: 1)
        for value in 0..<10 as Range<UInt8> {
            #expect(ring.writeOne(value))
            #expect(!ring.writeOne(99))
            #expect(ring.readOne() == value)
            #expect(ring.readOne() == nil)
        }
        #expect(ring.dropped == 10)
    }

    @Test func fullWithDropNewestKeepsTheOldAndCountsTheLost() {
        let ring = Ring(of: UInt8.self, capacity: 4, whenFull: .dropNewest)
        #expect(ring.write([1, 2, 3]) == 3)
        #expect(ring.write([4, 5, 6]) == 1)
        #expect(ring.dropped == 2)
        #expect(!ring.writeOne(7))
        #expect(ring.dropped == 3)
        #expect(ring.read(8, filler: 0) == [1, 2, 3, 4])
    }

    @Test func fullWithRefuseCountsNothing() {
        let ring = Ring(of: UInt8.self, capacity: 2, whenFull: .refuse)
        #expect(ring.write([1, 2, 3]) == 2)
        #expect(!ring.writeOne(3))
        #expect(ring.dropped == 0)
        #expect(ring.readOne() == 1)
        #expect(ring.writeOne(3))
        #expect(ring.read(2, filler: 0) == [2, 3])
    }

    @Test func emptyReadsNothingAndLeavesTheTargetAlone() {
        let ring = Ring(of: UInt8.self, capacity: 4)
        var target: [UInt8] = [9, 9]
        #expect(ring.read(into: &target) == 0)
        #expect(ring.skip(3) == 0)
        #expect(target == [9, 9])
    }

    @Test func emptySpansAreTakenAndGiven() {
        let ring = Ring(of: Float.self, capacity: 4)
        #expect(ring.write([]) == 0)
        #expect(ring.writeOne(1))
        #expect(ring.read(0, filler: 0) == [])
        #expect(ring.available == 1)
    }

    @Test func readsPartiallyAndSkips() {
        let ring = Ring(of: UInt8.self, capacity: 8)
        #expect(ring.write([1, 2, 3, 4, 5, 6]) == 6)
        #expect(ring.read(2, filler: 0) == [1, 2])
        #expect(ring.skip(3) == 3)
        #expect(ring.skip(3) == 1)
        #expect(ring.readOne() == nil)
    }

    @Test(arguments: 1...9, 1...9)
    func anyLengthsWrapAroundAnyNumberOfTimes(writeLength: Int, readLength: Int) {
        let ring = Ring(of: UInt8.self, capacity: 8, whenFull: .refuse)
        var (written, read): (UInt8, UInt8) = (0, 0)
        var wrong = 0
        for _ in 0..<100 {
            written &+= UInt8(ring.write((0..<writeLength).map { written &+ UInt8($0) }))
            for value in ring.read(readLength, filler: 0) {
                if value != read { wrong += 1 }
                read &+= 1
            }
        }
        #expect(wrong == 0)
        #expect(written &- read == UInt8(ring.available))
    }

    @Test func whatOneEndWroteOutlivesIt() {
        let ring = RingBuffer.make(of: UInt8.self, capacity: 4)
        var consumer = writeAndLetGo(ring)
        let (first, second, third) = (consumer.read(), consumer.read(), consumer.read())
        #expect([first, second, third] == [1, 2, nil])
    }

    private func writeAndLetGo(_ ring: consuming RingEnds<UInt8>) -> RingConsumer<UInt8> {
        ring.split { producer, consumer in
            var producer = producer
            _ = producer.write([1, 2].span)
            return consumer
        }
    }

    @Test(.enabled(if: canCountAllocations))
    func theMemoryIsFreedOnceWhicheverEndGoesLast() {
        func makeTwo() {
            RingBuffer.make(of: Float.self, capacity: 64).split { producer, consumer in
                drop(producer)
                drop(consumer)
            }
            RingBuffer.make(of: Float.self, capacity: 64).split { producer, consumer in
                drop(consumer)
                drop(producer)
            }
        }
        makeTwo()
        let counts = countingAllocations(makeTwo)
        #expect(counts.mallocs == 2)
        #expect(counts.frees == 2)
    }

    private func drop<T: ~Copyable>(_ value: consuming T) {}

    @Test(.enabled(if: canCountAllocations))
    func movingSamplesAllocatesNothing() {
        let ring = RingBuffer.make(of: Float.self, capacity: 512)
        var producer = ring.producer
        var consumer = ring.consumer
        let frame = Signals.noise(seed: 1, count: 160)
        var target = [Float](repeating: 0, count: 160)
        func move() {
            for _ in 0..<10 {
                _ = producer.write(frame.span)
                _ = producer.write(0.5)
                var span = target.mutableSpan
                _ = consumer.read(into: &span)
                _ = consumer.read()
                _ = consumer.skip(1)
            }
        }
        move()
        #expect(countingAllocations(move) == .none)
        #expect(target == frame)
    }
}

/// Both ends of a ring on one thread. `#expect` takes copyable values only, hence a class.
private final class Ring<Element: BitwiseCopyable & Sendable> {
    private var producer: RingProducer<Element>
    private var consumer: RingConsumer<Element>

    init(of type: Element.Type, capacity: Int, whenFull: RingFullPolicy = .dropNewest) {
        let ring = RingBuffer.make(of: type, capacity: capacity, whenFull: whenFull)
        producer = ring.producer
        consumer = ring.consumer
    }

    var capacities: [Int] { [producer.capacity, consumer.capacity] }
    var free: Int { producer.free }
    var dropped: Int { producer.dropped }
    var available: Int { consumer.available }

    func write(_ elements: [Element]) -> Int { producer.write(elements.span) }
    func writeOne(_ element: Element) -> Bool { producer.write(element) }
    func readOne() -> Element? { consumer.read() }
    func skip(_ count: Int) -> Int { consumer.skip(count) }

    func read(into target: inout [Element]) -> Int {
        var span = target.mutableSpan
        return consumer.read(into: &span)
    }

    /// At most `limit` elements as an array.
    func read(_ limit: Int, filler: Element) -> [Element] {
        var target = [Element](repeating: filler, count: limit)
        let count = read(into: &target)
        return Array(target[..<count])
    }
}
