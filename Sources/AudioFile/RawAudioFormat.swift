import CSndFile
import CallTime

/// How bare samples without a header are to be read; interleaved where there are two channels.
public struct RawAudioFormat: Sendable, Equatable {
    public enum Encoding: String, Sendable, CaseIterable {
        /// G.711 mu-law, one byte a sample.
        case mulaw
        /// G.711 A-law, one byte a sample.
        case alaw
        /// Signed 16-bit linear, little-endian.
        case s16le
    }

    public var encoding: Encoding
    public var sampleRate: SampleRate
    public var channels: Int

    public init(_ encoding: Encoding, sampleRate: SampleRate = .narrowband, channels: Int = 1) {
        self.encoding = encoding
        self.sampleRate = sampleRate
        self.channels = channels
    }

    /// Bytes of one sample of every channel.
    var bytesPerFrame: Int { (encoding == .s16le ? 2 : 1) * channels }

    var libraryInfo: SF_INFO {
        let subtype =
            switch encoding {
            case .mulaw: SF_FORMAT_ULAW
            case .alaw: SF_FORMAT_ALAW
            case .s16le: SF_FORMAT_PCM_16
            }
        var info = SF_INFO()
        info.samplerate = Int32(sampleRate.hz)
        info.channels = Int32(channels)
        info.format = Int32(SF_FORMAT_RAW) | Int32(subtype) | Int32(SF_ENDIAN_LITTLE)
        return info
    }
}
