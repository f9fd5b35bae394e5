import GRDB
import Providers

/// One appointment in one calendar.
public struct Booking: Sendable, Equatable {
    /// `b` and the row's number: `b1`.
    public var id: String
    public var calendar: String
    /// To the minute.
    public var start: CivilDateTime
    public var minutes: Int
    public var name: String
    /// The call and the tool call that made it; together unique.
    public var callID: String
    public var toolCallID: String
    public var madeAt: CivilDateTime
}

public enum BookingOutcome: Sendable, Equatable {
    case booked(Booking)
    /// This tool call, or another of the same call for the same time and name, made it before; nothing was changed.
    case repeated(Booking)
    /// The time, or a part of it, belongs to somebody else.
    case taken
}

extension CallStore {
    /// Books `minutes` of `calendar` from `start` on, unless any of them is taken.
    ///
    /// The decision is made inside the database: of two callers, in whatever process, one gets the time. Called again
    /// with the same `context` ids it answers with the booking of the first time, whatever the other arguments say. So it
    /// does for another tool call of the same call with the same calendar, time and name: a model that was interrupted
    /// says things twice, and its own booking must not stand in its way.
    ///
    /// - Parameters:
    ///   - start: Seconds are dropped. The appointment ends by midnight at the latest.
    ///   - name: Line breaks and other control characters become spaces.
    public func book(
        calendar: String, start: CivilDateTime, minutes: Int, name: String, context: ToolContext
    ) async throws(CallStoreError) -> BookingOutcome {
        precondition(minutes > 0, "an appointment lasts at least a minute, given \(minutes)")
        let minute = start.hour * 60 + start.minute
        let name = name.onOneLine
        return try await write { db in
            if let made = try Self.booking(db, of: context, calendar: calendar, start: start, name: name) {
                return .repeated(made)
            }
            let overlapping = try Int.fetchOne(
                db,
                sql: """
                    SELECT 1 FROM booking WHERE calendar = ? AND date = ? AND minute < ? AND minute + minutes > ?
                    """,
                arguments: [calendar, start.dateText, minute + minutes, minute])
            if overlapping != nil { return .taken }
            try db.execute(
                sql: """
                    INSERT INTO booking (calendar, date, minute, minutes, name, call_id, tool_call_id, made_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    calendar, start.dateText, minute, minutes, name, context.callID, context.toolCallID,
                    context.now.description,
                ])
            guard let made = try Self.booking(db, of: context) else {
                preconditionFailure("the row just inserted is there")
            }
            return .booked(made)
        }
    }

    /// Every booking, by date and time, then in the order they were made.
    public func bookings() async throws(CallStoreError) -> [Booking] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM booking ORDER BY date, minute, id").map(Booking.init)
        }
    }

    /// What is booked in `calendar` on the days from `from` up to and including `to`, in order.
    public func bookings(
        calendar: String, from: CivilDateTime, to: CivilDateTime
    ) async throws(CallStoreError) -> [Booking] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT * FROM booking WHERE calendar = ? AND date BETWEEN ? AND ? ORDER BY date, minute, id",
                arguments: [calendar, from.dateText, to.dateText])
            return try rows.map(Booking.init)
        }
    }

    /// The booking that this tool call made, if it made one.
    public func booking(of context: ToolContext) async throws(CallStoreError) -> Booking? {
        try await read { db in try Self.booking(db, of: context) }
    }

    /// The booking that `book` with these arguments would call repeated.
    public func booking(
        of context: ToolContext, calendar: String, start: CivilDateTime, name: String
    ) async throws(CallStoreError) -> Booking? {
        let name = name.onOneLine
        return try await read { db in
            try Self.booking(db, of: context, calendar: calendar, start: start, name: name)
        }
    }

    private static func booking(
        _ db: Database, of context: ToolContext, calendar: String, start: CivilDateTime, name: String
    ) throws -> Booking? {
        if let made = try booking(db, of: context) { return made }
        return try Row.fetchAll(
            db, sql: "SELECT * FROM booking WHERE call_id = ? AND calendar = ? AND date = ? AND minute = ?",
            arguments: [context.callID, calendar, start.dateText, start.hour * 60 + start.minute]
        ).map(Booking.init).first { $0.name.lowercased() == name.lowercased() }
    }

    private static func booking(_ db: Database, of context: ToolContext) throws -> Booking? {
        try Row.fetchOne(
            db, sql: "SELECT * FROM booking WHERE call_id = ? AND tool_call_id = ?",
            arguments: [context.callID, context.toolCallID]
        ).map(Booking.init)
    }
}

extension Booking {
    init(_ row: Row) throws {
        let day = try CivilDateTime(stored: row["date"])
        let minute: Int = row["minute"]
        self.init(
            id: "b\(row["id"] as Int64)", calendar: row["calendar"],
            start: CivilDateTime(day: day.day, secondOfDay: minute * 60), minutes: row["minutes"], name: row["name"],
            callID: row["call_id"], toolCallID: row["tool_call_id"],
            madeAt: try CivilDateTime(stored: row["made_at"]))
    }
}
