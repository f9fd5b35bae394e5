/// Waits until `isTrue`, at most for `limit`; whether it became true.
func eventually(
    within limit: Duration = .seconds(5), _ isTrue: @escaping @Sendable () -> Bool
) async -> Bool {
    let end = ContinuousClock.now + limit
    while !isTrue() {
        if ContinuousClock.now >= end { return isTrue() }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return true
}
