import Foundation

/// A file that is written from its beginning to its end.
enum PageFile {
    /// Writes what `body` hands on to the file at `path`, made or replaced.
    ///
    /// - Returns: `nil`, or the line that says why it could not be written; nothing is left then.
    static func write(_ path: String, _ body: ((String) throws -> Void) throws -> Void) -> String? {
        guard let file = fopen(path, "wb") else { return refusal(path) }
        do {
            try body { text in
                var text = text
                let isWhole = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, file) == $0.count }
                if !isWhole { throw Failed() }
            }
        } catch {
            let line = refusal(path)
            fclose(file)
            unlink(path)
            return line
        }
        guard fclose(file) == 0 else {
            let line = refusal(path)
            unlink(path)
            return line
        }
        return nil
    }

    private struct Failed: Error {}

    private static func refusal(_ path: String) -> String {
        "\(path): could not be written (\(String(cString: strerror(errno)).lowercased()))"
    }
}
