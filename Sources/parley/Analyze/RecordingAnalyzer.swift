import AudioFile
import CallTime

/// Analyses one file from its first sample to its last, in blocks. Any number may run at once.
struct RecordingAnalyzer: Sendable {
    let settings: AnalysisSettings

    init(_ settings: AnalysisSettings) { self.settings = settings }

    /// - Throws: `AudioFileError` or `ChannelError`: one line that begins with the file's name.
    func analyze(_ input: String) throws -> Analysis {
        let reader =
            try input == "-"
            ? AudioFileReader(standardInput: settings.raw) : AudioFileReader(path: input, raw: settings.raw)
        let channel = try channel(of: reader)
        var stream = try HopStream(fileRate: reader.sampleRate, maxBlock: Self.blockFrames, settings)
        var page = try soundCollector(for: reader, channel)
        try feed(&stream, &page, from: reader, channel)

        var analysis = Analysis(
            file: input, duration: Double(reader.framesRead) / Double(reader.sampleRate.hz),
            sampleRateHz: reader.sampleRate.hz)
        analysis.speech = stream.segments.speech
        analysis.turns = stream.segments.turns
        analysis.frames = stream.frames
        analysis.remarks = reader.warnings.map { "\(input): warning: \($0)" }
        if let sound = page?.finish() { analysis.page = pageData(sound, stream) }
        describe(channel, of: reader, in: &analysis)
        return analysis
    }

    /// A second of the lowest rate, and whole hops of both rates that are analysed: they are then taken where they lie.
    private static let blockFrames = 8_000

    private func feed(
        _ stream: inout HopStream, _ page: inout PageSoundCollector?, from reader: AudioFileReader,
        _ channel: ChannelChoice
    ) throws {
        let channels = reader.channels
        var block = [Float](repeating: 0, count: Self.blockFrames * channels)
        var mono = [Float](repeating: 0, count: channels > 1 ? Self.blockFrames : 0)
        while true {
            var room = block.mutableSpan
            let frames = try reader.read(into: &room)
            if frames == 0 { break }
            page?.take(block.span.extracting(0..<frames * channels))
            if channels == 1 {
                stream.take(block.span.extracting(0..<frames))
            } else {
                channel.pick(block, frames: frames, channels: channels, into: &mono)
                stream.take(mono.span.extracting(0..<frames))
            }
        }
        stream.finish()
    }

    private func soundCollector(
        for reader: AudioFileReader, _ channel: ChannelChoice
    ) throws -> PageSoundCollector? {
        guard settings.keepsSound else { return nil }
        let seconds = reader.expectedFrames.map { Double($0) / Double(reader.sampleRate.hz) }
        let rate = PageSound.rate(
            analysedAt: AnalysisSettings.analysisRate(for: reader.sampleRate), channels: reader.channels,
            seconds: seconds)
        var analysed = Array(0..<reader.channels)
        if case .number(let number) = channel { analysed = [number - 1] }
        return try PageSoundCollector(
            fileRate: reader.sampleRate, rate: rate, channels: reader.channels, analysed: analysed,
            maxBlock: Self.blockFrames)
    }

    private func pageData(_ sound: PageSound, _ stream: borrowing HopStream) -> PageData {
        let rules = settings.endpointerConfiguration(at: stream.clock.rate, hopSamples: stream.hopSamples)
        return PageData(
            sound: sound, hopSeconds: Double(stream.hopSamples) / Double(stream.clock.rate.hz),
            openThreshold: rules.openThreshold, closeThreshold: rules.closeThreshold,
            endpointDelayMS: rules.endpointDelay.milliseconds)
    }

    private func channel(of reader: AudioFileReader) throws -> ChannelChoice {
        let choice = settings.channel ?? .number(1)
        if case .number(let number) = choice, number > reader.channels {
            throw ChannelError(file: reader.name, channels: reader.channels, wanted: number)
        }
        return choice
    }

    private func describe(_ channel: ChannelChoice, of reader: AudioFileReader, in analysis: inout Analysis) {
        guard reader.channels > 1 else { return }
        switch channel {
        case .number(let number): analysis.channel = "channel \(number) of \(reader.channels)"
        case .mix: analysis.channel = "mix of \(reader.channels) channels"
        }
        if settings.channel == nil {
            analysis.remarks.append(
                "\(reader.name): note: has 2 channels, channel 1 (left) was analysed; --channel chooses")
        }
    }
}

/// A channel was asked for that the file does not have.
struct ChannelError: Error, CustomStringConvertible {
    var file: String
    var channels: Int
    var wanted: Int

    var description: String {
        "\(file): has \(channels) channel\(channels == 1 ? "" : "s"); channel \(wanted) was asked for"
    }
}
