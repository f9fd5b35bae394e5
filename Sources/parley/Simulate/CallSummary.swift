import CallRuntime
import CallTime
import Conversation

/// A finished call as text for a person.
struct CallSummary {
    var outcome: VirtualCall.Outcome

    init(_ outcome: VirtualCall.Outcome) { self.outcome = outcome }

    /// `  12.345  caller  next tuesday at half past three`
    static func line(_ entry: CallTranscript.Entry) -> String {
        let speaker = entry.speaker == .caller ? "caller" : "agent "
        let text = entry.text.isEmpty && entry.speaker == .caller ? "(not understood)" : entry.text
        return pad(entry.start.description, 8) + "  \(speaker)  \(text)"
            + (entry.wasInterrupted ? " ... (interrupted)" : "")
    }

    var text: String {
        var lines = ["Response gaps, milliseconds from the caller's last sample to the agent's first:"]
        lines.append(LatencyTable(outcome.ledgers).description)
        lines.append("")
        lines.append(
            "The call lasted \(CallInstant.start + outcome.duration) s and ended: \(Self.reason(outcome.end)).")
        return lines.joined(separator: "\n")
    }

    private static func reason(_ end: CallEnd?) -> String {
        switch end {
        case .goodbye: "the agent said goodbye"
        case .deadAir: "nobody answered any more"
        case .handoff: "handed over to a person"
        case .limit: "the call had reached its limit"
        case .callerHungUp: "the caller hung up"
        case .failure: "a provider failed"
        case .voicemail: "a machine answered"
        case .requested: "it was ended from outside"
        case nil: "it did not end"
        }
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
