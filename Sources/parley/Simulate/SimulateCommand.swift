import AgentFile
import ArgumentParser
import AudioFile
import CallRuntime
import CallStore
import CallTime
import Foundation
import Providers

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Play a whole call: a caller's recording against an agent.",
        discussion: """
            The agent hears the recording as a telephone would deliver it, and talks back with the local
            recogniser, dialogue and voice; no network and no key is needed. The conversation is printed as
            it happens, then a table with the response gap of every turn and where it went, in milliseconds.

            Time is virtual: the local recogniser, dialogue and voice really run, but their answers count at
            fixed delays (final transcript 100 ms, first token 250 ms and 60 a second, first audio 120 ms,
            tool 60 ms), so that a call depends on its input alone and takes seconds. With --realtime the
            wall clock runs and answers count when they come.

            When the recording ends the line stays open in silence until the agent says goodbye.

            Bookings and leads are kept in the data folder and seen by the next call. --out receives
              call.wav         both sides on one clock: the caller left, the agent right
              transcript.json  who said what, when
              journal.jsonl    every outside event and every decision, with its instant

            Examples:
              parley simulate Examples/appointment-desk.yaml --caller TestAudio/appointment-call.wav
              parley simulate agent.yaml --caller me.wav --out call1 --data desk --now 2026-03-02T09:00:00
            """)

    @Argument(help: ArgumentHelp("The agent's description.", valueName: "agent.yaml"))
    var agent: String

    @Option(
        help: ArgumentHelp("The caller's side: any audio file `parley analyze` reads; channel 1.", valueName: "file"))
    var caller: String

    @Option(
        help: ArgumentHelp(
            "Folder for the recording, the transcript and the journal; made if missing.", valueName: "dir"))
    var out: String?

    @OptionGroup var data: StoreOption

    @Option(
        help: ArgumentHelp(
            "Date and time at the agent's place when the call begins (default: this moment).", valueName: "time"))
    var now: CivilDateTime?

    @Flag(help: "Run on the wall clock instead of virtual time.")
    var realtime = false

    func run() async throws {
        do {
            try await simulate()
        } catch let error as AgentFileError {
            throw CommandFailure(.badInput, error.description)
        } catch let error as AudioFileError {
            throw CommandFailure(.badInput, error.description)
        } catch {
            throw CommandFailure(.failed, "Error: \(error)")
        }
    }

    private func simulate() async throws {
        let file = try AgentFile.load(path: agent)
        let recording = try CallerRecording(path: caller)
        for warning in recording.warnings { Console.warn(warning) }
        let store = try CallStore(folder: data.path)
        let agent = try await Agent(file, store: store)
        let start = now ?? .thisMoment
        let id = try await "call-\(store.calls().count + 1)"
        let settings = agent.settings(callID: id, now: start)
        try await store.callBegan(id: id, agent: file.name, at: start)

        Console.print("\(file.name), \(start.dateText) \(start.timeText), called by \(caller)\n")
        let outcome = try await play(recording, settings, agent.providers)
        try await store.callEnded(
            id: id, outcome: outcome.end?.rawValue ?? "open",
            transcriptPath: out.map { CallFolder(path: $0).transcript })
        Console.print("\n" + CallSummary(outcome).text)
        if let out {
            let folder = CallFolder(path: out)
            try folder.write(outcome, settings: settings)
            Console.print("\n\(folder.recording)\n\(folder.transcript)\n\(folder.journal)")
        }
    }

    private func play(
        _ recording: CallerRecording, _ settings: CallSettings, _ providers: CallProviders
    ) async throws -> VirtualCall.Outcome {
        let show: (CallTranscript.Entry) -> Void = { Console.print(CallSummary.line($0)) }
        guard realtime else {
            return try await VirtualCall(settings: settings, providers: providers)
                .run(caller: recording.muLaw, onEntry: show)
        }
        let call = try LiveCall(settings: settings, providers: providers)
        return try await RecordedCaller().run(caller: recording.muLaw, on: call, onEntry: show)
    }
}

extension CivilDateTime: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
