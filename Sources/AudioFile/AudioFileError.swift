import Glibc

/// Why a file could not be read or written. Its description is one line that begins with the file's name.
public struct AudioFileError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Problem: Sendable, Equatable {
        /// The system refused to open, read or write it: its error number.
        case system(Int32)
        case directory
        case empty
        /// No container or encoding that is known; the decoder's words.
        case notAudio(String)
        /// A good header, but nothing after it.
        case noSamples
        /// The very first sample could not be decoded; the decoder's words.
        case undecodable(String)
        case channelCount(Int)
        case sampleRate(Int)
        /// A pipe that gave more than is put aside.
        case tooLong(limitBytes: Int)
        /// The encoder's words.
        case unwritable(String)
    }

    /// The file as its user named it; `-` is standard input.
    public var file: String
    public var problem: Problem

    public init(file: String, problem: Problem) {
        self.file = file
        self.problem = problem
    }

    public var description: String { "\(file): \(reason)" }

    /// The description without the file's name.
    public var reason: String {
        switch problem {
        case .system(ENOENT): "no such file"
        case .system(let code): String(cString: strerror(code)).lowercased()
        case .directory: "is a directory, not an audio file"
        case .empty: "is empty (0 bytes)"
        case .notAudio(let words): "is not audio that can be read (\(words))"
        case .noSamples: "holds no samples"
        case .undecodable(let words): "holds no sample that can be decoded (\(words))"
        case .channelCount(let count): "has \(count) channels; 1 or 2 can be read"
        case .sampleRate(let hz): "has a sample rate of \(hz) Hz; 8000 to 48000 Hz can be read"
        case .tooLong(let limit): "gave more than the \(limit >> 30) GiB that are read from a pipe"
        case .unwritable(let words): "could not be written (\(words))"
        }
    }
}
