/// A fixed block of floats that one stage owns and gives back at its end.
///
/// Arrays would do, but a span of one stored array and a mutation of its neighbour count as overlapping accesses to a
/// noncopyable `self`; a pointer copied into a local does not.
struct Scratch: ~Copyable, @unchecked Sendable {
    /// All of it; zeros at first. Valid as long as the owner lives.
    let floats: UnsafeMutableBufferPointer<Float>

    init(count: Int) {
        floats = .allocate(capacity: count)
        floats.initialize(repeating: 0)
    }

    init(_ values: [Float]) {
        floats = .allocate(capacity: values.count)
        _ = floats.initialize(fromContentsOf: values)
    }

    // SAFETY: allocated in `init`, never handed out beyond the owner's methods.
    deinit { floats.deallocate() }
}
