import Providers

/// All that came of one stream.
struct StreamReading<Event: Sendable>: Sendable {
    var events: [Event] = []
    var error: (any Error)?

    /// Reads `stream` to its end.
    init(_ stream: AsyncThrowingStream<Event, any Error>) async {
        do { for try await event in stream { events.append(event) } } catch { self.error = error }
    }

    /// What is wrong with how the stream of the provider `name` ended where an end without an error is promised.
    func endProblems() -> [String] { error.map { ["it threw \($0)"] } ?? [] }

    /// What is wrong where an error of the provider `name` is promised.
    func failureProblems(from name: String) -> [String] {
        guard let error else { return ["it ended without an error"] }
        guard let error = error as? ProviderError else { return ["it threw a \(type(of: error)), no ProviderError"] }
        return ErrorShape.problems(of: error, from: name)
    }
}

/// How many requests a provider works on just now, where it can tell: a fake, or one whose server is ours.
public typealias RunningCount = @Sendable () -> Int

/// Reads one event of a stream and leaves; then waits until nothing runs any more, where that can be told.
func problemsOfLeaving<Event: Sendable>(
    _ stream: () -> AsyncThrowingStream<Event, any Error>, running: RunningCount?, limit: Duration
) async -> [String] {
    // In a function of its own, since a stream is cancelled when its last owner lets go of it.
    func readOne() async { do { for try await _ in stream() { break } } catch {} }
    await readOne()
    guard let running else { return [] }
    let hasStopped = await Watchdog.eventually(within: limit) { running() == 0 }
    return hasStopped ? [] : ["\(running()) requests still run after their reader has left"]
}
