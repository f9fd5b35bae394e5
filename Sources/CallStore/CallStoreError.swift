/// What went wrong with the store or with a file it was to take in.
public enum CallStoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The folder or its database cannot be opened, created, read or written, or is damaged. A person must look.
    case unusable(path: String, reason: String)
    /// The database was written by a newer Parley.
    case newerFormat(path: String)
    /// Another process held the database for longer than `CallStore.busyTimeout`.
    case busy(path: String)
    /// The task that asked was cancelled; nothing was changed.
    case cancelled
    /// The store was closed before the request came; nothing was changed.
    case closed(path: String)
    /// A table of orders cannot be used. `line` is counted from 1.
    case badTable(path: String, line: Int, reason: String)

    /// Whether the same request may succeed later without anyone's help.
    public var isRetryable: Bool {
        if case .busy = self { true } else { false }
    }

    public var description: String {
        switch self {
        case .unusable(let path, let reason): "\(path): \(reason)"
        case .newerFormat(let path): "\(path): written by a newer version of Parley"
        case .busy(let path): "\(path): another program keeps the database locked"
        case .cancelled: "cancelled"
        case .closed(let path): "\(path): closed already"
        case .badTable(let path, let line, let reason): "\(path):\(line): \(reason)"
        }
    }
}
