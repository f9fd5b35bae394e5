import AudioFile

/// What a file gave: its samples as 16-bit numbers, interleaved, and the warnings.
struct Reading {
    var samples: [Int16] = []
    var warnings: [AudioFileWarning] = []
    var sampleRateHz = 0
    var channels = 0

    init(_ path: String, raw: RawAudioFormat? = nil, block: Int = 1_000) throws(AudioFileError) {
        let reader = try AudioFileReader(path: path, raw: raw)
        sampleRateHz = reader.sampleRate.hz
        channels = reader.channels
        var buffer = [Float](repeating: 0, count: block * reader.channels)
        while true {
            var span = buffer.mutableSpan
            let frames = try reader.read(into: &span)
            if frames == 0 { break }
            samples += buffer.prefix(frames * reader.channels).map { Int16(max(-32_768, min(32_767, $0 * 32_768))) }
        }
        warnings = reader.warnings
    }
}

/// The problem that reading `path` ends in; `nil` where it ends well.
func problem(_ path: String, raw: RawAudioFormat? = nil) -> AudioFileError? {
    do throws(AudioFileError) {
        _ = try Reading(path, raw: raw)
        return nil
    } catch {
        return error
    }
}
