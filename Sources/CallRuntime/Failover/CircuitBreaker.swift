import Providers
import Synchronization

/// Keeps calls from waiting for a vendor that is down: after some failures in a row it is not asked for a while.
///
/// One per vendor and process. Closed: every request goes through. Open: none does, until the rest time is over; then
/// one is let through as a trial, and its outcome decides. A refusal that no retry can mend (a wrong key, no money)
/// opens at once. The rest doubles from 5 s to 60 s while trials fail.
public final class CircuitBreaker: Sendable {
    /// Three: one failure is an accident, two may be the same accident seen by two calls.
    public static let mostFailures = 3
    public static let shortestRest = Duration.seconds(5)
    public static let longestRest = Duration.seconds(60)

    private struct State {
        var failures = 0
        var rest = CircuitBreaker.shortestRest
        var closedUntilTrial: ContinuousClock.Instant?
        var trialIsOut = false
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> ContinuousClock.Instant

    public init(now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock().now }) { self.now = now }

    /// Whether a request may be made now. A true answer must be followed by `succeeded`, `failed` or `abandoned`.
    public func mayTry() -> Bool {
        state.withLock { state in
            guard let until = state.closedUntilTrial else { return true }
            guard now() >= until, !state.trialIsOut else { return false }
            state.trialIsOut = true
            return true
        }
    }

    public func succeeded() { state.withLock { $0 = State() } }

    public func failed(_ error: ProviderError) {
        if error.kind == .cancelled { return abandoned() }
        state.withLock { state in
            state.failures += 1
            let isHopeless = error.kind == .rejected && !error.isRetryable
            guard state.trialIsOut || isHopeless || state.failures >= Self.mostFailures else { return }
            if state.trialIsOut { state.rest = min(state.rest * 2, Self.longestRest) }
            state.trialIsOut = false
            state.closedUntilTrial = now() + state.rest
        }
    }

    /// The request was given up by us: it says nothing of the vendor.
    public func abandoned() { state.withLock { $0.trialIsOut = false } }

    public var isOpen: Bool { state.withLock { $0.closedUntilTrial.map { now() < $0 } ?? false } }
}
