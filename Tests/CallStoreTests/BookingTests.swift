import CallStore
import Foundation
import Providers
import Testing

@Suite struct BookingTests {
    let folder: TemporaryFolder
    let store: CallStore
    let monday: CivilDateTime

    init() throws {
        folder = try TemporaryFolder()
        store = try CallStore(folder: folder.path)
        monday = try #require(CivilDateTime("2026-03-02T09:00"))
    }

    func context(_ toolCall: String, call: String = "call") -> ToolContext {
        ToolContext(callID: call, toolCallID: toolCall, now: monday)
    }

    func book(
        _ start: CivilDateTime, _ toolCall: String, minutes: Int = 30, calendar: String = "desk", name: String = "Ann"
    ) async throws -> BookingOutcome {
        try await store.book(
            calendar: calendar, start: start, minutes: minutes, name: name, context: context(toolCall))
    }

    @Test func aFreeTimeIsBookedAndNumberedFromOne() async throws {
        guard case .booked(let first) = try await book(monday, "1") else { throw Unexpected() }
        guard case .booked(let second) = try await book(monday.adding(minutes: 30), "2") else { throw Unexpected() }
        #expect(first.id == "b1")
        #expect(second.id == "b2")
        #expect(try await store.bookings() == [first, second])
        #expect(first.start == monday)
        #expect(first.madeAt == monday)
    }

    @Test func aTimeIsBookedOnce() async throws {
        _ = try await book(monday, "1")
        #expect(try await book(monday, "2", name: "Bob") == .taken)
        #expect(try await store.bookings().map(\.name) == ["Ann"])
    }

    @Test(arguments: [-29, -1, 1, 29])
    func aTimeThatOverlapsABookingIsTaken(minutes: Int) async throws {
        _ = try await book(monday, "1")
        #expect(try await book(monday.adding(minutes: minutes), "2") == .taken)
    }

    @Test(arguments: [-30, 30])
    func aTimeThatTouchesABookingIsFree(minutes: Int) async throws {
        _ = try await book(monday, "1")
        guard case .booked = try await book(monday.adding(minutes: minutes), "2") else { throw Unexpected() }
    }

    @Test func twoCalendarsDoNotShareTheirTimes() async throws {
        _ = try await book(monday, "1", calendar: "desk")
        guard case .booked = try await book(monday, "2", calendar: "garage") else { throw Unexpected() }
    }

    @Test func theSameToolCallTwiceBooksOnceAndGetsTheSameID() async throws {
        guard case .booked(let made) = try await book(monday, "1") else { throw Unexpected() }
        #expect(try await book(monday, "1") == .repeated(made))
        #expect(try await book(monday.adding(days: 1), "1") == .repeated(made))
        #expect(try await store.bookings() == [made])
        #expect(try await store.booking(of: context("1")) == made)
        #expect(try await store.booking(of: context("1", call: "other")) == nil)
    }

    @Test func theSameTimeAndNameInTheSameCallIsTheSameBooking() async throws {
        guard case .booked(let made) = try await book(monday, "1") else { throw Unexpected() }
        #expect(try await book(monday, "2", name: " ann ") == .repeated(made))
        #expect(try await book(monday, "2", name: "Bob") == .taken)
        let other = context("1", call: "other")
        #expect(
            try await store.book(calendar: "desk", start: monday, minutes: 30, name: "Ann", context: other) == .taken)
        #expect(
            try await store.booking(of: context("3"), calendar: "desk", start: monday, name: "Ann") == made)
    }

    @Test func aNameBecomesOneLine() async throws {
        _ = try await book(monday, "1", name: " Ann\nBlack\u{7}\t\u{2028} ")
        #expect(try await store.bookings().map(\.name) == ["Ann Black"])
    }

    @Test func bookingsOfSomeDaysAreThoseOfTheCalendarInOrder() async throws {
        for (index, days) in [3, 0, 1, 2].enumerated() { _ = try await book(monday.adding(days: days), "\(index)") }
        _ = try await book(monday, "other", calendar: "garage")
        let found = try await store.bookings(calendar: "desk", from: monday, to: monday.adding(days: 2))
        #expect(found.map(\.start) == [0, 1, 2].map { monday.adding(days: $0) })
    }

    @Test func aStoreThatIsOpenedAgainKeepsItsBookingsAndCountsOn() async throws {
        _ = try await book(monday, "1")
        try store.close()
        let again = try CallStore(folder: folder.path)
        #expect(try await again.bookings().count == 1)
        let outcome = try await again.book(
            calendar: "desk", start: monday.adding(days: 1), minutes: 30, name: "Bob", context: context("2"))
        guard case .booked(let made) = outcome else { throw Unexpected() }
        #expect(made.id == "b2")
    }

    @Test func ofManyTasksOnOneStoreOneGetsTheTime() async throws {
        let outcomes = try await race(stores: [store], tries: 64)
        #expect(outcomes.filter { $0 != .taken }.count == 1)
        #expect(try await store.bookings().count == 1)
    }

    @Test func ofManyConnectionsAsFromSeveralProcessesOneGetsTheTime() async throws {
        var stores = [store]
        for _ in 0..<7 { stores.append(try CallStore(folder: folder.path)) }
        let outcomes = try await race(stores: stores, tries: 64)
        #expect(outcomes.filter { $0 != .taken }.count == 1)
        #expect(try await store.bookings().count == 1)
    }

    @Test func theSameToolCallFromManyConnectionsBooksOnce() async throws {
        var stores = [store]
        for _ in 0..<3 { stores.append(try CallStore(folder: folder.path)) }
        let outcomes = try await race(stores: stores, tries: 32, sameToolCall: true)
        let ids = outcomes.map { outcome -> String in
            switch outcome {
            case .booked(let made), .repeated(let made): made.id
            case .taken: "taken"
            }
        }
        #expect(Set(ids) == ["b1"])
    }

    private func race(
        stores: [CallStore], tries: Int, sameToolCall: Bool = false
    ) async throws -> [BookingOutcome] {
        let monday = monday
        return try await withThrowingTaskGroup(of: BookingOutcome.self) { group in
            for index in 0..<tries {
                let context = context(sameToolCall ? "same" : "\(index)")
                group.addTask {
                    try await stores[index % stores.count].book(
                        calendar: "desk", start: monday, minutes: 30, name: "Caller \(index)", context: context)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}

struct Unexpected: Error {}
