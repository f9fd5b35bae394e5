import CallStore
import Foundation
import Providers
import Testing

@Suite struct OpeningTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func aMissingFolderIsMadeForItsOwnerOnly() throws {
        let path = folder.path + "/deep/data"
        _ = try CallStore(folder: path)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o700)
        #expect(FileManager.default.fileExists(atPath: path + "/parley.sqlite"))
    }

    @Test func lookingForAStoreCreatesNothing() throws {
        #expect(try CallStore.existing(folder: folder.path + "/none") == nil)
        #expect(try CallStore.existing(folder: folder.path) == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test func aFolderThatIsAFileIsNamed() throws {
        let file = try folder.write("x", to: "data")
        #expect(throws: CallStoreError.unusable(path: file, reason: "cannot be created as a folder")) {
            try CallStore(folder: file)
        }
    }

    @Test func aFolderThatCannotBeMadeIsNamed() throws {
        #expect(throws: CallStoreError.unusable(path: "/proc/parley", reason: "cannot be created as a folder")) {
            try CallStore(folder: "/proc/parley")
        }
    }

    @Test func aFolderThatCannotBeWrittenIsNamed() throws {
        // root writes everywhere but in a file system that has no files to write, such as this one.
        #expect(throws: CallStoreError.unusable(path: "/proc/parley.sqlite", reason: "cannot be opened or created")) {
            try CallStore(folder: "/proc")
        }
    }

    @Test func aFileThatIsNoDatabaseIsNamed() throws {
        let file = try folder.write(String(repeating: "not a database ", count: 100), to: "parley.sqlite")
        #expect(throws: CallStoreError.unusable(path: file, reason: "is not a Parley database")) {
            try CallStore(folder: folder.path)
        }
    }

    @Test func aDamagedDatabaseIsNamed() async throws {
        let store = try CallStore(folder: folder.path)
        try await store.callBegan(id: "c", agent: "a", at: .init(day: 0))
        try store.close()
        let file = try #require(FileHandle(forUpdatingAtPath: store.path))
        let size = try file.seekToEnd()
        try file.seek(toOffset: 4_096)
        try file.write(contentsOf: Data(repeating: 0xA5, count: Int(size) - 4_096))
        try file.close()
        let error = await #expect(throws: CallStoreError.self) {
            let damaged = try CallStore(folder: folder.path)
            _ = try await damaged.calls()
        }
        #expect(error?.description.hasPrefix(store.path + ": is damaged") == true)
    }

    @Test func aStoreThatWasClosedIsOneFile() async throws {
        let store = try CallStore(folder: folder.path)
        try await store.callBegan(id: "c", agent: "a", at: .init(day: 0))
        try store.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["parley.sqlite"])
    }

    @Test func aMissingDatabaseOfAKnownFolderIsMadeAnew() throws {
        try CallStore(folder: folder.path).close()
        try FileManager.default.removeItem(atPath: folder.path + "/parley.sqlite")
        _ = try CallStore(folder: folder.path)
    }

    @Test func aDatabaseOfANewerVersionIsRefused() throws {
        let path = folder.path + "/parley.sqlite"
        try CallStore(folder: folder.path).close()
        try sql("INSERT INTO grdb_migrations VALUES ('2: from the future')", in: path)
        #expect(throws: CallStoreError.newerFormat(path: path)) { try CallStore(folder: folder.path) }
    }

    @Test func aDatabaseOfTheFirstVersionIsBroughtUpToDateWithWhatIsInIt() async throws {
        let store = try CallStore(folder: folder.path)
        try await store.callBegan(id: "c", agent: "a", at: .init(day: 0))
        let context = ToolContext(callID: "c", toolCallID: "1", now: .init(day: 0))
        _ = try await store.addHandoff(reason: "billing", isAccepted: true, context: context)
        try store.close()
        // Back to what the first migration made.
        let columns = ["direction", "caller", "called", "carrier_id", "ended", "duration_ms", "latency", "reason"]
        try sql(
            "DELETE FROM grdb_migrations WHERE identifier LIKE '2:%'; DROP TABLE idempotency; "
                + "ALTER TABLE handoff DROP COLUMN summary; ALTER TABLE handoff DROP COLUMN package; "
                + columns.map { "ALTER TABLE call DROP COLUMN \($0);" }.joined(separator: " "), in: store.path)
        let again = try CallStore(folder: folder.path)
        let call = try #require(try await again.call(id: "c"))
        #expect((call.agent, call.direction, call.ended, call.duration) == ("a", nil, nil, nil))
        #expect(try await again.handoffs().map(\.reason) == ["billing"])
        #expect(try await again.claim(key: "k", callID: "c", at: .init(day: 0)) == nil)
    }

    /// Changes a database behind the store's back.
    private func sql(_ statement: String, in path: String) throws {
        let python = Process()
        python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let script =
            "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.executescript(sys.argv[2]); db.commit()"
        python.arguments = ["python3", "-c", script, path, statement]
        try python.run()
        python.waitUntilExit()
        try #require(python.terminationStatus == 0)
    }

    // MARK: Closing

    @Test func whateverIsAskedOfAClosedStoreFails() async throws {
        let store = try CallStore(folder: folder.path)
        try store.close()
        let closed = CallStoreError.closed(path: store.path)
        await #expect(throws: closed) { try await store.callBegan(id: "c", agent: "a", at: .init(day: 0)) }
        await #expect(throws: closed) { _ = try await store.calls() }
        #expect(closed.description == store.path + ": closed already")
        #expect(!closed.isRetryable)
    }

    @Test func closingTwiceIsHarmless() throws {
        let store = try CallStore(folder: folder.path)
        try store.close()
        try store.close()
    }

    /// Every request of many that run into a close is either done and kept, or refused as closed.
    @Test(arguments: 0..<10) func requestsDuringACloseAreDoneOrRefused(round: Int) async throws {
        let store = try CallStore(folder: folder.path)
        let kept = try await withThrowingTaskGroup(of: Int?.self) { group in
            for index in 0..<64 {
                group.addTask {
                    do {
                        try await store.callBegan(id: "c\(index)", agent: "a", at: .init(day: 0))
                        _ = try? await store.calls()
                        return index
                    } catch CallStoreError.closed { return nil }
                }
            }
            for _ in 0..<3 {
                group.addTask {
                    for _ in 0..<round { await Task.yield() }
                    try store.close()
                    return nil
                }
            }
            return try await group.reduce(into: Set<String>()) { if let index = $1 { $0.insert("c\(index)") } }
        }
        let again = try CallStore(folder: folder.path)
        #expect(Set(try await again.calls().map(\.id)) == kept)
    }

    @Test func aRequestOfACancelledTaskChangesNothing() async throws {
        let store = try CallStore(folder: folder.path)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await store.callBegan(id: "c", agent: "a", at: .init(day: 0))
        }
        task.cancel()
        await #expect(throws: CallStoreError.cancelled) { try await task.value }
        #expect(try await store.calls().isEmpty)
    }

    @Test func onlyALockedDatabaseIsWorthAnotherTry() {
        #expect(CallStoreError.busy(path: "p").isRetryable)
        #expect(!CallStoreError.unusable(path: "p", reason: "r").isRetryable)
        #expect(!CallStoreError.newerFormat(path: "p").isRetryable)
    }
}

@Suite struct DataFolderTests {
    @Test func theFolderGivenComesFirstThenTheVariableThenTheUsersOwn() {
        let all = ["PARLEY_DATA_DIR": "/p", "XDG_DATA_HOME": "/x", "HOME": "/h"]
        #expect(DataFolder.path(given: "g", environment: all) == "g")
        #expect(DataFolder.path(given: nil, environment: all) == "/p")
        #expect(DataFolder.path(given: nil, environment: ["XDG_DATA_HOME": "/x", "HOME": "/h"]) == "/x/parley")
        #expect(DataFolder.path(given: nil, environment: ["HOME": "/h"]) == "/h/.local/share/parley")
    }

    @Test func emptyAndRelativeSettingsAreIgnored() {
        let environment = ["PARLEY_DATA_DIR": "", "XDG_DATA_HOME": "x", "HOME": "/h"]
        #expect(DataFolder.path(given: "", environment: environment) == "/h/.local/share/parley")
    }
}
