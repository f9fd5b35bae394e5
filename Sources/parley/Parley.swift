import ArgumentParser

@main
struct Parley: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parley",
        abstract: "Real-time AI phone calls: analyse recordings, play whole calls, look after agents.",
        discussion: """
            Exit codes of every command: 0 done, 1 failed, 2 the command line makes no
            sense, 3 a file can not be used (the other files were done).
            """,
        subcommands: [
            AnalyzeCommand.self,
            SimulateCommand.self,
            ServeCommand.self,
            CallCommand.self,
            BenchCommand.self,
            AgentsCommand.self,
            BookingsCommand.self,
            LeadsCommand.self,
            DoctorCommand.self,
        ])

    static func main() async { await CommandFrame.main(Parley.self) }
}
