import Glibc

/// The bytes of one file, readable at any offset; those of a pipe are first put aside in an unnamed temporary file.
///
/// One thread at a time. A read that the system refuses gives fewer bytes and leaves its number in `failure`.
final class ByteSource {
    /// What is read from a pipe at most: a day of stereo at 48 kHz and 16 bits takes 16.6 GB.
    static let maxSpooledBytes = 32 << 30

    let name: String
    let length: Int
    private(set) var failure: Int32?
    private let descriptor: Int32

    /// Opens the file at `path`. Devices and named pipes are read to their end.
    convenience init(path: String) throws(AudioFileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw AudioFileError(file: path, problem: .system(errno)) }
        try self.init(descriptor: descriptor, name: path)
    }

    /// Takes `descriptor` over (it is closed here) and looks at what it is.
    init(descriptor: Int32, name: String) throws(AudioFileError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw AudioFileError(file: name, problem: .system(code))
        }
        self.name = name
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            self.descriptor = descriptor
            length = Int(status.st_size)
        case S_IFDIR:
            close(descriptor)
            throw AudioFileError(file: name, problem: .directory)
        default:
            defer { close(descriptor) }
            (self.descriptor, length) = try Self.spool(descriptor, name: name)
        }
        guard length > 0 else { throw AudioFileError(file: name, problem: .empty) }
    }

    deinit { close(descriptor) }

    /// Reads up to `count` bytes from `offset` on; fewer only at the end or on failure.
    func read(at offset: Int, count: Int, into target: UnsafeMutableRawPointer) -> Int {
        var done = 0
        while done < count {
            let got = pread(descriptor, target + done, count - done, off_t(offset + done))
            if got < 0 {
                if errno == EINTR { continue }
                failure = errno
                break
            }
            if got == 0 { break }
            done += got
        }
        return done
    }

    /// Up to `count` bytes from `offset` on.
    func bytes(at offset: Int, count: Int) -> [UInt8] {
        guard offset >= 0, offset < length, count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: min(count, length - offset)) { buffer, used in
            used = read(at: offset, count: buffer.count, into: buffer.baseAddress!)
        }
    }

    /// Copies all that `pipe` gives into a temporary file that vanishes when it is closed.
    private static func spool(_ pipe: Int32, name: String) throws(AudioFileError) -> (Int32, Int) {
        guard let file = tmpfile() else { throw AudioFileError(file: name, problem: .system(errno)) }
        defer { fclose(file) }
        let target = fcntl(fileno(file), F_DUPFD_CLOEXEC, 0)
        guard target >= 0 else { throw AudioFileError(file: name, problem: .system(errno)) }
        do throws(AudioFileError) {
            return (target, try copy(from: pipe, to: target, name: name))
        } catch {
            close(target)
            throw error
        }
    }

    private static func copy(from pipe: Int32, to target: Int32, name: String) throws(AudioFileError) -> Int {
        var block = [UInt8](repeating: 0, count: 1 << 16)
        var total = 0
        while true {
            let got = Glibc.read(pipe, &block, block.count)
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw AudioFileError(file: name, problem: .system(errno)) }
            if got == 0 { return total }
            guard total + got <= maxSpooledBytes else {
                throw AudioFileError(file: name, problem: .tooLong(limitBytes: maxSpooledBytes))
            }
            var written = 0
            while written < got {
                // SAFETY: `write` reads no more than the count it is given, and keeps nothing.
                let step = block[written..<got].withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
                if step < 0 && errno == EINTR { continue }
                guard step > 0 else { throw AudioFileError(file: name, problem: .system(errno)) }
                written += step
            }
            total += got
        }
    }
}
