import Synchronization

/// A label's values, all of them: what can be counted is known when it is compiled.
public protocol MetricLabel: Sendable, CaseIterable, Equatable {
    /// As Prometheus shows it.
    var text: String { get }
}

extension MetricLabel where Self: RawRepresentable, RawValue == String {
    public var text: String { rawValue }
}

extension MetricLabel {
    /// The place in `allCases`.
    var place: Int {
        for (place, label) in Self.allCases.enumerated() where label == self { return place }
        preconditionFailure("\(self) is none of its own cases")
    }
}

/// What every family of metrics has: a name, a help text and a type.
protocol MetricFamily: Sendable {
    /// Appends the whole family, Prometheus text format 0.0.4.
    func write(to text: inout PrometheusText)
}

/// A number that only grows. Bumped from any thread; a lock of some 20 ns, nothing allocated.
public final class MetricCounter: MetricFamily {
    let name: String
    let help: String
    private let value = Mutex<Double>(0)

    init(_ name: String, _ help: String) {
        self.name = name
        self.help = help
    }

    /// - Precondition: not negative.
    public func add(_ amount: Double = 1) {
        precondition(amount >= 0, "a counter only grows; given \(amount)")
        value.withLock { $0 += amount }
    }

    public var current: Double { value.withLock { $0 } }

    func write(to text: inout PrometheusText) {
        text.begin(name, help, "counter")
        text.sample(name, [], current)
    }
}

/// A number that goes up and down.
public final class MetricGauge: MetricFamily {
    let name: String
    let help: String
    private let value = Mutex<Double>(0)

    init(_ name: String, _ help: String) {
        self.name = name
        self.help = help
    }

    public func set(_ value: Double) { self.value.withLock { $0 = value } }
    public func add(_ amount: Double) { value.withLock { $0 += amount } }
    public var current: Double { value.withLock { $0 } }

    func write(to text: inout PrometheusText) {
        text.begin(name, help, "gauge")
        text.sample(name, [], current)
    }
}

/// A counter for every value of one label; all are shown from the beginning, at 0.
public final class LabelledCounter<Label: MetricLabel>: MetricFamily {
    let name: String
    let help: String
    private let label: String
    private let values = Mutex([Double](repeating: 0, count: Label.allCases.count))

    init(_ name: String, label: String, _ help: String) {
        self.name = name
        self.help = help
        self.label = label
    }

    /// - Precondition: not negative.
    public func add(_ value: Label, by amount: Double = 1) {
        precondition(amount >= 0, "a counter only grows; given \(amount)")
        values.withLock { $0[value.place] += amount }
    }

    public func current(_ value: Label) -> Double { values.withLock { $0[value.place] } }

    func write(to text: inout PrometheusText) {
        let values = values.withLock { $0 }
        text.begin(name, help, "counter")
        for (value, sum) in zip(Label.allCases, values) { text.sample(name, [(label, value.text)], sum) }
    }
}

/// A counter for every pair of two labels' values; those that were never bumped are not shown.
public final class PairCounter<First: MetricLabel, Second: MetricLabel>: MetricFamily {
    let name: String
    let help: String
    private let labels: (String, String)
    private let values = Mutex([Double](repeating: 0, count: First.allCases.count * Second.allCases.count))

    init(_ name: String, labels: (String, String), _ help: String) {
        self.name = name
        self.help = help
        self.labels = labels
    }

    /// - Precondition: not negative.
    public func add(_ first: First, _ second: Second, by amount: Double = 1) {
        precondition(amount >= 0, "a counter only grows; given \(amount)")
        values.withLock { $0[first.place * Second.allCases.count + second.place] += amount }
    }

    public func current(_ first: First, _ second: Second) -> Double {
        values.withLock { $0[first.place * Second.allCases.count + second.place] }
    }

    func write(to text: inout PrometheusText) {
        let values = values.withLock { $0 }
        text.begin(name, help, "counter")
        for first in First.allCases {
            for second in Second.allCases {
                let sum = values[first.place * Second.allCases.count + second.place]
                if sum > 0 { text.sample(name, [(labels.0, first.text), (labels.1, second.text)], sum) }
            }
        }
    }
}

/// Counters by a name from a person's configuration and a closed label. Names beyond the first 16 are counted as `other`,
/// so that nothing from outside grows what is kept.
public final class NamedCounter<Label: MetricLabel>: MetricFamily {
    static var mostNames: Int { 16 }

    let name: String
    let help: String
    private let labels: (String, String)
    private let values = Mutex<[(name: String, values: [Double])]>([])

    init(_ name: String, labels: (String, String), _ help: String) {
        self.name = name
        self.help = help
        self.labels = labels
    }

    public func add(_ named: String, _ label: Label) {
        values.withLock { table in
            if let row = table.firstIndex(where: { $0.name == named }) ?? Self.newRow(named, in: &table) {
                table[row].values[label.place] += 1
            }
        }
    }

    public func current(_ named: String, _ label: Label) -> Double {
        values.withLock { table in table.first { $0.name == named }?.values[label.place] ?? 0 }
    }

    /// The row of a name that has none: its own while there is room, then the one of all others.
    private static func newRow(_ named: String, in table: inout [(name: String, values: [Double])]) -> Int? {
        let name = table.count < mostNames ? named : "other"
        if let row = table.firstIndex(where: { $0.name == name }) { return row }
        table.append((name, [Double](repeating: 0, count: Label.allCases.count)))
        return table.count - 1
    }

    func write(to text: inout PrometheusText) {
        let table = values.withLock { $0 }
        text.begin(name, help, "counter")
        for row in table {
            for (label, sum) in zip(Label.allCases, row.values) where sum > 0 {
                text.sample(name, [(labels.0, row.name), (labels.1, label.text)], sum)
            }
        }
    }
}

/// The only value of a label that a family does not have.
public enum NoLabel: MetricLabel, CaseIterable {
    case none

    public var text: String { "" }
}

/// How often a duration was below each of some bounds, in seconds; by one label, or by `NoLabel`.
public final class MetricHistogram<Label: MetricLabel>: MetricFamily {
    private struct Series {
        /// One for each bound and one for what is above them all; not cumulative.
        var counts: [UInt64]
        var sum = 0.0
    }

    let name: String
    let help: String
    private let label: String?
    private let bounds: [Double]
    private let series: Mutex<[Series]>

    /// - Parameter bounds: rising, in seconds.
    init(_ name: String, label: String?, bounds: [Double], _ help: String) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bounds must rise: \(bounds)")
        self.name = name
        self.help = help
        self.label = label
        self.bounds = bounds
        let empty = Series(counts: [UInt64](repeating: 0, count: bounds.count + 1))
        series = Mutex([Series](repeating: empty, count: Label.allCases.count))
    }

    /// A duration; a bound includes itself.
    public func observe(_ duration: Duration, _ label: Label) {
        let seconds = duration / .seconds(1)
        let bucket = bounds.firstIndex { seconds <= $0 } ?? bounds.count
        series.withLock { series in
            series[label.place].counts[bucket] += 1
            series[label.place].sum += seconds
        }
    }

    public func count(_ label: Label) -> Int { series.withLock { Int($0[label.place].counts.reduce(0, +)) } }

    func write(to text: inout PrometheusText) {
        let series = series.withLock { $0 }
        text.begin(name, help, "histogram")
        for (value, series) in zip(Label.allCases, series) {
            let labels = label.map { [($0, value.text)] } ?? []
            var below: UInt64 = 0
            for (bound, count) in zip(bounds, series.counts) {
                below += count
                text.sample(name + "_bucket", labels + [("le", PrometheusText.number(bound))], Double(below))
            }
            below += series.counts[bounds.count]
            text.sample(name + "_bucket", labels + [("le", "+Inf")], Double(below))
            text.sample(name + "_sum", labels, series.sum)
            text.sample(name + "_count", labels, Double(below))
        }
    }
}

extension MetricHistogram where Label == NoLabel {
    public func observe(_ duration: Duration) { observe(duration, .none) }
    public var count: Int { count(.none) }
}
