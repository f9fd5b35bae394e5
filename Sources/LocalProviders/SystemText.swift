import Glibc

/// Small text files of the system.
enum SystemText {
    /// The text of a file, at most `limit` bytes of it; nil when it cannot be read.
    static func read(_ path: String, limit: Int = 1 << 20) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: limit)
        var count = 0
        // Files of /proc come in pieces.
        while count < limit {
            // SAFETY: `count` stays below `limit`, the buffer's length; the address does not leave the closure.
            let more = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress! + count, limit - count) }
            guard more > 0 else { break }
            count += more
        }
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
