import Glibc
import TestSupport
import Testing

/// A count of nothing proves nothing unless the counter is seen to count.
@Suite("Counting allocations", .enabled(if: canCountAllocations))
struct AllocationCountingTests {
    private final class Box {
        let value: Int
        init(_ value: Int) { self.value = value }
    }

    @inline(never)
    private static func make(_ value: Int) -> Box { Box(value) }

    @Test func aClassInstanceIsOneSwiftAllocationOneMallocAndOneFree() {
        var sum = 0
        let counts = countingAllocations { for i in 0..<10 { sum += Self.make(i).value } }
        #expect(sum == 45)
        #expect(counts.swiftAllocations == 10)
        #expect(counts.mallocs == 10)
        #expect(counts.frees == 10)
    }

    @Test func everyWayToAskForMemoryIsCounted() {
        let counts = countingAllocations {
            var aligned: UnsafeMutableRawPointer?
            free(malloc(100))
            free(calloc(10, 10))
            free(realloc(malloc(10), 10_000))
            free(aligned_alloc(64, 128))
            if posix_memalign(&aligned, 64, 128) == 0 { free(aligned) }
            UnsafeMutableRawPointer.allocate(byteCount: 100, alignment: 128).deallocate()
        }
        #expect(counts.mallocs == 7)
        #expect(counts.frees == 6)
        #expect(counts.swiftAllocations == 0)
    }

    @Test func locksAreCounted() {
        var mutex = pthread_mutex_t()
        pthread_mutex_init(&mutex, nil)
        let counts = countingAllocations {
            pthread_mutex_lock(&mutex)
            pthread_mutex_unlock(&mutex)
        }
        pthread_mutex_destroy(&mutex)
        #expect(counts.locks == 1)
    }

    @Test func anotherThreadsAllocationsAreNotOurs() {
        final class Work: Sendable { let size = 100 }
        let work = Work()
        var thread = pthread_t()
        let context = Unmanaged.passUnretained(work).toOpaque()
        let counts = countingAllocations {
            pthread_create(
                &thread, nil,
                { context in
                    let size = Unmanaged<Work>.fromOpaque(context!).takeUnretainedValue().size
                    for _ in 0..<1_000 { free(malloc(size)) }
                    return nil
                }, context)
            pthread_join(thread, nil)
        }
        #expect(counts.mallocs < 100)
    }

    @Test func nothingIsCountedOutside() {
        _ = countingAllocations {}
        free(malloc(10))
        #expect(countingAllocations {} == .none)
    }
}
