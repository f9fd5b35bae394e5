import CAllocationCounter

/// What a stretch of code asked of the allocator and of locks, on its own thread.
public struct AllocationCounts: Sendable, Equatable, CustomStringConvertible {
    /// malloc and its kin.
    public var mallocs: Int
    /// free of anything but NULL.
    public var frees: Int
    /// Objects made by the Swift runtime; each is a malloc as well.
    public var swiftAllocations: Int
    /// pthread_mutex_lock.
    public var locks: Int

    public init(mallocs: Int = 0, frees: Int = 0, swiftAllocations: Int = 0, locks: Int = 0) {
        self.mallocs = mallocs
        self.frees = frees
        self.swiftAllocations = swiftAllocations
        self.locks = locks
    }

    /// What the audio path may ask for.
    public static let none = AllocationCounts()

    public var description: String {
        "mallocs \(mallocs), frees \(frees), swift allocations \(swiftAllocations), locks \(locks)"
    }
}

/// Whether `countingAllocations` counts: not under the address or the thread sanitizer.
public var canCountAllocations: Bool { parley_allocation_counting_is_available() != 0 }

/// Runs `body` and counts what it asks of the allocator and of locks on this thread.
///
/// Run what is counted once before: first calls build tables and the runtime's metadata.
public func countingAllocations(_ body: () -> Void) -> AllocationCounts {
    parley_allocation_counting_begin()
    body()
    let counts = parley_allocation_counting_end()
    return AllocationCounts(
        mallocs: Int(counts.mallocs), frees: Int(counts.frees), swiftAllocations: Int(counts.swift_allocations),
        locks: Int(counts.locks))
}
