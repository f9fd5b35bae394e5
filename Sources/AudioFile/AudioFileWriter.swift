import CSndFile
import CallTime

/// Writes one audio file, block by block. The same samples give the same bytes on every run.
///
/// - Input: interleaved samples, −1…1 (rounded to 16 bits, clipped, 0 for what is not a number) or 16 bits.
/// - Lengths: any; the header is completed by `close`, which must be called. Threads: one at a time.
public final class AudioFileWriter {
    public enum Format: Sendable, CaseIterable {
        /// WAV, 16-bit linear.
        case wave
        /// WAV, G.711 mu-law, for telephone audio at 8 kHz.
        case waveMuLaw
        /// FLAC, 16 bits.
        case flac

        var library: Int32 {
            switch self {
            case .wave: Int32(SF_FORMAT_WAV) | Int32(SF_FORMAT_PCM_16)
            case .waveMuLaw: Int32(SF_FORMAT_WAV) | Int32(SF_FORMAT_ULAW)
            case .flac: Int32(SF_FORMAT_FLAC) | Int32(SF_FORMAT_PCM_16)
            }
        }
    }

    public let name: String
    public let channels: Int
    private var file: OpaquePointer?

    /// Makes or replaces the file at `path`.
    ///
    /// - Throws: `AudioFileError` where the system or the encoder refuses.
    public init(path: String, format: Format, sampleRate: SampleRate, channels: Int = 1) throws(AudioFileError) {
        name = path
        self.channels = channels
        var info = SF_INFO()
        info.samplerate = Int32(sampleRate.hz)
        info.channels = Int32(channels)
        info.format = format.library
        let opened = Library.open { sf_open(path, Int32(SFM_WRITE), &info) }
        guard let file = opened.file else { throw AudioFileError(file: path, problem: .unwritable(opened.words)) }
        // A PEAK chunk carries the time of day, which would make two runs differ.
        sf_command(file, Int32(SFC_SET_ADD_PEAK_CHUNK), nil, Int32(SF_FALSE))
        self.file = file
    }

    deinit {
        if let file { sf_close(file) }
    }

    /// Appends interleaved 16-bit samples.
    ///
    /// - Precondition: whole samples of all channels, and not after `close`.
    public func write(_ samples: Span<Int16>) throws(AudioFileError) {
        precondition(file != nil, "\(name) is already closed")
        precondition(
            samples.count.isMultiple(of: channels), "\(samples.count) samples do not fill \(channels) channels")
        let frames = sf_count_t(samples.count / channels)
        // SAFETY: `frames` frames are what the span holds, and the file is open.
        let written = samples.withUnsafeBufferPointer { sf_writef_short(file, $0.baseAddress, frames) }
        guard written == frames else { throw AudioFileError(file: name, problem: .unwritable(Library.words(on: file))) }
    }

    /// Appends interleaved samples of −1…1.
    public func write(_ samples: Span<Float>) throws(AudioFileError) {
        var converted: [Int16] = []
        converted.reserveCapacity(samples.count)
        for i in samples.indices {
            let scaled = (samples[i] * 32_768).rounded(.toNearestOrEven)
            converted.append(scaled.isNaN ? 0 : Int16(max(-32_768, min(32_767, scaled))))
        }
        try write(converted.span)
    }

    /// Completes the header and closes the file. A second call does nothing.
    public func close() throws(AudioFileError) {
        guard let open = file else { return }
        file = nil
        let code = sf_close(open)
        guard code == 0 else { throw AudioFileError(file: name, problem: .unwritable(Library.words(for: code))) }
    }
}
