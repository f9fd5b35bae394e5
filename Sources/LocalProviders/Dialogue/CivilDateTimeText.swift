import Providers

enum CivilDateTimeText {
    /// `2026-03-03T15:30`, seconds dropped.
    static func minute(_ text: String) -> ToolAnswer.CivilMinute? {
        CivilDateTime(text).map { .init(day: $0.day, minute: $0.secondOfDay / 60) }
    }

    /// The two halves as a tool's arguments carry them.
    static func minute(date: String?, time: String?) -> ToolAnswer.CivilMinute? {
        guard let date, let time else { return nil }
        return minute(date + "T" + time)
    }
}
