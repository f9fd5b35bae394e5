import ArgumentParser
import CallStore

struct LeadsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leads", abstract: "Look after leads.", subcommands: [LeadsListCommand.self])
}

struct LeadsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the leads, one line each: DATE TIME qualified|unqualified NAME.",
        discussion: """
            DATE and TIME are when the lead was stored; NAME is `-` where none was told. Oldest first.
            Nothing on standard output where there is none.
            """)

    @OptionGroup var data: StoreOption

    func run() async throws {
        for lead in try await data.read({ store throws(CallStoreError) in try await store.leads() }) {
            let verdict = lead.isQualified ? "qualified" : "unqualified"
            let name = lead.name.isEmpty ? "-" : lead.name
            Console.print("\(lead.madeAt.dateText) \(lead.madeAt.timeText) \(verdict) \(name)")
        }
    }
}
