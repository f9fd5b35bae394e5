import Synchronization

/// The writing end of a ring. It belongs to one thread at a time; see `RingBuffer`.
@frozen
public struct RingProducer<Element: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
    @usableFromInline let storage: RingStorage<Element>
    @usableFromInline let whenFull: RingFullPolicy
    /// This end's own index, so that it never reads back what it published.
    @usableFromInline var index = 0
    /// The reader's index when last looked at: only when the ring seems full is the shared line read again.
    @usableFromInline var knownReadIndex = 0

    /// Elements lost so far because the ring was full; stays 0 with `RingFullPolicy.refuse`.
    public private(set) var dropped = 0

    @usableFromInline
    init(storage: RingStorage<Element>, whenFull: RingFullPolicy) {
        self.storage = storage
        self.whenFull = whenFull
    }

    deinit { storage.release() }

    /// Elements the ring can hold.
    @inlinable public var capacity: Int { storage.mask + 1 }

    /// Room for so many elements at least: the reader may make more at any time, never less.
    @inlinable
    public var free: Int {
        mutating get {
            knownReadIndex = storage.readIndex.pointee.load(ordering: .acquiring)
            return capacity - (index &- knownReadIndex)
        }
    }

    /// Writes as many of `source` as there is room for, from its beginning.
    ///
    /// - Returns: how many were written. The rest is lost and counted, or refused: see `RingFullPolicy`.
    @inlinable
    public mutating func write(_ source: Span<Element>) -> Int {
        var room = capacity - (index &- knownReadIndex)
        if room < source.count { room = free }
        let count = min(room, source.count)
        // SAFETY: `count` slots from `index` on are free, and only this end writes.
        source.withUnsafeBufferPointer { buffer in
            if let base = buffer.baseAddress { storage.copyIn(base, count: count, at: index) }
        }
        index &+= count
        storage.publish(writeIndex: index)
        if count < source.count { noteLost(source.count - count) }
        return count
    }

    /// Writes one element.
    ///
    /// - Returns: whether there was room; if not, the element is lost and counted, or refused.
    @inlinable
    public mutating func write(_ element: Element) -> Bool {
        if index &- knownReadIndex == capacity, free == 0 {
            noteLost(1)
            return false
        }
        // SAFETY: the slot at `index` is free, and only this end writes.
        storage.elements[index & storage.mask] = element
        index &+= 1
        storage.publish(writeIndex: index)
        return true
    }

    @usableFromInline
    mutating func noteLost(_ count: Int) {
        if whenFull == .dropNewest { dropped += count }
    }
}

/// The reading end of a ring. It belongs to one thread at a time; see `RingBuffer`.
@frozen
public struct RingConsumer<Element: BitwiseCopyable & Sendable>: ~Copyable, Sendable {
    @usableFromInline let storage: RingStorage<Element>
    @usableFromInline var index = 0
    @usableFromInline var knownWriteIndex = 0

    @usableFromInline
    init(storage: RingStorage<Element>) { self.storage = storage }

    deinit { storage.release() }

    /// Elements the ring can hold.
    @inlinable public var capacity: Int { storage.mask + 1 }

    /// So many elements at least can be read: the writer may add more at any time.
    @inlinable
    public var available: Int {
        mutating get {
            knownWriteIndex = storage.writeIndex.pointee.load(ordering: .acquiring)
            return knownWriteIndex &- index
        }
    }

    /// Reads the oldest elements into the beginning of `target`, as many as there are and fit.
    ///
    /// - Returns: how many were read; the rest of `target` is untouched.
    @inlinable
    public mutating func read(into target: inout MutableSpan<Element>) -> Int {
        let count = readable(atMost: target.count)
        // SAFETY: `count` slots from `index` on are filled and published, and only this end reads.
        target.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { storage.copyOut(to: base, count: count, at: index) }
        }
        advance(by: count)
        return count
    }

    /// Reads the oldest element, or `nil` when the ring is empty.
    @inlinable
    public mutating func read() -> Element? {
        guard readable(atMost: 1) == 1 else { return nil }
        // SAFETY: the slot at `index` is filled and published, and only this end reads.
        let element = storage.elements[index & storage.mask]
        advance(by: 1)
        return element
    }

    /// Throws away the oldest `count` elements, or as many as there are.
    ///
    /// - Returns: how many were thrown away.
    /// - Precondition: `count` is not negative.
    @inlinable
    public mutating func skip(_ count: Int) -> Int {
        precondition(count >= 0, "elements to skip are not negative, given \(count)")
        let skipped = readable(atMost: count)
        advance(by: skipped)
        return skipped
    }

    @inlinable
    mutating func readable(atMost count: Int) -> Int {
        let known = knownWriteIndex &- index
        return min(known < count ? available : known, count)
    }

    @inlinable
    mutating func advance(by count: Int) {
        index &+= count
        storage.readIndex.pointee.store(index, ordering: .releasing)
    }
}
