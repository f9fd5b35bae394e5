import ArgumentParser
import CallStore

struct BookingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bookings", abstract: "Look after booked appointments.", subcommands: [BookingsListCommand.self])
}

struct BookingsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the bookings, one line each: DATE TIME NAME.",
        discussion: "By date and time. Nothing on standard output where there is none.")

    @OptionGroup var data: StoreOption

    func run() async throws {
        for booking in try await data.read({ store throws(CallStoreError) in try await store.bookings() }) {
            Console.print("\(booking.start.dateText) \(booking.start.timeText) \(booking.name)")
        }
    }
}
