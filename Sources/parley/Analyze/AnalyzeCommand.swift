import ArgumentParser
import AudioFile
import CallTime
import VoiceActivity

struct AnalyzeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Find speech and turns in recordings.",
        discussion: """
            Reads WAV, FLAC, Ogg Opus, AU, AIFF, W64 and CAF files, mono or stereo, 8 to
            48 kHz, or bare samples with --raw, and runs the detector and endpointer of
            a live call over them. Audio at 16 kHz and above is analysed at 16 kHz,
            other audio at 8 kHz. The file `-` is standard input.

            speech  a stretch of speech: start, end, and when it was known that somebody
                    speaks
            turn    an utterance, from its first speech to its last, and the endpoint:
                    where the engine would have taken the turn. The endpoint delay
                    counts from the end of the last speech.

            Of a stereo file channel 1 (left) is analysed unless --channel says
            otherwise: in a call recorded by parley that is the caller, channel 2
            (right) is the agent.

            Examples:
              parley analyze call.wav
              parley analyze --channel right call.wav
              parley analyze --profile patient --format json calls/*.flac > turns.jsonl
              parley analyze --frames call.wav > probabilities.csv
              parley analyze --format csv --out results calls/*.wav
              parley analyze --html call.html call.wav
              parley analyze --html pages calls/*.wav
              parley analyze --raw mulaw --rate 8000 call.ul
              sox call.mp3 -t wav - | parley analyze -
            """)

    @Argument(help: ArgumentHelp("Audio files; - is standard input.", valueName: "file"))
    var files: [String]

    @Option(help: "Read bare samples without a header.")
    var raw: RawAudioFormat.Encoding?

    @Option(help: ArgumentHelp("Sample rate of bare samples, 8000 to 48000 (default: 8000).", valueName: "hz"))
    var rate: Int?

    @Option(help: ArgumentHelp("Channels of bare samples, interleaved: 1 or 2 (default: 1).", valueName: "count"))
    var rawChannels: Int?

    @Option(help: ArgumentHelp("left, right, 1, 2, or mix, the mean of both (default: left).", valueName: "channel"))
    var channel: ChannelChoice?

    @Option(help: "learned, the trained network, or rule, energy and spectrum weighed (default: learned).")
    var detector: VoiceActivityDetector.Kind?

    @Option(help: "How soon a silence ends a turn: fast (300 ms), balanced (400 ms) or patient (700 ms).")
    var profile = EndpointingProfile.balanced

    @Option(help: ArgumentHelp("The endpoint delay itself, instead of a profile's.", valueName: "ms"))
    var endpointDelay: Int?

    @Option(help: "json is one object a file, each on a line (default: text).")
    var format: ReportFormat?

    @Flag(help: "Instead: time_s,probability rows, one for every step of the detector.")
    var frames = false

    @Option(help: ArgumentHelp("Write one result file per input, named after it, into this folder.", valueName: "dir"))
    var out: String?

    @Option(
        help: ArgumentHelp(
            """
            Also write a page to look at and listen to in a browser: one file ending in .html, or for several \
            recordings a folder.
            """, valueName: "path"))
    var html: String?

    @Option(help: ArgumentHelp("Files analysed at once (default: one for every core).", valueName: "count"))
    var jobs: Int?

    func validate() throws {
        if files.isEmpty { throw ValidationError("Name at least one audio file.") }
        if files.count(where: { $0 == "-" }) > 1 { throw ValidationError("Standard input (-) can be read only once.") }
        if raw == nil, rate != nil || rawChannels != nil {
            throw ValidationError("--rate and --raw-channels belong to bare samples: name their encoding with --raw.")
        }
        try check("--rate", rate, AudioFileReader.sampleRatesHz)
        try check("--raw-channels", rawChannels, 1...2)
        try check("--endpoint-delay", endpointDelay, 0...60_000)
        try check("--jobs", jobs, 1...1_024)
        if frames, let format, format != .csv {
            throw ValidationError("--frames writes csv; --format \(format.rawValue) does not go with it.")
        }
        if frames, out == nil, files.count > 1 {
            throw ValidationError("--frames of more than one file needs --out, a folder for their results.")
        }
    }

    func run() async throws {
        let settings = try settings()
        let pages = try html.map { try PagePlan(inputs: files, target: $0) }
        let sink = try ReportSink(inputs: files, folder: out, report: report)
        let batch = AnalysisBatch(analyzer: RecordingAnalyzer(settings), jobs: jobs ?? Cores.available, pages: pages)
        let totals = await batch.run(files, into: sink)
        sink.summarize(totals)
        if totals.unwritable > 0 { throw CommandFailure(.failed) }
        if totals.refused > 0 { throw CommandFailure(.badInput) }
    }

    private var report: Report { frames ? .frames : .events(format ?? .text) }

    private func settings() throws -> AnalysisSettings {
        var settings = AnalysisSettings()
        settings.endpointDelay = endpointDelay.map { .milliseconds($0) } ?? profile.endpointDelay
        settings.detector = detector ?? .learned
        settings.channel = channel
        settings.keepsFrames = frames || html != nil
        settings.keepsSound = html != nil
        if let raw {
            settings.raw = RawAudioFormat(raw, sampleRate: SampleRate(hz: rate ?? 8_000), channels: rawChannels ?? 1)
        }
        try settings.check()
        return settings
    }

    private func check(_ name: String, _ value: Int?, _ allowed: ClosedRange<Int>) throws {
        if let value, !allowed.contains(value) {
            throw ValidationError("\(name) takes \(allowed.lowerBound) to \(allowed.upperBound), given \(value).")
        }
    }
}

extension RawAudioFormat.Encoding: ExpressibleByArgument {}
extension VoiceActivityDetector.Kind: ExpressibleByArgument {}
extension EndpointingProfile: ExpressibleByArgument {}
extension ReportFormat: ExpressibleByArgument {}
extension ChannelChoice: ExpressibleByArgument {}
