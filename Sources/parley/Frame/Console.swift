import Glibc

/// Lines to standard output and standard error.
enum Console {
    /// A line to standard output.
    static func print(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

    /// A line to standard error.
    static func warn(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

    /// Text as it is, whole; a reader that has gone away ends the program, as with any other command.
    static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var done = 0
            while done < bytes.count {
                let step = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
                if step < 0 && errno == EINTR { continue }
                if step < 0 { exit(ExitStatus.failed.rawValue) }
                done += step
            }
        }
    }

    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
