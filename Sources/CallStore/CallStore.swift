import Foundation
import GRDB
import Synchronization

/// Bookings, leads, orders and calls in one SQLite database, `parley.sqlite` in a folder.
///
/// Any number of tasks may use one store, and any number of processes one folder: within a store requests take turns,
/// between processes readers do not wait for a writer (write-ahead log), and constraints of the tables decide races. A
/// write is on the disk when its method returns. The store reads no clock and makes no random numbers: times are handed
/// in, ids are row numbers.
///
/// Every method throws `CallStoreError`.
public final class CallStore: Sendable {
    /// The name of the database in its folder.
    public static let fileName = "parley.sqlite"
    /// How long a writer waits for another process before it gives up: far more than any write here takes, and short
    /// enough for a caller on the line.
    public static let busyTimeout: Duration = .seconds(5)

    /// The database's path.
    public let path: String
    private let database: DatabaseQueue
    /// Whether `close` was called. Held while a request joins the database's queue, so that none joins behind the close:
    /// GRDB must not be asked for anything once its connection is gone.
    private let isClosed = Mutex(false)

    /// Opens the store in `folder`; creates both when they are not there, readable for their owner only.
    public convenience init(folder: String) throws(CallStoreError) {
        let path = folder + "/" + Self.fileName
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .unusable(path: folder, reason: "cannot be created as a folder")
        }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw .unusable(path: folder, reason: "is not a folder")
        }
        try self.init(path: path)
    }

    /// Opens the store in `folder` only if there is one; creates nothing.
    ///
    /// - Returns: nil when the folder or the database in it does not exist.
    public static func existing(folder: String) throws(CallStoreError) -> CallStore? {
        let path = folder + "/" + fileName
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try CallStore(path: path)
    }

    private init(path: String) throws(CallStoreError) {
        self.path = path
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(TimeInterval(Self.busyTimeout.components.seconds))
            configuration.label = "CallStore"
            configuration.journalMode = .wal
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            // A caller who was told "you are booked" stays booked when the power fails a moment later.
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            let migrator = Schema.migrator
            guard try !queue.read({ try migrator.hasBeenSuperseded($0) }) else {
                throw CallStoreError.newerFormat(path: path)
            }
            try migrator.migrate(queue)
            database = queue
        } catch {
            throw Self.translated(error, path: path)
        }
    }

    /// Closes the database. Waits for what is running; every later request throws `closed`. A second close does nothing.
    /// A store that is released closes itself.
    ///
    /// Once every user has closed it, the one file `path` is the whole store and can be copied.
    public func close() throws(CallStoreError) {
        isClosed.withLock { $0 = true }
        do {
            // Requests take turns in the order they came, so those that came before are done once it is our turn.
            try database.close()
        } catch {
            throw Self.translated(error, path: path)
        }
    }

    // MARK: Access

    /// One transaction that may change something; all of it happens, or nothing.
    func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(CallStoreError) -> T {
        try await request { database, isCancelled, done in
            database.asyncWrite(
                { db in
                    if isCancelled() { throw CallStoreError.cancelled }
                    return try body(db)
                }, completion: { _, result in done(result) })
        }
    }

    /// Reads one consistent state.
    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(CallStoreError) -> T {
        try await request { database, isCancelled, done in
            database.asyncRead { opened in
                done(
                    Result {
                        let db = try opened.get()
                        if isCancelled() { throw CallStoreError.cancelled }
                        return try body(db)
                    })
            }
        }
    }

    /// What becomes of a request, told once.
    private typealias Done<T> = @Sendable (Result<T, any Error>) -> Void

    /// Joins the database's queue unless the store is closed, and waits for the answer.
    ///
    /// A request whose task is cancelled before its turn changes nothing; one whose turn has come is finished.
    private func request<T: Sendable>(
        _ join: (DatabaseQueue, _ isCancelled: @escaping @Sendable () -> Bool, @escaping Done<T>) -> Void
    ) async throws(CallStoreError) -> T {
        let cancelled = Flag()
        let result: Result<T, any Error> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                isClosed.withLock { isClosed in
                    guard !isClosed else {
                        continuation.resume(returning: .failure(CallStoreError.closed(path: path)))
                        return
                    }
                    join(database, { cancelled.isSet }, { continuation.resume(returning: $0) })
                }
            }
        } onCancel: {
            cancelled.set()
        }
        do {
            return try result.get()
        } catch {
            throw Self.translated(error, path: path)
        }
    }

    /// Set once, by a task that is cancelled; read in the database's queue.
    private final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { value.load(ordering: .acquiring) }
        func set() { value.store(true, ordering: .releasing) }
    }

    private static func translated(_ error: any Error, path: String) -> CallStoreError {
        switch error {
        case let error as CallStoreError: error
        case is CancellationError: .cancelled
        case let error as DatabaseError: translated(error, path: path)
        default: .unusable(path: path, reason: "\(error)")
        }
    }

    private static func translated(_ error: DatabaseError, path: String) -> CallStoreError {
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: .busy(path: path)
        case .SQLITE_NOTADB: .unusable(path: path, reason: "is not a Parley database")
        case .SQLITE_CORRUPT: .unusable(path: path, reason: "is damaged; restore it from a copy, or move it away")
        case .SQLITE_CANTOPEN: .unusable(path: path, reason: "cannot be opened or created")
        case .SQLITE_READONLY, .SQLITE_PERM: .unusable(path: path, reason: "cannot be written")
        case .SQLITE_FULL: .unusable(path: path, reason: "the disk is full")
        default: .unusable(path: path, reason: error.message ?? "database error \(error.resultCode.rawValue)")
        }
    }
}
