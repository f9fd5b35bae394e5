import CallTime
import Foundation
import Yams

/// Looks settings up where they may be: flag, environment, file, in this order.
struct SettingsReader {
    private let flags: [String: String]
    private let environment: [String: String]
    private let file: [String: String]

    /// - Parameters:
    ///   - flags: By the flag's name.
    ///   - configFile: The text of a YAML file, and its path for errors.
    init(flags: [String: String], environment: [String: String], configFile: (text: String, path: String)?) throws {
        self.flags = flags
        self.environment = environment
        file = try configFile.map(Self.flatten) ?? [:]
    }

    /// The value as text; nil where nobody set it. An empty one counts as not set.
    func text(_ path: String) throws -> String? {
        guard let setting = Setting.all.first(where: { $0.path == path }) else {
            preconditionFailure("no setting \(path)")
        }
        if let flag = setting.flag, let value = flags[flag] { return value }
        if let value = environment[setting.environment], !value.isEmpty { return value }
        guard let value = file[path], !value.isEmpty else { return nil }
        return setting.isSecret ? try referenced(value, path) : value
    }

    func integer(_ path: String, in allowed: ClosedRange<Int>, otherwise: Int) throws -> Int {
        guard let text = try text(path) else { return otherwise }
        guard let value = Int(text), allowed.contains(value) else {
            throw ConfigurationError(
                field: path, given: text, allowed: "\(allowed.lowerBound) to \(allowed.upperBound)")
        }
        return value
    }

    func flag(_ path: String) throws -> Bool {
        guard let text = try text(path) else { return false }
        switch text.lowercased() {
        case "true", "yes", "1": return true
        case "false", "no", "0": return false
        default: throw ConfigurationError(field: path, given: text, allowed: "true or false")
        }
    }

    /// A key in a file is only said where it is, so that the file can be shown around.
    private func referenced(_ value: String, _ path: String) throws -> String {
        if value.hasPrefix("env:") {
            let name = String(value.dropFirst(4))
            guard let found = environment[name], !found.isEmpty else {
                throw ConfigurationError(
                    field: path, given: "env:\(name), which is not set", allowed: "a variable of the environment")
            }
            return found
        }
        if value.hasPrefix("file:") {
            let place = String(value.dropFirst(5))
            guard let bytes = FileManager.default.contents(atPath: place), bytes.count < 65_536 else {
                throw ConfigurationError(field: path, given: "file:\(place)", allowed: "a file that can be read")
            }
            return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        throw ConfigurationError(field: path, given: "a value in the file", allowed: "env:NAME or file:PATH")
    }

    // MARK: The file

    private static func flatten(_ file: (text: String, path: String)) throws -> [String: String] {
        let root: Node?
        do {
            root = try Yams.compose(yaml: file.text)
        } catch {
            throw ConfigurationError(field: file.path, given: "\(error)", allowed: "a YAML file")
        }
        guard let root else { return [:] }
        var values: [String: String] = [:]
        try add(root, under: "", of: file.path, to: &values)
        for key in values.keys.sorted() where !Setting.all.contains(where: { $0.path == key }) {
            throw ConfigurationError(
                field: "\(file.path): \(key)", given: "an unknown setting",
                allowed: Setting.all.map(\.path).joined(separator: ", "))
        }
        return values
    }

    private static func add(
        _ node: Node, under prefix: String, of path: String, to values: inout [String: String]
    ) throws {
        switch node {
        case .mapping(let mapping):
            for (key, value) in mapping {
                let name = key.string ?? ""
                try add(value, under: prefix.isEmpty ? name : prefix + "." + name, of: path, to: &values)
            }
        case .sequence(let items):
            values[prefix] = items.compactMap(\.string).joined(separator: ",")
        case .scalar(let scalar): values[prefix] = scalar.string
        case .alias:
            throw ConfigurationError(field: "\(path): \(prefix)", given: "an alias", allowed: "a plain value")
        }
    }
}
