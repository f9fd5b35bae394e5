/// A queue between exactly two threads: one writes, one reads, neither ever waits, locks or allocates.
///
/// - Capacity: a power of two, fixed at `make`; all of it can be used.
/// - Empty: `read` returns fewer than asked, or `nil`. Full: as declared by `whenFull` where the ring is made.
/// - Threads: each end belongs to one thread at a time; it may be handed over, never shared. The ends are
///   noncopyable, so the compiler keeps the promise.
/// - Memory: one allocation, freed when both ends are gone, whichever goes last.
/// - Real time: `write`, `read` and `skip` are wait-free and linear in the number of elements moved.
///
/// ```swift
/// let ring = RingBuffer.make(of: Float.self, capacity: 8_192, whenFull: .dropNewest)
/// var producer = ring.producer   // taking both ends apart ends `ring`
/// var consumer = ring.consumer
/// ```
public enum RingBuffer {
    /// Makes a ring and returns its two ends.
    ///
    /// - Parameters:
    ///   - capacity: elements the ring holds.
    ///   - whenFull: what becomes of elements that find no room.
    /// - Precondition: `capacity` is a power of two.
    @inlinable
    public static func make<Element: BitwiseCopyable & Sendable>(
        of: Element.Type, capacity: Int, whenFull: RingFullPolicy = .dropNewest
    ) -> RingEnds<Element> {
        let storage = RingStorage<Element>.allocate(capacity: capacity)
        return RingEnds(
            producer: RingProducer(storage: storage, whenFull: whenFull), consumer: RingConsumer(storage: storage))
    }
}

/// What becomes of elements written to a full ring.
@frozen
public enum RingFullPolicy: Sendable, Equatable {
    /// They are lost, and counted in `RingProducer.dropped`. For live audio: what comes late is worth nothing.
    case dropNewest
    /// They stay the writer's, who tries again later; nothing is counted. For data that must not be lost.
    case refuse
}

/// Both ends of a new ring. Take them apart and give each to its thread.
@frozen
public struct RingEnds<Element: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
    public var producer: RingProducer<Element>
    public var consumer: RingConsumer<Element>

    @usableFromInline
    init(producer: consuming RingProducer<Element>, consumer: consuming RingConsumer<Element>) {
        self.producer = producer
        self.consumer = consumer
    }

    /// Gives both ends away at once, for callers that cannot name the fields (a closure that owns one end each).
    @inlinable
    public consuming func split<Result: ~Copyable>(
        _ body: (consuming RingProducer<Element>, consuming RingConsumer<Element>) -> Result
    ) -> Result {
        body(producer, consumer)
    }
}
