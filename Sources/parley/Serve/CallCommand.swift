import AgentFile
import ArgumentParser
import Foundation
import Server

struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Ring somebody up and let an agent talk to them.",
        discussion: """
            Starts a server for this one call, places it, follows it to its end and prints how it ended. The
            server must be reachable for the carrier at --public-url (or PARLEY_PUBLIC_URL). To place calls with
            a server that runs already, use its POST /v1/calls.

            With --machine-detection the greeting waits until the carrier knows whether a person or a machine
            answered (or for the agent's `hold_greeting_s`); an answering machine gets the agent's voicemail
            message after the beep.

            Example:
              parley call +4930123456 --agent desk.yaml --public-url https://voice.example.com
            """)

    @Argument(help: ArgumentHelp("Whom to call, E.164.", valueName: "number"))
    var number: String

    @Option(help: ArgumentHelp("The agent's description.", valueName: "agent.yaml"))
    var agent: String

    @Flag(help: "Find out whether a person or an answering machine answers.")
    var machineDetection = false

    @OptionGroup var options: ServerOptions

    func run() async throws {
        PhoneServer.sizeEventLoops()
        let settings = try options.settings()
        let files = try AgentFiles.load([agent])
        let outcome: PhoneServer.PlacedCall
        do {
            let server = try await PhoneServer(settings: settings, agents: files)
            outcome = try await server.placeOne(to: number, detectsMachine: machineDetection)
        } catch {
            throw CommandFailure(.failed, "Error: \(error)")
        }
        Console.print("\(outcome.outcome)\(outcome.reason.map { ": \($0)" } ?? "")")
        if !outcome.wasReached { throw CommandFailure(.failed) }
    }
}
