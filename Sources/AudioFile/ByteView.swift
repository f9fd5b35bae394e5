import CSndFile

/// What the decoder is shown of a file: a header of our making, then a stretch of the file's own bytes.
///
/// A header that is mended (`WaveLayout`, `SunLayout`) takes the place of the one on disk; otherwise `header` is empty
/// and the stretch is the whole file.
final class ByteView {
    private let source: ByteSource
    private let header: [UInt8]
    private let body: Range<Int>
    private var position = 0

    init(_ source: ByteSource, header: [UInt8] = [], body: Range<Int>? = nil) {
        self.source = source
        self.header = header
        self.body = body ?? 0..<source.length
    }

    private var length: Int { header.count + body.count }

    private func read(_ target: UnsafeMutableRawPointer, _ count: Int) -> Int {
        var done = 0
        if position < header.count {
            done = min(count, header.count - position)
            header.withUnsafeBytes { target.copyMemory(from: $0.baseAddress! + position, byteCount: done) }
            position += done
        }
        let wanted = min(count - done, length - position)
        guard wanted > 0 else { return done }
        let got = source.read(at: body.lowerBound + position - header.count, count: wanted, into: target + done)
        position += got
        return done + got
    }

    private func seek(_ offset: Int, whence: Int32) -> Int {
        let base = whence == SF_SEEK_CUR ? position : whence == SF_SEEK_END ? length : 0
        let (target, overflow) = base.addingReportingOverflow(offset)
        guard !overflow, target >= 0 else { return -1 }
        position = min(target, length)
        return position
    }

    /// The calls libsndfile makes. Its `user_data` is this view, unretained: whoever opens it keeps it alive.
    static func callbacks() -> SF_VIRTUAL_IO {
        SF_VIRTUAL_IO(
            get_filelen: { sf_count_t(ByteView.of($0).length) },
            seek: { sf_count_t(ByteView.of($2).seek(Int($0), whence: $1)) },
            read: { target, count, view in
                guard let target, count > 0 else { return 0 }
                return sf_count_t(ByteView.of(view).read(target, Int(count)))
            },
            write: { _, _, _ in 0 },
            tell: { sf_count_t(ByteView.of($0).position) })
    }

    private static func of(_ userData: UnsafeMutableRawPointer?) -> ByteView {
        // SAFETY: the reader passes its own view as `user_data` and outlives the open file.
        Unmanaged<ByteView>.fromOpaque(userData!).takeUnretainedValue()
    }
}
