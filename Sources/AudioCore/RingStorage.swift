import Synchronization

/// The memory both ends of a ring share, laid out by hand in one allocation.
///
/// Byte 0: write index, 128: read index, 256: number of living ends, 384: the elements. 128 bytes apart, because
/// x86-64 fetches cache lines in pairs: two threads must not push each other's index out of their cache.
///
/// Indices count elements for ever and wrap around `Int`; their difference is the fill, their low bits the slot.
@frozen @usableFromInline
struct RingStorage<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    @usableFromInline let base: UnsafeMutableRawPointer
    @usableFromInline let mask: Int

    // SAFETY: `base` comes from `allocate`, which initialised an `Atomic<Int>` at each of the three offsets and sized
    // the elements to `mask + 1`. The writer touches only free slots, the reader only filled ones; the release store of
    // an index and the acquire load at the other end order those accesses. Thus `@unchecked Sendable` holds.
    @inlinable
    init(base: UnsafeMutableRawPointer, mask: Int) {
        self.base = base
        self.mask = mask
    }

    @inlinable static var elementsOffset: Int { 384 }
    @inlinable var writeIndex: UnsafeMutablePointer<Atomic<Int>> { base.assumingMemoryBound(to: Atomic<Int>.self) }
    @inlinable var readIndex: UnsafeMutablePointer<Atomic<Int>> {
        (base + 128).assumingMemoryBound(to: Atomic<Int>.self)
    }
    @inlinable var livingEnds: UnsafeMutablePointer<Atomic<Int>> {
        (base + 256).assumingMemoryBound(to: Atomic<Int>.self)
    }
    @inlinable var elements: UnsafeMutablePointer<Element> {
        (base + Self.elementsOffset).assumingMemoryBound(to: Element.self)
    }

    @inlinable
    static func allocate(capacity: Int) -> RingStorage {
        precondition(
            capacity > 0 && capacity & (capacity - 1) == 0, "ring capacity is a power of two, given \(capacity)")
        precondition(MemoryLayout<Element>.alignment <= 128, "ring elements are aligned to at most 128 bytes")
        let bytes = elementsOffset + capacity * MemoryLayout<Element>.stride
        let base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 128)
        let storage = RingStorage(base: base, mask: capacity - 1)
        storage.writeIndex.initialize(to: Atomic(0))
        storage.readIndex.initialize(to: Atomic(0))
        storage.livingEnds.initialize(to: Atomic(2))
        return storage
    }

    /// One end is gone; the last one frees the memory.
    @inlinable
    func release() {
        guard livingEnds.pointee.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        writeIndex.deinitialize(count: 1)
        readIndex.deinitialize(count: 1)
        livingEnds.deinitialize(count: 1)
        base.deallocate()
    }

    /// Makes everything written below `index` visible to the reader.
    @inlinable
    func publish(writeIndex index: Int) {
        #if RING_PLANTED_ORDERING_FAULT
            writeIndex.pointee.store(index, ordering: .relaxed)
        #else
            writeIndex.pointee.store(index, ordering: .releasing)
        #endif
    }

    /// Copies `count` elements into the slots from `index` on, around the end if need be.
    @inlinable
    func copyIn(_ source: UnsafePointer<Element>, count: Int, at index: Int) {
        let slot = index & mask
        let first = min(count, mask + 1 - slot)
        Self.copy(source, to: elements + slot, count: first)
        Self.copy(source + first, to: elements, count: count - first)
    }

    /// Copies `count` elements out of the slots from `index` on, around the end if need be.
    @inlinable
    func copyOut(to target: UnsafeMutablePointer<Element>, count: Int, at index: Int) {
        let slot = index & mask
        let first = min(count, mask + 1 - slot)
        Self.copy(elements + slot, to: target, count: first)
        Self.copy(elements, to: target + first, count: count - first)
    }

    /// The thread sanitizer does not see `memcpy`, so its builds (`RING_TSAN`) copy element by element.
    @inlinable
    static func copy(_ source: UnsafePointer<Element>, to target: UnsafeMutablePointer<Element>, count: Int) {
        #if RING_TSAN
            for i in 0..<count { target[i] = source[i] }
        #else
            target.update(from: source, count: count)
        #endif
    }
}
