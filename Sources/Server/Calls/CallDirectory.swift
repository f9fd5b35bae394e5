import Foundation
import Synchronization

/// The calls of a server: those under way, and the last that are over.
final class CallDirectory: Sendable {
    /// How many calls that are over are kept for `/v1/calls`; older ones are in the store.
    static let mostEnded = 500

    private struct State {
        var calls: [String: PhoneCall] = [:]
        var byCarrierID: [String: String] = [:]
        var ended: [String] = []
        var active = 0
    }

    private let state = Mutex(State())
    private let mostCalls: Int

    init(mostCalls: Int) { self.mostCalls = mostCalls }

    var active: Int { state.withLock { $0.active } }

    /// Adds a call unless there are too many already, or one of that id.
    func admit(_ call: PhoneCall) -> Bool {
        state.withLock { state in
            guard state.active < mostCalls, state.calls[call.id] == nil else { return false }
            state.calls[call.id] = call
            state.active += 1
            return true
        }
    }

    func identify(_ call: PhoneCall, carrierID: String) {
        call.state.withLock { $0.carrierID = carrierID }
        state.withLock { $0.byCarrierID[carrierID] = call.id }
    }

    func call(_ id: String) -> PhoneCall? { state.withLock { $0.calls[id] } }

    func call(carrierID: String) -> PhoneCall? {
        state.withLock { state in state.byCarrierID[carrierID].flatMap { state.calls[$0] } }
    }

    /// Newest first.
    var all: [PhoneCall] { state.withLock { Array($0.calls.values) }.sorted { $0.startedAt > $1.startedAt } }

    var running: [PhoneCall] { state.withLock { Array($0.calls.values) }.filter { !$0.isOver } }

    /// The call no longer counts as active; the oldest that are over are forgotten.
    func retire(_ call: PhoneCall) {
        state.withLock { state in
            state.active -= 1
            state.ended.append(call.id)
            while state.ended.count > Self.mostEnded {
                let oldest = state.ended.removeFirst()
                guard let gone = state.calls.removeValue(forKey: oldest) else { continue }
                if let carrierID = gone.state.withLock({ $0.carrierID }) { state.byCarrierID[carrierID] = nil }
            }
        }
    }
}
