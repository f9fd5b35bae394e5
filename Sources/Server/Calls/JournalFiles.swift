import CallRuntime
import Dispatch
import Foundation

/// Writes calls' journals and transcripts, away from the threads that hold the calls.
///
/// Each call has a folder `calls/ID`. What is handed over is on the disk a moment later; a disk that cannot be written
/// costs the records, not the call, and is counted.
final class JournalFiles: Sendable {
    private let folder: String
    private let queue = DispatchQueue(label: "journals", qos: .utility)
    private let onFailure: @Sendable () -> Void

    init(folder: String, onFailure: @escaping @Sendable () -> Void) {
        self.folder = folder + "/calls"
        self.onFailure = onFailure
    }

    func path(_ callID: String) -> String { folder + "/" + callID }

    func append(_ records: [JournalRecord], of callID: String) {
        guard !records.isEmpty else { return }
        queue.async { [self] in
            let text = records.map(\.line).joined(separator: "\n") + "\n"
            let path = path(callID) + "/journal.jsonl"
            if let file = FileHandle(forWritingAtPath: path) {
                defer { try? file.close() }
                if (try? file.seekToEnd()) == nil || (try? file.write(contentsOf: Data(text.utf8))) == nil {
                    onFailure()
                }
            } else {
                make(callID)
                if !FileManager.default.createFile(atPath: path, contents: Data(text.utf8)) { onFailure() }
            }
        }
    }

    func write(_ text: String, to name: String, of callID: String) {
        queue.async { [self] in
            make(callID)
            let path = path(callID) + "/" + name
            if !FileManager.default.createFile(atPath: path, contents: Data(text.utf8)) { onFailure() }
        }
    }

    private func make(_ callID: String) {
        try? FileManager.default.createDirectory(
            atPath: path(callID), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// Returns once everything handed over so far is written.
    func flush() async {
        await withCheckedContinuation { done in queue.async { done.resume() } }
    }
}
