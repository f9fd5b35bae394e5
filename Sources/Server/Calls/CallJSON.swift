import CallRuntime
import CallTime
import Conversation
import Foundation

/// Calls as the `/v1` interface shows them.
enum CallJSON {
    static func summary(_ call: PhoneCall) -> JSONValue { .object(members(call)) }

    /// With transcript and latency.
    static func detail(_ call: PhoneCall, live: (entries: [CallTranscript.Entry], ledgers: [TurnLedger]) = ([], []))
        -> JSONValue
    {
        let (entries, ledgers) = call.state.withLock { ($0.entries + live.entries, $0.ledgers + live.ledgers) }
        return .object(
            members(call) + [
                .init(name: "transcript", value: .array(entries.map(entry))),
                .init(name: "turns", value: .array(ledgers.map(turn))),
            ])
    }

    private static func members(_ call: PhoneCall) -> [JSONValue.Member] {
        let state = call.state.withLock { state in
            (
                phase: state.phase, carrierID: state.carrierID, answeredBy: state.answeredBy,
                outcome: state.outcome?.rawValue, reason: state.reason, endedAt: state.endedAt
            )
        }
        return [
            .init(name: "id", value: .string(call.id)), .init(name: "state", value: .string(state.phase.rawValue)),
            .init(name: "direction", value: .string(call.direction.rawValue)),
            .init(name: "agent", value: .string(call.agent.file.name)),
            .init(name: "from", value: .string(call.caller)), .init(name: "to", value: .string(call.called)),
            .init(name: "carrier_id", value: .optional(state.carrierID)),
            .init(name: "answered_by", value: .optional(state.answeredBy)),
            .init(name: "started", value: .string(time(call.startedAt))),
            .init(name: "ended", value: .optional(state.endedAt.map(time))),
            .init(name: "outcome", value: .optional(state.outcome)),
            .init(name: "reason", value: .optional(state.reason)),
        ]
    }

    static func time(_ date: Date) -> String {
        date.ISO8601Format(.iso8601(timeZone: .gmt, includingFractionalSeconds: true)) + "Z"
    }

    private static func entry(_ entry: CallTranscript.Entry) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "speaker", value: .string(entry.speaker.rawValue)),
            .init(name: "start_ms", value: milliseconds(entry.start)),
            .init(name: "end_ms", value: milliseconds(entry.end)), .init(name: "text", value: .string(entry.text)),
        ]
        if entry.speaker == .agent { members.append(.init(name: "interrupted", value: .bool(entry.wasInterrupted))) }
        return .object(members)
    }

    /// The parts sum to the gap, in whole microseconds.
    private static func turn(_ ledger: TurnLedger) -> JSONValue {
        let fields = CallEngine.fields(ledger)
        return .object(
            fields.filter { ["turn", "gap_us", "parts_us", "hidden_us", "endpoint_delay_us"].contains($0.key) }
                .map { JSONValue.Member(name: $0.key, value: $0.value) })
    }

    private static func milliseconds(_ instant: CallInstant) -> JSONValue {
        .integer(Int(instant.nanoseconds / 1_000_000))
    }
}
