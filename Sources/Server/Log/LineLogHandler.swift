import CallRuntime
import Foundation
import Logging

/// Writes a line per event to standard error, as text or JSON, with what is private taken out first.
public struct LineLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]

    private let label: String
    private let isJSON: Bool
    private let redaction: Redaction
    private let write: @Sendable (String) -> Void

    public init(
        label: String, level: Logger.Level, isJSON: Bool, redaction: Redaction,
        write: @escaping @Sendable (String) -> Void = LineLogHandler.toStandardError
    ) {
        self.label = label
        logLevel = level
        self.isJSON = isJSON
        self.redaction = redaction
        self.write = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
            .map { (name: $0.key, value: redaction.clean("\($0.value)")) }
        let message = redaction.clean("\(event.message)")
        let time = Date.now.ISO8601Format(.iso8601(timeZone: .gmt, includingFractionalSeconds: true))
        write(
            isJSON
                ? Self.json(time, event.level.rawValue, label, message, fields)
                : Self.text(time, event.level.rawValue, message, fields))
    }

    private static func text(
        _ time: String, _ level: String, _ message: String, _ fields: [(name: String, value: String)]
    ) -> String {
        let tail = fields.map { " \($0.name)=\($0.value.contains(" ") ? "\"\($0.value)\"" : $0.value)" }.joined()
        // What comes from outside must not write lines of its own. A carriage return and a line feed together are one
        // `Character`.
        return String("\(time) \(level) \(message)\(tail)".map { $0.isNewline ? " " : $0 }) + "\n"
    }

    private static func json(
        _ time: String, _ level: String, _ label: String, _ message: String, _ fields: [(name: String, value: String)]
    ) -> String {
        var members = [("time", time), ("level", level), ("logger", label), ("message", message)]
        members += fields.map { ($0.name, $0.value) }
        return JSONValue.object(members.map { JSONValue.Member(name: $0.0, value: .string($0.1)) }).text + "\n"
    }

    @Sendable public static func toStandardError(_ line: String) {
        FileHandle.standardError.write(Data(line.utf8))
    }
}
