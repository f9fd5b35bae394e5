import ArgumentParser
import AudioFile
import CallTime
import Foundation
import LatencyBench
import Server

struct LatencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "Place calls and measure how long callers wait for an answer.",
        discussion: """
            Calls a server as Twilio Media Streams would, in real time, and measures
            the response gap: from the caller's last audible sample to the agent's
            first, both in frames of 10 ms above -45 dBFS.

            Without --url a server is started in this process, with stand-ins for
            Deepgram, OpenAI and ElevenLabs that answer after exactly the delays of
            --delays; no key and no network is needed. With it, any server is measured
            that answers Twilio's voice webhook. Of one of ours that is given its API
            token the report also says where the time went.

            The caller says a sentence, waits until a reply has begun and 700 ms were
            silent, and says the next. Without --caller the sentences are the local
            voice's.

            Examples:
              parley bench latency --calls 20 --json latency.json
              parley bench latency --url https://voice.example.com/twilio/voice
            """)

    @Option(help: ArgumentHelp("Calls at once (1 to \(LatencyBench.mostCalls)).", valueName: "n"))
    var calls = 1

    @Option(help: ArgumentHelp("What the caller says in each call (1 to \(LatencyBench.mostTurns)).", valueName: "n"))
    var turns = 10

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("What callers say: an audio file an utterance, said in turn; channel 1.", valueName: "file"))
    var caller: [String] = []

    @Option(help: ArgumentHelp("A server's voice webhook.", valueName: "url"))
    var url: String?

    @Option(
        help: ArgumentHelp(
            "With --url: signs the requests as Twilio does (default: TWILIO_AUTH_TOKEN of the environment).",
            valueName: "auth-token"))
    var token: String?

    @Option(
        help: ArgumentHelp(
            "With --url, for a server of ours: its API token (default: PARLEY_API_TOKEN of the environment).",
            valueName: "token"))
    var apiToken: String?

    @Option(
        help: ArgumentHelp(
            """
            Without --url: the stand-ins' delays in milliseconds, and tokens a second \
            (transcript=70,first-token=250,tokens=60,first-audio=120).
            """, valueName: "list"))
    var delays: String?

    @Option(help: ArgumentHelp("Writes the report as JSON as well; - for standard output instead.", valueName: "file"))
    var json: String?

    func validate() throws {
        if url != nil, delays != nil { throw ValidationError("--delays are those of the stand-ins, --url has none.") }
        if url == nil, token != nil || apiToken != nil { throw ValidationError("--token and --api-token need --url.") }
    }

    func run() async throws {
        PhoneServer.sizeEventLoops()
        let report: LatencyReport
        do {
            let utterances =
                caller.isEmpty ? try await CallerUtterances.synthesized() : try CallerUtterances.read(caller)
            var bench = LatencyBench(utterances: utterances)
            bench.calls = calls
            bench.turns = turns
            bench.command = commandLine
            report = try await bench.measure(try target())
        } catch let error as ConfigurationError {
            throw error
        } catch let error as AudioFileError {
            throw CommandFailure(.badInput, error.description)
        } catch {
            throw CommandFailure(.failed, "Error: \(error)")
        }
        try tell(report)
        if report.answered == 0 { throw CommandFailure(.failed, "Error: nothing was answered") }
    }

    private func target() throws -> LatencyBench.Target {
        guard let url else { return .own(try delays.map { try VendorDelays(parsing: $0) } ?? VendorDelays()) }
        let environment = ProcessInfo.processInfo.environment
        func given(_ option: String?, _ variable: String) -> String? {
            (option ?? environment[variable]).flatMap { $0.isEmpty ? nil : $0 }
        }
        return .webhook(
            url: url, authToken: given(token, "TWILIO_AUTH_TOKEN"), apiToken: given(apiToken, "PARLEY_API_TOKEN"))
    }

    private func tell(_ report: LatencyReport) throws {
        let text = report.json.prettyText + "\n"
        guard let json, json != "-" else { return Console.print(json == nil ? report.text : report.json.prettyText) }
        Console.print(report.text)
        do {
            try text.write(toFile: json, atomically: true, encoding: .utf8)
        } catch {
            throw CommandFailure(.failed, "Error: \(json) cannot be written")
        }
    }

    /// What measures the same again. Tokens are left out: reports are shown around.
    private var commandLine: String {
        var words = ["parley bench latency --calls \(calls) --turns \(turns)"]
        if !caller.isEmpty { words.append("--caller " + caller.joined(separator: " ")) }
        if let url { words.append("--url " + (url.split(separator: "?").first.map(String.init) ?? url)) }
        if let delays { words.append("--delays \(delays)") }
        return words.joined(separator: " ")
    }
}
