import CallTime

/// A call's recording: the caller on the left, the agent on the right, both on the caller's sample clock.
public enum StereoRecording {
    /// Writes both sides from sample 0 on; the shorter one is filled up with silence, so that they end together.
    ///
    /// - Parameters:
    ///   - left: the caller, 16-bit samples.
    ///   - right: the agent, 16-bit samples.
    ///   - path: FLAC where it ends in `.flac`, otherwise a 16-bit WAV. Same samples, same bytes.
    /// - Throws: `AudioFileError` where the file can not be written.
    public static func write(
        left: [Int16], right: [Int16], rate: SampleRate, to path: String
    ) throws(AudioFileError) {
        let format: AudioFileWriter.Format = path.hasSuffix(".flac") ? .flac : .wave
        let writer = try AudioFileWriter(path: path, format: format, sampleRate: rate, channels: 2)
        let count = max(left.count, right.count)
        var block: [Int16] = []
        var start = 0
        while start < count {
            let end = min(start + blockFrames, count)
            block.removeAll(keepingCapacity: true)
            for i in start..<end {
                block.append(i < left.count ? left[i] : 0)
                block.append(i < right.count ? right[i] : 0)
            }
            try writer.write(block.span)
            start = end
        }
        try writer.close()
    }

    private static let blockFrames = 8_192
}
