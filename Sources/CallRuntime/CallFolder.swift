import AudioFile
import CallTime
import Conversation
import Foundation

/// What a call leaves behind: `call.wav`, `transcript.json` and `journal.jsonl` in a folder of its own.
public struct CallFolder: Sendable {
    public var path: String

    public init(path: String) { self.path = path }

    public var recording: String { path + "/call.wav" }
    public var transcript: String { path + "/transcript.json" }
    public var journal: String { path + "/journal.jsonl" }

    /// Creates the folder and writes the three files; files of those names are replaced.
    public func write(_ outcome: VirtualCall.Outcome, settings: CallSettings) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try StereoRecording.write(
            left: outcome.callerAudio, right: outcome.agentAudio, rate: .narrowband, to: recording)
        try Self.write(transcriptJSON(outcome, settings).prettyText + "\n", to: transcript)
        try Self.write(outcome.journal.map(\.line).joined(separator: "\n") + "\n", to: journal)
    }

    private static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private func transcriptJSON(_ outcome: VirtualCall.Outcome, _ settings: CallSettings) -> JSONValue {
        let gaps = Dictionary(outcome.ledgers.map { ($0.turn, $0) }, uniquingKeysWith: { first, _ in first })
        let turns = outcome.transcript.entries.map { entry in
            var fields = [
                JSONValue.Member(name: "speaker", value: .string(entry.speaker.rawValue)),
                JSONValue.Member(name: "start_ms", value: Self.milliseconds(entry.start)),
                JSONValue.Member(name: "end_ms", value: Self.milliseconds(entry.end)),
                JSONValue.Member(name: "text", value: .string(entry.text)),
            ]
            if entry.speaker == .caller {
                fields.append(.init(name: "understood", value: .bool(!entry.text.isEmpty)))
            } else {
                fields.append(.init(name: "interrupted", value: .bool(entry.wasInterrupted)))
                if let gap = gaps[entry.number]?.gap {
                    fields.append(.init(name: "response_gap_ms", value: .integer(Int(gap.milliseconds.rounded()))))
                }
            }
            return JSONValue.object(fields)
        }
        return .object([
            "agent": .string(settings.agentName), "call": .string(settings.callID),
            "started": .string(settings.start.description),
            "duration_ms": .integer(Int(outcome.duration.milliseconds)),
            "ended": .optional(outcome.end?.rawValue), "turns": .array(turns),
        ])
    }

    private static func milliseconds(_ instant: CallInstant) -> JSONValue {
        .integer(Int(instant.nanoseconds / 1_000_000))
    }
}
