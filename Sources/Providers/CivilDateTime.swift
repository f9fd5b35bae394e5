/// A date and time of day as a calendar on the wall shows it, without a time zone.
///
/// Gregorian throughout. Written and read as `2026-03-02T09:00:00`; seconds may be left out.
public struct CivilDateTime: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Days since 1970-01-01.
    public var day: Int
    /// Seconds since midnight, 0..<86,400.
    public var secondOfDay: Int

    public init(day: Int, secondOfDay: Int = 0) {
        precondition((0..<86_400).contains(secondOfDay), "a day has 86,400 seconds, given \(secondOfDay)")
        self.day = day
        self.secondOfDay = secondOfDay
    }

    /// nil when there is no such date or time.
    public init?(year: Int, month: Int, dayOfMonth: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        guard (1...9_999).contains(year), (1...12).contains(month),
            (1...Self.daysInMonth(month, year: year)).contains(dayOfMonth),
            (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second)
        else { return nil }
        day = Self.daysFromCivil(year: year, month: month, dayOfMonth: dayOfMonth)
        secondOfDay = hour * 3_600 + minute * 60 + second
    }

    /// Reads `YYYY-MM-DD`, `YYYY-MM-DDTHH:MM` or `YYYY-MM-DDTHH:MM:SS`; nil for anything else.
    public init?(_ text: String) {
        let halves = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        func numbers(_ part: Substring, separator: Character, widths: [Int]) -> [Int]? {
            let fields = part.split(separator: separator, omittingEmptySubsequences: false)
            guard fields.count == widths.count else { return nil }
            var values: [Int] = []
            for (field, width) in zip(fields, widths) {
                guard field.utf8.count == width, field.utf8.allSatisfy({ (48...57).contains($0) }),
                    let value = Int(field)
                else { return nil }
                values.append(value)
            }
            return values
        }
        guard let date = numbers(halves[0], separator: "-", widths: [4, 2, 2]) else { return nil }
        var time = [0, 0, 0]
        if halves.count == 2 {
            if let read = numbers(halves[1], separator: ":", widths: [2, 2]) {
                time = read + [0]
            } else if let read = numbers(halves[1], separator: ":", widths: [2, 2, 2]) {
                time = read
            } else {
                return nil
            }
        }
        self.init(
            year: date[0], month: date[1], dayOfMonth: date[2], hour: time[0], minute: time[1], second: time[2])
    }

    // MARK: Parts

    public var year: Int { civil.year }
    public var month: Int { civil.month }
    public var dayOfMonth: Int { civil.dayOfMonth }
    public var hour: Int { secondOfDay / 3_600 }
    public var minute: Int { secondOfDay / 60 % 60 }
    public var second: Int { secondOfDay % 60 }
    /// 0 is Monday, 6 is Sunday.
    public var weekday: Int { ((day + 3) % 7 + 7) % 7 }
    /// `2026-03-02`
    public var dateText: String {
        Self.padded(year, 4) + "-" + Self.padded(month, 2) + "-" + Self.padded(dayOfMonth, 2)
    }
    /// `09:00`
    public var timeText: String { Self.padded(hour, 2) + ":" + Self.padded(minute, 2) }
    public var description: String { dateText + "T" + timeText + ":" + Self.padded(second, 2) }

    public func adding(days: Int) -> CivilDateTime { CivilDateTime(day: day + days, secondOfDay: secondOfDay) }
    public func adding(minutes: Int) -> CivilDateTime {
        let total = secondOfDay + minutes * 60
        let days = total >= 0 ? total / 86_400 : -((86_399 - total) / 86_400)
        return CivilDateTime(day: day + days, secondOfDay: total - days * 86_400)
    }

    public static func < (a: CivilDateTime, b: CivilDateTime) -> Bool {
        (a.day, a.secondOfDay) < (b.day, b.secondOfDay)
    }

    public static func daysInMonth(_ month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    // MARK: Calendar arithmetic

    // A year that begins in March puts the leap day last, so that days before a month need no table:
    // months from March on have 31, 30, 31, 30, 31 days in a cycle of 153.
    private static func daysFromCivil(year: Int, month: Int, dayOfMonth: Int) -> Int {
        let marchYear = month > 2 ? year : year - 1
        let era = marchYear / 400
        let yearOfEra = marchYear - era * 400
        let marchMonth = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * marchMonth + 2) / 5 + dayOfMonth - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private var civil: (year: Int, month: Int, dayOfMonth: Int) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
