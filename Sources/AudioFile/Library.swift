import CSndFile
import Synchronization

/// libsndfile's ways that readers and writers share.
enum Library {
    /// Opens with `body`, one file at a time: the library keeps the reason of a failed opening in one variable for the
    /// whole process, and files are opened on many threads.
    ///
    /// - Returns: the open file, or why there is none.
    static func open(_ body: () -> OpaquePointer?) -> (file: OpaquePointer?, words: String) {
        let (address, words) = opening.withLock { _ in
            let file = body()
            return (UInt(bitPattern: file), file == nil ? tidied(sf_strerror(nil)) : "")
        }
        return (OpaquePointer(bitPattern: address), words)
    }

    /// What was last wrong with an open file.
    static func words(on file: OpaquePointer?) -> String { tidied(sf_strerror(file)) }

    /// What an error number means.
    static func words(for code: Int32) -> String { tidied(sf_error_number(code)) }

    private static let opening = Mutex(())

    /// `Error in WAV file. No 'data' chunk marker.` becomes `no 'data' chunk marker`.
    private static func tidied(_ words: UnsafePointer<CChar>?) -> String {
        // SAFETY: libsndfile's words are static, or its own buffer that the caller has locked; copied at once.
        guard let words else { return "unknown error" }
        var text = Substring(String(cString: words))
        if text.hasPrefix("Error in "), let sentence = text.firstRange(of: ". ") { text = text[sentence.upperBound...] }
        for prefix in ["Error : ", "System error : "] where text.hasPrefix(prefix) { text.removeFirst(prefix.count) }
        while text.last == "." || text.last == "\n" { text.removeLast() }
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
