import CallRuntime

/// What measurements come to. A percentile is the nearest rank: always one of the values, never between two.
public struct Percentiles: Sendable, Equatable {
    public let count: Int
    public let p50: Double
    public let p95: Double
    public let p99: Double
    public let max: Double
    public let mean: Double

    /// nil without values.
    public init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        /// The smallest value that at least `percent` of all are not above.
        func rank(_ percent: Int) -> Double { sorted[(sorted.count * percent + 99) / 100 - 1] }
        count = sorted.count
        p50 = rank(50)
        p95 = rank(95)
        p99 = rank(99)
        max = sorted[sorted.count - 1]
        mean = sorted.reduce(0, +) / Double(sorted.count)
    }

    /// Rounded to thousandths.
    var json: JSONValue {
        func number(_ value: Double) -> JSONValue { .number((value * 1_000).rounded() / 1_000) }
        return .object([
            "count": .integer(count), "p50": number(p50), "p95": number(p95), "p99": number(p99), "max": number(max),
            "mean": number(mean),
        ])
    }
}
