/// Turns a provider that never answers into a violation, so that a suite always ends.
///
/// It decides nothing else: whatever answers at all is judged by what it answered, not by when.
enum Watchdog {
    /// The violations `body` finds, or one of kind `hanging` when it has not returned within `limit`.
    static func watch(
        _ situation: Violation.Situation, limit: Duration, _ body: @escaping @Sendable () async -> [String]
    ) async -> [Violation] {
        let found = await first(of: body, within: limit)
        return found?.map { Violation(situation, $0) }
            ?? [Violation(.hanging, "no end within \(limit) (\(situation.rawValue))")]
    }

    /// Polls `isTrue` until it is, at most for `limit`.
    static func eventually(within limit: Duration, _ isTrue: @escaping @Sendable () -> Bool) async -> Bool {
        let poll: @Sendable () async -> Bool = {
            while !isTrue(), !Task.isCancelled { await Task.yield() }
            return true
        }
        return await first(of: poll, within: limit) ?? isTrue()
    }

    /// A task group would wait for the loser, which is the very thing that may never end; so two free tasks race.
    private static func first<Value: Sendable>(
        of body: @escaping @Sendable () async -> Value, within limit: Duration
    ) async -> Value? {
        let (answers, answer) = AsyncStream.makeStream(of: Value?.self)
        let work = Task { _ = answer.yield(await body()) }
        let alarm = Task {
            try? await Task.sleep(for: limit)
            answer.yield(nil)
        }
        defer {
            work.cancel()
            alarm.cancel()
        }
        for await value in answers { return value }
        return nil
    }
}
