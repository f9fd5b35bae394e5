import Providers
import Synchronization

/// One try of a stream against a deadline for its first event.
enum Attempt {
    enum Outcome: Sendable {
        /// The stream ended by itself.
        case done
        /// It failed; `hadBegun`: after events had been handed on.
        case failed(ProviderError, hadBegun: Bool)
        /// We were cancelled ourselves.
        case cancelled
    }

    /// Hands every event of `stream` to `body`. A stream whose first event does not come in time is given up.
    static func run<Event: Sendable>(
        _ stream: AsyncThrowingStream<Event, any Error>, provider: String, firstWithin deadline: Duration,
        _ body: @escaping @Sendable (Event) -> Void
    ) async -> Outcome {
        let begun = Shared(false)
        return await withTaskGroup(of: Outcome?.self) { group in
            group.addTask {
                do {
                    for try await event in stream {
                        begun.set(true)
                        body(event)
                    }
                    return Task.isCancelled ? .cancelled : .done
                } catch {
                    let error = ProviderError(error, from: provider)
                    if error.kind == .cancelled, Task.isCancelled { return .cancelled }
                    return .failed(error, hadBegun: begun.value)
                }
            }
            group.addTask {
                try? await Task.sleep(for: deadline)
                if Task.isCancelled || begun.value { return nil }
                let late = ProviderError(
                    provider: provider, kind: .timedOut, detail: "nothing within \(deadline)", isRetryable: true)
                return .failed(late, hadBegun: false)
            }
            for await outcome in group {
                guard let outcome else { continue }
                group.cancelAll()
                return outcome
            }
            return .cancelled
        }
    }
}

/// A value that several tasks change.
final class Shared<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>

    init(_ value: Value) { storage = Mutex(value) }

    var value: Value { storage.withLock { $0 } }

    func set(_ value: Value) { storage.withLock { $0 = value } }

    func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result { storage.withLock { body(&$0) } }
}
