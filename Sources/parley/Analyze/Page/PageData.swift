import CallTime

/// What a page shows beyond the report: the sound, and the rules the values were held against.
struct PageData: Sendable, Equatable {
    var sound: PageSound
    /// Seconds from one value of the detector to the next.
    var hopSeconds: Double
    var openThreshold: Float
    var closeThreshold: Float
    var endpointDelayMS: Double
}

/// A recording's sound as a page carries it: all channels, at the rate it was analysed at or, where that would make the
/// page too large, at 8 kHz.
struct PageSound: Sendable, Equatable {
    /// How samples are written.
    enum Encoding: String, Sendable {
        /// 16 bits linear, little-endian.
        case s16le
        /// G.711 mu-law, one byte.
        case mulaw

        var bytesPerSample: Int { self == .s16le ? 2 : 1 }
    }

    var rate: SampleRate
    /// Samples of each channel of the file, all of one length.
    var channels: [[Int16]]
    /// Channels that were analysed, counted from 0: one, or all where their mean was.
    var analysed: [Int]
    /// The loudest sample of the file, 0…1, before any change of rate.
    var peak: Float = 0
    /// Samples of the file at full scale.
    var fullScaleSamples = 0
    /// Whether the file goes on where the page's sound ends.
    var isCut = false

    /// What all channels together may take, so that the page, in base64, stays under 24 MB …
    static let maxBytes = 18_000_000
    /// … unless even mu-law at 8 kHz is longer than that. No page holds more than two hours of sound.
    static let maxSeconds = 7_200

    /// Linear where there is room for it.
    var encoding: Encoding { Self.encoding(samples: channels.reduce(0) { $0 + $1.count }) }

    private static func encoding(samples: Int) -> Encoding { samples * 2 <= maxBytes ? .s16le : .mulaw }

    /// The page's rate for a file of that many seconds, as far as its header says.
    static func rate(analysedAt rate: SampleRate, channels: Int, seconds: Double?) -> SampleRate {
        let samples = min(seconds ?? 0, Double(maxSeconds)) * Double(rate.hz * channels)
        return samples <= Double(maxBytes) ? rate : .narrowband
    }
}
