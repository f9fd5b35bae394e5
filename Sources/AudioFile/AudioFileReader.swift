import CSndFile
import CallTime
import Glibc

/// Reads an audio file in blocks: WAV, FLAC, Ogg Opus and Vorbis, AU, AIFF, W64, CAF and bare samples.
///
/// - Input: one or two channels, 8,000 to 48,000 Hz, from a path, a named pipe or standard input (a pipe is first put
///   aside in a temporary file). Length is bounded by the disk only; memory is one block.
/// - Output: interleaved samples of −1…1, 16-bit steps are 1/32,768.
/// - Edges: what is not finite becomes 0, what lies beyond ±1 becomes ±1. A file that ends early is read up to there.
///   Both are told by `warnings`, which are complete when `read` has given 0.
/// - Threads: one at a time.
public final class AudioFileReader {
    /// The file as its user named it.
    public let name: String
    public let sampleRate: SampleRate
    /// 1 or 2.
    public let channels: Int
    /// Samples a channel read so far.
    public private(set) var framesRead = 0
    /// What the user should know of this file, in the order in which it was found.
    public private(set) var warnings: [AudioFileWarning] = []

    /// Rates that are read, in Hz.
    public static let sampleRatesHz = 8_000...48_000

    private let file: OpaquePointer
    private let view: ByteView
    private let source: ByteSource
    private let info: SF_INFO
    private var claim = LengthClaim.exact
    private var bytesPerSecond = 0
    private var notFinite = 0
    private var beyondFullScale = 0
    private var ended = false

    /// Opens the file at `path`; with `raw`, as bare samples.
    ///
    /// - Throws: `AudioFileError` for all that keeps a file from being read: see its cases.
    public convenience init(path: String, raw: RawAudioFormat? = nil) throws(AudioFileError) {
        try self.init(ByteSource(path: path), raw: raw)
    }

    /// Reads standard input to its end, then opens what came. Messages call it `-`.
    public convenience init(standardInput raw: RawAudioFormat?) throws(AudioFileError) {
        let descriptor = dup(STDIN_FILENO)
        guard descriptor >= 0 else { throw AudioFileError(file: "-", problem: .system(errno)) }
        try self.init(ByteSource(descriptor: descriptor, name: "-"), raw: raw)
    }

    private init(_ source: ByteSource, raw: RawAudioFormat?) throws(AudioFileError) {
        self.source = source
        name = source.name
        let plan = OpeningPlan(source, raw: raw)
        view = plan.view
        if let stated = plan.stated { try Self.check(channels: stated.channels, sampleRateHz: stated.rateHz, name) }
        var info = raw?.libraryInfo ?? SF_INFO()
        var calls = ByteView.callbacks()
        let userData = Unmanaged.passUnretained(view).toOpaque()
        let opened = Library.open { sf_open_virtual(&calls, Int32(SFM_READ), &info, userData) }
        guard let file = opened.file else { throw AudioFileError(file: name, problem: .notAudio(opened.words)) }
        do throws(AudioFileError) {
            try Self.check(channels: Int(info.channels), sampleRateHz: Int(info.samplerate), name)
        } catch {
            sf_close(file)
            throw error
        }
        self.file = file
        self.info = info
        sampleRate = SampleRate(hz: Int(info.samplerate))
        channels = Int(info.channels)
        claim = plan.claim
        bytesPerSecond = plan.bytesPerSecond
        warnings = plan.warnings
    }

    deinit { sf_close(file) }

    /// Samples a channel that the header promises (after mending it); `nil` where it leaves that open.
    public var expectedFrames: Int? { info.frames == Int64.max ? nil : Int(info.frames) }

    /// Reads the next samples, interleaved, into the beginning of `block`.
    ///
    /// - Precondition: `block` has room for at least one sample of each channel.
    /// - Returns: samples a channel; 0 at the end, and from then on.
    /// - Throws: `AudioFileError` where the system fails, or where the file turns out to hold no sample at all.
    public func read(into block: inout MutableSpan<Float>) throws(AudioFileError) -> Int {
        let room = block.count / channels
        precondition(room > 0, "room for \(channels) samples needed, given \(block.count)")
        if ended { return 0 }
        // SAFETY: `room` frames of `channels` samples each fit into the block, and the file is open until `deinit`.
        let count = block.withUnsafeMutableBufferPointer { buffer in
            let frames = Int(sf_readf_float(file, buffer.baseAddress, sf_count_t(room)))
            clean(buffer, count: max(0, frames) * channels)
            return max(0, frames)
        }
        framesRead += count
        if count == 0 { try end() }
        return count
    }

    /// Takes out what is not a number or too large, and counts it.
    private func clean(_ samples: UnsafeMutableBufferPointer<Float>, count: Int) {
        // Nearly every block is clean: seen from the greatest magnitude as an integer, in which what is not finite is
        // greatest of all, several samples at a time.
        var greatest: Int32 = 0
        for i in 0..<count { greatest = max(greatest, Int32(bitPattern: samples[i].bitPattern & 0x7FFF_FFFF)) }
        if greatest <= Int32(bitPattern: Float(1).bitPattern) { return }
        for i in 0..<count {
            let sample = samples[i]
            if abs(sample) <= 1 { continue }
            if sample.isFinite {
                beyondFullScale += 1
                samples[i] = sample > 0 ? 1 : -1
            } else {
                notFinite += 1
                samples[i] = 0
            }
        }
    }

    private func end() throws(AudioFileError) {
        ended = true
        if let code = source.failure { throw AudioFileError(file: name, problem: .system(code)) }
        let damage = sf_error(file) == 0 ? nil : Library.words(on: file)
        guard framesRead > 0 else {
            throw AudioFileError(file: name, problem: damage.map { .undecodable($0) } ?? .noSamples)
        }
        warnings += lengthWarnings(damage: damage)
        if notFinite > 0 { warnings.append(.notFinite(count: notFinite)) }
        if beyondFullScale > 0, isFloatingPoint { warnings.append(.beyondFullScale(count: beyondFullScale)) }
    }

    private func lengthWarnings(damage: String?) -> [AudioFileWarning] {
        let held = Double(framesRead) / Double(sampleRate.hz)
        if let damage { return [.damaged(atSeconds: held, words: damage)] }
        if case .over(let bytes) = claim {
            guard bytesPerSecond > 0 else { return [.cutOff(heldSeconds: held)] }
            return [.overclaimed(claimedSeconds: Double(bytes) / Double(bytesPerSecond), heldSeconds: held)]
        }
        if let expected = expectedFrames, expected > framesRead {
            return [.overclaimed(claimedSeconds: Double(expected) / Double(sampleRate.hz), heldSeconds: held)]
        }
        if ContainerEnd.isCutOff(source) { return [.cutOff(heldSeconds: held)] }
        return expectedFrames == nil && !warnings.contains(.lengthLeftOpen) ? [.lengthLeftOpen] : []
    }

    /// Lossy codecs overshoot ±1 as a matter of course; only floating-point files can mean it.
    private var isFloatingPoint: Bool {
        [SF_FORMAT_FLOAT, SF_FORMAT_DOUBLE].contains { Int(info.format) & Int(SF_FORMAT_SUBMASK) == Int($0) }
    }

    private static func check(channels: Int, sampleRateHz: Int, _ name: String) throws(AudioFileError) {
        guard (1...2).contains(channels) else { throw AudioFileError(file: name, problem: .channelCount(channels)) }
        guard sampleRatesHz.contains(sampleRateHz) else {
            throw AudioFileError(file: name, problem: .sampleRate(sampleRateHz))
        }
    }
}
