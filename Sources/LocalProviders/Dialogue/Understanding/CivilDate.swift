import Providers

/// Days of the calendar, counted as `CivilDateTime` counts them.
enum CivilDate {
    static let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]

    /// 0 is Monday.
    static func weekday(of day: Int) -> Int { CivilDateTime(day: day).weekday }

    static func iso(_ text: String) -> Int? {
        guard text.utf8.count == 10 else { return nil }
        return CivilDateTime(text)?.day
    }

    /// The next such date, today included: of this year or the next.
    static func next(month: Int, dayOfMonth: Int, from today: Int) -> Int? {
        let year = CivilDateTime(day: today).year
        // Eight years reach the next leap day, also across a century.
        for candidate in year...(year + 8) {
            if let day = CivilDateTime(year: candidate, month: month, dayOfMonth: dayOfMonth)?.day, day >= today {
                return day
            }
        }
        return nil
    }

    /// The next day with this number, today included, in this month or a later one.
    static func next(dayOfMonth: Int, weekday: Int? = nil, from today: Int) -> Int? {
        guard (1...31).contains(dayOfMonth) else { return nil }
        for day in today..<(today + 366) where CivilDateTime(day: day).dayOfMonth == dayOfMonth {
            if weekday == nil || CivilDate.weekday(of: day) == weekday { return day }
        }
        return nil
    }

    /// The first such weekday after today.
    static func next(weekday: Int, after today: Int) -> Int {
        let ahead = (weekday - Self.weekday(of: today) + 7) % 7
        return today + (ahead == 0 ? 7 : ahead)
    }
}
