import CallTime
import Conversation

/// The armed timers, at most one of each kind. Those of one instant fire in the order they were armed.
struct TimerTable: Sendable {
    private var armed: [(timer: TimerID, at: CallInstant)] = []

    var next: CallInstant? { armed.map(\.at).min() }

    mutating func arm(_ timer: TimerID, at instant: CallInstant) {
        disarm(timer)
        armed.append((timer, instant))
    }

    mutating func disarm(_ timer: TimerID) { armed.removeAll { $0.timer == timer } }

    /// Takes the earliest timer out that is due, or nil.
    mutating func popDue(at now: CallInstant) -> TimerID? {
        guard let earliest = next, earliest <= now, let place = armed.firstIndex(where: { $0.at == earliest })
        else { return nil }
        return armed.remove(at: place).timer
    }
}
