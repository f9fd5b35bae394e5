import CallStore
import Conversation
import Providers

/// One calendar: when appointments may begin, and which of those times are free.
public struct AppointmentBook: Sendable {
    /// Names the calendar in the store; agents with the same one share their bookings.
    public var calendar: String
    public var openingHours: OpeningHours
    /// Appointments begin every so many minutes from the start of each range, and last as long.
    public var slotMinutes: Int
    let store: CallStore

    /// How many other times are offered.
    static let mostAlternatives = 3
    /// Other times are sought on this many days before and after the wanted one.
    static let daysSearched = 28

    public init(store: CallStore, calendar: String, openingHours: OpeningHours, slotMinutes: Int) {
        precondition((1...1_440).contains(slotMinutes), "a slot lasts 1...1440 minutes, given \(slotMinutes)")
        self.store = store
        self.calendar = calendar
        self.openingHours = openingHours
        self.slotMinutes = slotMinutes
    }

    /// Why a time cannot be booked; the raw value is what tools answer.
    public enum Refusal: String, Sendable, CaseIterable {
        /// Outside the opening hours, or the appointment would not be over when they end.
        case closed
        case taken
        case past
        /// Inside the opening hours, but not where an appointment begins.
        case offGrid = "off_grid"
    }

    /// Why no appointment may begin at `start`, whatever is booked; nil when one may.
    public func refusal(_ start: CivilDateTime, now: CivilDateTime) -> Refusal? {
        if start < now { return .past }
        let minute = start.hour * 60 + start.minute
        let ranges = openingHours.days[start.weekday]
        guard let range = ranges.first(where: { $0.fromMinute <= minute && minute < $0.toMinute }),
            minute + slotMinutes <= range.toMinute
        else { return .closed }
        return start.second == 0 && (minute - range.fromMinute).isMultiple(of: slotMinutes) ? nil : .offGrid
    }

    /// As `refusal`, with what is booked taken into account.
    public func availability(
        _ start: CivilDateTime, now: CivilDateTime
    ) async throws(CallStoreError) -> Refusal? {
        if let refusal = refusal(start, now: now) { return refusal }
        let booked = try await store.bookings(calendar: calendar, from: start, to: start)
        return overlaps(start, booked) ? .taken : nil
    }

    /// The free times nearest to `start`, at most three, earliest first. None lies in the past, nor further than four
    /// weeks from the wanted day; a wanted time in the past counts as `now`.
    public func alternatives(
        to start: CivilDateTime, now: CivilDateTime
    ) async throws(CallStoreError) -> [CivilDateTime] {
        let wanted = max(start, now)
        let first = max(wanted.adding(days: -Self.daysSearched), now)
        let last = wanted.adding(days: Self.daysSearched)
        let booked = try await store.bookings(calendar: calendar, from: first, to: last)
        let bookedOnDay = Dictionary(grouping: booked, by: \.start.day)
        var free: [CivilDateTime] = []
        for day in first.day...last.day {
            let taken = bookedOnDay[day] ?? []
            free += slots(onDay: day).filter { $0 >= now && $0.year <= 9_999 && !overlaps($0, taken) }
        }
        let nearest = free.sorted { (distance($0, wanted), $0) < (distance($1, wanted), $1) }
        return nearest.prefix(Self.mostAlternatives).sorted()
    }

    /// Every time of a day at which an appointment may begin.
    private func slots(onDay day: Int) -> [CivilDateTime] {
        openingHours.days[CivilDateTime(day: day).weekday].flatMap { range in
            stride(from: range.fromMinute, through: range.toMinute - slotMinutes, by: slotMinutes)
                .map { CivilDateTime(day: day, secondOfDay: $0 * 60) }
        }
    }

    private func overlaps(_ start: CivilDateTime, _ booked: [Booking]) -> Bool {
        booked.contains {
            start < $0.start.adding(minutes: $0.minutes) && $0.start < start.adding(minutes: slotMinutes)
        }
    }

    private func distance(_ a: CivilDateTime, _ b: CivilDateTime) -> Int {
        abs((a.day - b.day) * 86_400 + a.secondOfDay - b.secondOfDay)
    }
}
