import NIOCore
import Synchronization

/// The 20 ms tick of all calls on one event loop: one timer for them all, not one each.
///
// SAFETY: everything but `init` happens on its event loop, which its methods check.
final class LoopTicker: @unchecked Sendable {
    static let length = TimeAmount.milliseconds(20)

    private let loop: any EventLoop
    private var calls: [ObjectIdentifier: MediaSession] = [:]
    private var task: RepeatedTask?
    private var last = NIODeadline.now()
    private let onLateness: @Sendable (TimeAmount) -> Void

    init(on loop: any EventLoop, onLateness: @escaping @Sendable (TimeAmount) -> Void) {
        self.loop = loop
        self.onLateness = onLateness
    }

    func add(_ call: MediaSession) {
        loop.preconditionInEventLoop()
        calls[ObjectIdentifier(call)] = call
        guard task == nil else { return }
        last = .now()
        task = loop.scheduleRepeatedTask(initialDelay: Self.length, delay: Self.length) { [weak self] _ in self?.tick()
        }
    }

    func remove(_ call: MediaSession) {
        loop.preconditionInEventLoop()
        calls[ObjectIdentifier(call)] = nil
        guard calls.isEmpty else { return }
        task?.cancel()
        task = nil
    }

    private func tick() {
        let now = NIODeadline.now()
        onLateness(max(.zero, now - last - Self.length))
        last = now
        for call in Array(calls.values) { call.tick(now) }
    }
}

/// A ticker for each event loop that has calls.
final class LoopTickers: Sendable {
    private let tickers = Mutex<[ObjectIdentifier: LoopTicker]>([:])
    private let onLateness: @Sendable (TimeAmount) -> Void

    init(onLateness: @escaping @Sendable (TimeAmount) -> Void) { self.onLateness = onLateness }

    func ticker(of loop: any EventLoop) -> LoopTicker {
        tickers.withLock { tickers in
            if let known = tickers[ObjectIdentifier(loop)] { return known }
            let ticker = LoopTicker(on: loop, onLateness: onLateness)
            tickers[ObjectIdentifier(loop)] = ticker
            return ticker
        }
    }
}
