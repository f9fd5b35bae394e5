#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Reading small files whole.
enum FileBytes {
    struct Trouble: Error {
        var given: String
        var allowed: String
    }

    /// - Parameter most: One byte more is refused, and no more than that is read.
    static func read(path: String, most: Int) -> Result<[UInt8], Trouble> {
        guard let file = fopen(path, "rb") else {
            return .failure(Trouble(given: "\(String(cString: strerror(errno))): \(path)", allowed: "a readable file"))
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= most {
            let count = fread(&block, 1, block.count, file)
            if count == 0 { break }
            bytes += block[..<count]
        }
        // A directory opens, and only reading it fails.
        if ferror(file) != 0 {
            return .failure(Trouble(given: "not readable: \(path)", allowed: "a readable file"))
        }
        if bytes.count > most {
            return .failure(Trouble(given: "more than \(most) bytes", allowed: "at most \(most) bytes"))
        }
        return .success(bytes)
    }
}
