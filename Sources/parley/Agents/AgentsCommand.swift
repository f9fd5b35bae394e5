import AgentFile
import ArgumentParser

struct AgentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agents", abstract: "Look after agent files.", subcommands: [AgentsCheckCommand.self])
}

struct AgentsCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check agent files and the tables they name.",
        discussion: """
            A file without a fault: one line `FILE: ok` on standard output. A file with faults: one line for
            each of them, `FILE:LINE: FIELD: given ..., allowed ...`, on standard error, and exit code 3.
            """)

    @Argument(help: ArgumentHelp("The agent files.", valueName: "AGENT.yaml"), completion: .file(extensions: ["yaml"]))
    var files: [String]

    func run() async throws {
        var areAllUsable = true
        for file in files {
            do {
                _ = try AgentFile.load(path: file)
                Console.print("\(file): ok")
            } catch {
                Console.warn(error.description)
                areAllUsable = false
            }
        }
        if !areAllUsable { throw CommandFailure(.badInput) }
    }
}
