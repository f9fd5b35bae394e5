import Glibc

/// Runs both bodies at once, each on a thread of its own, and waits for both.
///
/// Real threads, not tasks: tests of lock-free code need two that truly run at the same time. Each body receives what
/// it is given to own, so that noncopyable values can be handed over.
public func runOnTwoThreads<A: ~Copyable & Sendable, B: ~Copyable & Sendable>(
    _ a: consuming A, _ bodyA: @escaping @Sendable (consuming A) -> Void,
    _ b: consuming B, _ bodyB: @escaping @Sendable (consuming B) -> Void
) {
    let first = startThread(a, bodyA)
    let second = startThread(b, bodyB)
    pthread_join(first, nil)
    pthread_join(second, nil)
}

private func startThread<Value: ~Copyable & Sendable>(
    _ value: consuming Value, _ body: @escaping @Sendable (consuming Value) -> Void
) -> pthread_t {
    let work = ThreadWork(value, body)
    var thread = pthread_t()
    let code = pthread_create(
        &thread, nil,
        { context in
            Unmanaged<AnyThreadWork>.fromOpaque(context!).takeRetainedValue().run()
            return nil
        }, Unmanaged<AnyThreadWork>.passRetained(work).toOpaque())
    precondition(code == 0, "pthread_create: error \(code)")
    return thread
}

private class AnyThreadWork {
    func run() {}
}

private final class ThreadWork<Value: ~Copyable & Sendable>: AnyThreadWork {
    private var value: Value?
    private let body: @Sendable (consuming Value) -> Void

    init(_ value: consuming Value, _ body: @escaping @Sendable (consuming Value) -> Void) {
        self.value = consume value
        self.body = body
    }

    override func run() {
        guard let value = value.take() else { return }
        body(value)
    }
}
