import AgentFile
import Foundation
import Logging
import NIOCore
import Server

/// A whole server of ours in this process, whose vendors are stand-ins: no key, no network.
final class OwnServer: Sendable {
    static let authToken = "bench"
    static let apiToken = "bench"

    let standIns: StandIns
    let base: String
    private let server: PhoneServer
    private let running: Task<Void, any Error>
    private let folder: URL

    /// - Parameters:
    ///   - group: For the stand-ins.
    ///   - seconds: How long calls may last.
    init(
        _ delays: VendorDelays, calls: Int, turns: Int, seconds: Int, on group: any EventLoopGroup
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("parley-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.folder = folder
        do {
            let standIns = try await StandIns(delays, on: group)
            self.standIns = standIns
            let agent = try AgentFile.load(yaml: Self.agent(turns: turns, seconds: seconds), name: "bench.yaml")
            let environment = standIns.environment.merging([
                "PARLEY_HOST": "127.0.0.1", "PARLEY_PORT": "0", "PARLEY_DATA_DIR": folder.path,
                "PARLEY_API_TOKEN": Self.apiToken, "PARLEY_MOST_CALLS": "\(calls + 1)",
                "TWILIO_AUTH_TOKEN": Self.authToken, "TWILIO_ACCOUNT_SID": VoiceWebhook.accountSID,
            ]) { $1 }
            let logger = Logger(label: "bench") { label in
                LineLogHandler(
                    label: label, level: .error, isJSON: false, redaction: Redaction(secrets: [], keepsNumbers: false))
            }
            let server = try await PhoneServer(
                settings: ServerSettings(environment: environment), agents: [agent], logger: logger)
            self.server = server
            running = Task { try await server.run() }
            base = "http://127.0.0.1:\(try await server.boundPort())"
        } catch {
            try? FileManager.default.removeItem(at: folder)
            throw error
        }
    }

    var webhook: VoiceWebhook { VoiceWebhook(url: base + "/twilio/voice", authToken: Self.authToken) }

    func stop() async {
        await server.stop()
        try? await running.value
        await standIns.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Without a flow it talks freely: what it says is the model's.
    private static func agent(turns: Int, seconds: Int) -> String {
        """
        name: Bench
        greeting: Hello, this is the test line.
        instructions: Answer in two short sentences.
        providers:
          speech_to_text: [deepgram]
          language_model: [openai]
          text_to_speech: [elevenlabs]
        limits:
          most_turns: \(min(1_000, turns + 10))
          longest_call_s: \(min(14_400, seconds))
        """
    }
}
