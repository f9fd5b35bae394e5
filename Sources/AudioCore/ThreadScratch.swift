import Glibc

/// Working memory of a thread, for transforms and features: what is in it means nothing from one call of a function to
/// the next. So a call keeps no working memory of its own, however many calls a thread serves.
///
/// The first use on a thread allocates, later ones do not; the memory goes with the thread.
package enum ThreadScratch {
    /// The regions, in floats: they are used at the same time, by callers that know nothing of each other.
    package static let transformCount = 2_048
    package static let featureCount = 2_048

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let status = pthread_key_create(&key) { free($0) }
        precondition(status == 0, "no thread-specific key: error \(status)")
        return key
    }()

    /// `transformCount` floats, 64-byte aligned: two complex signals of a transform.
    @inline(__always)
    package static var transform: UnsafeMutablePointer<Float> { memory }

    /// `featureCount` floats, 64-byte aligned: what features are made of.
    @inline(__always)
    package static var feature: UnsafeMutablePointer<Float> { memory + transformCount }

    @inline(__always)
    private static var memory: UnsafeMutablePointer<Float> {
        // SAFETY: the key's value on this thread is null or what `allocate` put there.
        guard let known = pthread_getspecific(key) else { return allocate() }
        return known.assumingMemoryBound(to: Float.self)
    }

    @inline(never)
    private static func allocate() -> UnsafeMutablePointer<Float> {
        let count = transformCount + featureCount
        guard let new = aligned_alloc(64, 4 * count) else { fatalError("no memory for a thread's transforms") }
        let floats = new.bindMemory(to: Float.self, capacity: count)
        floats.initialize(repeating: 0, count: count)
        pthread_setspecific(key, new)
        return floats
    }
}
