/// What libsndfile says of an error, made fit for the middle of a line.
enum LibraryWords {
    /// `Error in WAV file. No 'data' chunk marker.` becomes `no 'data' chunk marker`.
    static func tidied(_ words: UnsafePointer<CChar>?) -> String {
        // SAFETY: the library gives a text that ends in a zero; it is copied at once.
        guard let words else { return "unknown error" }
        var text = Substring(String(cString: words))
        if text.hasPrefix("Error in "), let sentence = text.firstRange(of: ". ") { text = text[sentence.upperBound...] }
        for prefix in ["Error : ", "System error : "] where text.hasPrefix(prefix) { text.removeFirst(prefix.count) }
        while text.last == "." || text.last == "\n" { text.removeLast() }
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
