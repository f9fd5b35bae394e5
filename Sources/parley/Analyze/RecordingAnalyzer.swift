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
        try feed(&stream, from: reader, channel)

        var analysis = Analysis(
            file: input, duration: Double(reader.framesRead) / Double(reader.sampleRate.hz),
            sampleRateHz: reader.sampleRate.hz)
        analysis.speech = stream.segments.speech
        analysis.turns = stream.segments.turns
        analysis.frames = stream.frames
        analysis.remarks = reader.warnings.map { "\(input): warning: \($0)" }
        describe(channel, of: reader, in: &analysis)
        return analysis
    }

    private static let blockFrames = 8_192

    private func feed(_ stream: inout HopStream, from reader: AudioFileReader, _ channel: ChannelChoice) throws {
        var interleaved = [Float](repeating: 0, count: Self.blockFrames * reader.channels)
        var mono = [Float](repeating: 0, count: Self.blockFrames)
        while true {
            var room = interleaved.mutableSpan
            let frames = try reader.read(into: &room)
            if frames == 0 { break }
            channel.pick(interleaved, frames: frames, channels: reader.channels, into: &mono)
            stream.take(mono.span.extracting(0..<frames))
        }
        stream.finish()
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
