import CallStore
import Providers

/// `check_availability`: is a time free, and which ones near it are?
///
/// Takes `{"date":"YYYY-MM-DD","time":"HH:MM"}`. Answers `{"available":true}`, or `{"available":false,"reason":R,
/// "alternatives":[...]}` with R one of `closed`, `taken`, `past`, `off_grid` and up to three times `2026-03-03T15:30`.
public struct CheckAvailability: StoreTool {
    let book: AppointmentBook

    public init(book: AppointmentBook) { self.book = book }

    public var description: ToolDescription {
        ToolDescription(
            name: "check_availability",
            purpose: "Tells whether an appointment can begin at a date and time, and the nearest free times if not.",
            parametersJSON: """
                {"type":"object","properties":{"date":{"type":"string","description":"YYYY-MM-DD"},\
                "time":{"type":"string","description":"HH:MM, 24 hours"}},"required":["date","time"]}
                """, isReadOnly: true)
    }

    func answer(_ arguments: ToolArguments, context: ToolContext) async throws -> JSONValue {
        guard let start = try arguments.start() else {
            throw ToolComplaint("date, time: there is no such date or time")
        }
        guard let refusal = try await book.availability(start, now: context.now) else {
            return .object(["available": .bool(true)])
        }
        let others = try await book.alternatives(to: start, now: context.now)
        return .object([
            "available": .bool(false), "reason": .string(refusal.rawValue), "alternatives": .times(others),
        ])
    }
}

/// `book_appointment`: books a time for a name.
///
/// Takes `{"date":"YYYY-MM-DD","time":"HH:MM","name":"..."}`. Answers `{"booked":true,"id":"b1"}`, or `{"booked":false,
/// "reason":R,"alternatives":[...]}`; R is as for `check_availability`, or `invalid` for a date or time that does not
/// exist and for an empty name. The same tool call again gets the booking it made the first time, and so does another one
/// of the same call for the same date, time and name.
public struct BookAppointment: StoreTool {
    let book: AppointmentBook

    public init(book: AppointmentBook) { self.book = book }

    /// Longer names are cut: nobody is called that, and lists must stay readable.
    static let longestName = 200

    public var description: ToolDescription {
        ToolDescription(
            name: "book_appointment",
            purpose: "Books an appointment. Use it once the caller has agreed to the date, the time and the name.",
            parametersJSON: """
                {"type":"object","properties":{"date":{"type":"string","description":"YYYY-MM-DD"},\
                "time":{"type":"string","description":"HH:MM, 24 hours"},\
                "name":{"type":"string","description":"The caller's name"}},"required":["date","time","name"]}
                """)
    }

    func answer(_ arguments: ToolArguments, context: ToolContext) async throws -> JSONValue {
        let start = try arguments.start()
        let name = String(try arguments.text("name").prefix(Self.longestName))
        // Asked first: what was free the first time may be past, or no opening hour, when the same call comes again.
        if let made = try await book.store.booking(of: context) { return booked(made) }
        guard let start, !name.isEmpty else { return refused("invalid", []) }
        let known = try await book.store.booking(of: context, calendar: book.calendar, start: start, name: name)
        if let known { return booked(known) }
        if let refusal = book.refusal(start, now: context.now) {
            return refused(refusal.rawValue, try await book.alternatives(to: start, now: context.now))
        }
        let outcome = try await book.store.book(
            calendar: book.calendar, start: start, minutes: book.slotMinutes, name: name, context: context)
        switch outcome {
        case .booked(let made), .repeated(let made): return booked(made)
        case .taken: return refused("taken", try await book.alternatives(to: start, now: context.now))
        }
    }

    private func booked(_ made: Booking) -> JSONValue { .object(["booked": .bool(true), "id": .string(made.id)]) }

    private func refused(_ reason: String, _ others: [CivilDateTime]) -> JSONValue {
        .object(["booked": .bool(false), "reason": .string(reason), "alternatives": .times(others)])
    }
}

extension JSONValue {
    /// `2026-03-03T15:30`
    static func times(_ times: [CivilDateTime]) -> JSONValue { .strings(times.map { $0.dateText + "T" + $0.timeText }) }
}
