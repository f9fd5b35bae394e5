import CallRuntime
import CallStore
import CallTime
import Conversation
import Providers

extension PhoneCall.Direction: MetricLabel {}
extension CallOutcome: MetricLabel {}
extension TurnLedger.Part: MetricLabel {}

// What calls tell of themselves, as counts.
extension Metrics {
    func callEnded(direction: PhoneCall.Direction, outcome: CallOutcome, active: Int) {
        calls.add(direction, outcome)
        callsActive.set(Double(active))
    }

    func observe(_ ledger: TurnLedger) {
        responseGap.observe(ledger.gap)
        var spent: [TurnLedger.Part: Duration] = [:]
        for (part, duration) in ledger.partition { spent[part, default: .zero] += duration }
        for part in TurnLedger.Part.allCases { if let duration = spent[part] { turnPart.observe(duration, part) } }
    }

    /// In frames of 20 ms.
    func observe(media: CallMediaCounts, underrun silence: Duration) {
        let frame = 160.0
        mediaLate.add(Double(media.lateSamples) / frame)
        mediaLost.add(Double(media.concealedSamples) / frame)
        underrun.add(silence.milliseconds / 1_000)
    }

    /// Counts what a journal's decisions say.
    func observe(_ journal: [JournalRecord]) {
        for record in journal {
            switch record.event {
            case "replyCommitted": speculation.add(.kept)
            case "speculationDiscarded": speculation.add(.wasted)
            case "bargeInConfirmed": bargeIns.add(.confirmed)
            case "bargeInDismissed": bargeIns.add(.dismissed)
            case "providerFailed" where record.source == "outside":
                let kind = record["kind"]?.plainText.flatMap(ProviderError.Kind.init) ?? .unavailable
                providerFailures.add(record["provider"]?.plainText ?? "unknown", ProviderFailure(kind))
            case "late": providerFailures.add(record["culprit"]?.plainText ?? "unknown", .timedOut)
            default: break
            }
        }
    }
}

extension Metrics.ProviderFailure {
    init(_ kind: ProviderError.Kind) {
        switch kind {
        case .unavailable: self = .unavailable
        case .rejected: self = .rejected
        case .timedOut: self = .timedOut
        case .malformed: self = .malformed
        case .cancelled: self = .cancelled
        }
    }
}
