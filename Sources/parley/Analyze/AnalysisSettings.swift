import AudioFile
import CallTime
import VoiceActivity

/// What `analyze` was asked for, the same for all files.
struct AnalysisSettings: Sendable {
    /// How bare samples are to be read; `nil` for files with a header.
    var raw: RawAudioFormat?
    /// `nil` where nothing was said: the only channel, or the first of two.
    var channel: ChannelChoice?
    var detector = VoiceActivityDetector.Kind.learned
    var endpointDelay = EndpointingProfile.balanced.endpointDelay
    /// Whether every probability is kept, for `--frames` and `--html`.
    var keepsFrames = false
    /// Whether the sound is kept, for `--html`.
    var keepsSound = false

    /// The rate audio of `fileRate` is analysed at: 16 kHz from there on, otherwise 8 kHz.
    static func analysisRate(for fileRate: SampleRate) -> SampleRate { fileRate.hz >= 16_000 ? .wideband : .narrowband }

    func detectorConfiguration(at rate: SampleRate) -> VoiceActivityDetector.Configuration {
        var configuration = VoiceActivityDetector.Configuration()
        configuration.sampleRate = rate
        configuration.kind = detector
        return configuration
    }

    func endpointerConfiguration(at rate: SampleRate, hopSamples: Int) -> Endpointer.Configuration {
        var configuration = Endpointer.Configuration()
        configuration.sampleRate = rate
        configuration.hopSamples = hopSamples
        configuration.endpointDelay = endpointDelay
        return configuration
    }

    /// Tries the settings out before any file is opened.
    ///
    /// - Throws: the `ConfigurationError` that every file would meet.
    func check() throws(ConfigurationError) {
        for rate in [SampleRate.narrowband, .wideband] {
            let detector = try VoiceActivityDetector(detectorConfiguration(at: rate))
            _ = try Endpointer(endpointerConfiguration(at: rate, hopSamples: detector.hopSamples))
        }
    }
}

/// Which channel of a file is analysed.
enum ChannelChoice: Sendable, Equatable {
    /// One channel, counted from 1.
    case number(Int)
    /// The mean of all channels.
    case mix

    init?(argument: String) {
        switch argument {
        case "left", "1": self = .number(1)
        case "right", "2": self = .number(2)
        case "mix": self = .mix
        default: return nil
        }
    }

    /// One channel out of interleaved samples, into the beginning of `mono`.
    func pick(_ interleaved: [Float], frames: Int, channels: Int, into mono: inout [Float]) {
        switch self {
        case .number(let number):
            for i in 0..<frames { mono[i] = interleaved[i * channels + number - 1] }
        case .mix:
            for i in 0..<frames {
                var sum: Float = 0
                for channel in 0..<channels { sum += interleaved[i * channels + channel] }
                mono[i] = sum / Float(channels)
            }
        }
    }
}
