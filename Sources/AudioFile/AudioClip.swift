import CallTime

/// A short recording held whole in memory: for tests, prompts and fixtures. Long files are read in blocks.
public struct AudioClip: Sendable, Equatable {
    /// Samples of one channel a second.
    public var sampleRate: SampleRate
    /// Samples of −1…1, one array a channel, all of one length.
    public var channels: [[Float]]

    public init(sampleRate: SampleRate, channels: [[Float]]) {
        precondition(
            channels.allSatisfy { $0.count == channels[0].count },
            "channels of one length needed, given \(channels.map(\.count))")
        self.sampleRate = sampleRate
        self.channels = channels
    }

    /// Reads a whole file of one or two channels.
    ///
    /// - Throws: `AudioFileError`, as `AudioFileReader` does. Warnings are dropped: use the reader where they matter.
    public init(path: String, raw: RawAudioFormat? = nil) throws(AudioFileError) {
        let reader = try AudioFileReader(path: path, raw: raw)
        var channels = [[Float]](repeating: [], count: reader.channels)
        var block = [Float](repeating: 0, count: 4_096 * reader.channels)
        while true {
            var span = block.mutableSpan
            let frames = try reader.read(into: &span)
            if frames == 0 { break }
            for channel in channels.indices {
                for i in 0..<frames { channels[channel].append(block[i * reader.channels + channel]) }
            }
        }
        self.init(sampleRate: reader.sampleRate, channels: channels)
    }

    /// Samples a channel.
    public var sampleCount: Int { channels.first?.count ?? 0 }

    /// How long it lasts.
    public var duration: Duration { sampleRate.duration(of: sampleCount) }
}
