import ArgumentParser
import CallStore

/// Where the data is: the option that commands which use the store have in common.
struct StoreOption: ParsableArguments {
    @Option(
        name: .customLong("data"),
        help: ArgumentHelp(
            "The folder with bookings, leads and calls (default: $PARLEY_DATA_DIR, else parley in the user's data folder).",
            valueName: "folder"),
        completion: .directory)
    var folder: String?

    /// The folder meant; it need not exist.
    var path: String { DataFolder.path(given: folder) }

    /// What `list` gives of the store, or nothing where there is no store yet; creates none.
    func read<Item: Sendable>(
        _ list: (CallStore) async throws(CallStoreError) -> [Item]
    ) async throws(CommandFailure) -> [Item] {
        do {
            guard let store = try CallStore.existing(folder: path) else { return [] }
            let items = try await list(store)
            try store.close()
            return items
        } catch {
            throw CommandFailure(.failed, "Error: \(error)")
        }
    }
}
