import NIOCore

/// One alarm on an event loop that can be put off at no cost: the timer fires, sees that it is not due yet, and goes on.
///
/// Only used on its event loop. Once `stop` was called it never rings.
final class MovableAlarm {
    private let loop: any EventLoop
    private let ring: () -> Void
    private var due: NIODeadline?
    private var timer: (fires: NIODeadline, scheduled: Scheduled<Void>)?

    init(on loop: any EventLoop, ring: @escaping () -> Void) {
        self.loop = loop
        self.ring = ring
    }

    var isIdle: Bool { due == nil }

    func set(in duration: Duration) { set(at: .now() + TimeAmount(duration)) }

    func set(at instant: NIODeadline) {
        due = instant
        if let timer {
            if timer.fires <= instant { return }
            timer.scheduled.cancel()
        }
        let alarm = NIOLoopBound(self, eventLoop: loop)
        timer = (instant, loop.scheduleTask(deadline: instant) { alarm.value.fire() })
    }

    func stop() {
        due = nil
        timer?.scheduled.cancel()
        timer = nil
    }

    private func fire() {
        timer = nil
        guard let due else { return }
        guard NIODeadline.now() >= due else { return set(at: due) }
        self.due = nil
        ring()
    }
}
