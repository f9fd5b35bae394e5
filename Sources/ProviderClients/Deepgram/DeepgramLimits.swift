import NIOCore

/// Every time and bound of a session, with its reason.
enum DeepgramLimits {
    /// Words this long before an onset still belong to it.
    static let lead: Duration = .milliseconds(400)
    /// Word times and our detector's differ by about this.
    static let tolerance: Duration = .milliseconds(100)
    /// Speech of this length was certainly said: when nothing is understood the caller is asked again.
    static let audible: Duration = .milliseconds(350)
    /// `Finalize` for less new audio than this is often not answered.
    static let snippet: Duration = .milliseconds(200)
    /// A `finalize` ends unanswered: the turn's owner waits 1.3 s at most.
    static let patience: TimeAmount = .milliseconds(1_200)
    /// Without a connection for this long, somebody else had better answer.
    static let outage: TimeAmount = .milliseconds(400)
    /// A `Finalize` that is not answered within it means that the vendor hangs; it takes a tenth of that.
    static let watchdog: TimeAmount = .seconds(1)
    /// Flux greets at once.
    static let greeting: TimeAmount = .milliseconds(1_500)
    /// The vendor closes after 10 s without anything, and asks for a sign of life every 3...5 s.
    static let keepAlive: TimeAmount = .seconds(4)
    static let drain: TimeAmount = .seconds(2)

    static let firstDelay: Duration = .milliseconds(250)
    static let longestDelay: Duration = .seconds(5)
    static let mostMalformed = 3
    static let malformedSpan: TimeAmount = .seconds(10)

    /// Audio that waits for a connection; older audio is dropped.
    static let longestWait: Duration = .seconds(30)
    /// Audio that is sent again; what is older is of no use to the call any more.
    static let longestReplay: Duration = .seconds(12)
    /// A backlog is sent at once up to here; the first connection's comes from the time it took to connect.
    static let burst: Duration = .seconds(1)
    static let firstBurst: Duration = .seconds(3)
    /// The vendor takes at most 1.25 times real time.
    static let speed = 1.25
    /// Four months: beyond it a time is nonsense, and would not fit an index.
    static let mostSeconds = 1e7
}
