import Foundation

/// Where Parley keeps its data when nobody says otherwise.
public enum DataFolder {
    /// The environment variable that names the folder.
    public static let variable = "PARLEY_DATA_DIR"

    /// The folder to use: the one given, else `PARLEY_DATA_DIR`, else `parley` in the user's data folder, which is
    /// `XDG_DATA_HOME` or `~/.local/share` (XDG Base Directory Specification: a relative `XDG_DATA_HOME` is ignored).
    ///
    /// Empty texts count as absent. Nothing is created.
    public static func path(
        given: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> String {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let given, !given.isEmpty { return given }
        if let named = value(variable) { return named }
        if let data = value("XDG_DATA_HOME"), data.hasPrefix("/") { return data + "/parley" }
        return (value("HOME") ?? NSHomeDirectory()) + "/.local/share/parley"
    }
}
