import AgentFile
import ArgumentParser
import CallStore
import Foundation
import Logging
import Server

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer and place telephone calls, behind a Twilio number.",
        discussion: """
            Point the number's voice webhook at https://YOUR-HOST/twilio/voice (POST). With several agents
            the called number chooses (`numbers:` in the agent's file), or the path: /twilio/voice/AGENT.

            Vendors are those the agents name; their keys come from the environment:
              TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN   the carrier
              DEEPGRAM_API_KEY, OPENAI_API_KEY, ELEVENLABS_API_KEY
              TWILIO_BASE_URL, DEEPGRAM_BASE_URL, OPENAI_BASE_URL, ELEVENLABS_BASE_URL   elsewhere than usual
              PARLEY_PUBLIC_URL, PARLEY_API_TOKEN, PARLEY_DATA_DIR
            A flag wins over the environment, the environment over the file of --config. When a vendor fails,
            the next one the agent names takes its place, at last the local recogniser, dialogue and voice.

            SIGTERM or SIGINT: no new calls; running ones go on for a while, then the agent says goodbye.

            Examples:
              parley serve Examples/world.yaml --public-url https://voice.example.com
              parley serve desk.yaml sales.yaml --config parley.yaml --log-format json
            """)

    @Argument(help: ArgumentHelp("The agents' descriptions.", valueName: "agent.yaml"))
    var agents: [String]

    @OptionGroup var options: ServerOptions

    func run() async throws {
        PhoneServer.sizeEventLoops()
        let settings = try options.settings()
        let files = try AgentFiles.load(agents)
        do {
            let server = try await PhoneServer(settings: settings, agents: files)
            try await server.runUntilSignalled()
        } catch {
            throw CommandFailure(.failed, "Error: \(error)")
        }
    }
}

/// Agents' files by path; what is wrong with them is the command's error.
enum AgentFiles {
    static func load(_ paths: [String]) throws -> [AgentFile] {
        do {
            return try paths.map { try AgentFile.load(path: $0) }
        } catch let error as AgentFileError {
            throw CommandFailure(.badInput, error.description)
        }
    }
}
