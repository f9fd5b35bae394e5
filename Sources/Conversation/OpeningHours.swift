/// When a place is open, per weekday. The end of a range is outside it.
public struct OpeningHours: Sendable, Equatable {
    /// Monday first; each day's ranges ascend and do not overlap.
    public var days: [[Range]]

    /// Closed always: no hours known.
    public init() { days = Array(repeating: [], count: 7) }

    /// - Parameter days: seven lists, Monday first.
    public init(days: [[Range]]) {
        precondition(days.count == 7, "a week has 7 days, given \(days.count)")
        self.days = days
    }

    /// One stretch of a day, in minutes since midnight.
    public struct Range: Sendable, Equatable {
        public var fromMinute: Int
        /// At most 1,440.
        public var toMinute: Int

        public init(fromMinute: Int, toMinute: Int) {
            self.fromMinute = fromMinute
            self.toMinute = toMinute
        }
    }

    public var isEmpty: Bool { days.allSatisfy(\.isEmpty) }

    /// Whether the place is open at `minute` of `weekday` (0 is Monday); of any day when `weekday` is nil.
    public func isOpen(weekday: Int?, minute: Int) -> Bool {
        let asked = weekday.map { [days[$0]] } ?? days
        return asked.contains { $0.contains { $0.fromMinute <= minute && minute < $0.toMinute } }
    }
}
