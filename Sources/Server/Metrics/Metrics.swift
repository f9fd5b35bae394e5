import CallStore
import CallTime
import Conversation

/// What a phone server tells about itself: all families, their labels and their help texts, declared here and nowhere else.
///
/// Every family may be bumped from any thread: a short lock, nothing allocated. No label's values come from outside, but
/// for providers' names, which are bounded.
public final class Metrics: Sendable {
    /// Why something was turned away.
    public enum Refusal: String, MetricLabel {
        case full
        case draining
        /// No agent is served at the called number.
        case noAgent = "no_agent"
        case signature
        case token
        /// A socket that did not say which call it is.
        case noStart = "no_start"
        case badMessage = "bad_message"
        case badRequest = "bad_request"
        case unauthorized
        case notFound = "not_found"
        case connections
        case rate
        /// The carrier could not open a stream to us.
        case streamError = "stream_error"
        case failure
    }

    /// What went wrong on a media socket; nothing of it ends the server.
    public enum MediaFault: String, MetricLabel {
        case malformed
        case messageTooLarge = "message_too_large"
        case binary
        case notUTF8 = "not_utf8"
        case `protocol`
        case sendQueueFull = "send_queue_full"
        case pingUnanswered = "ping_unanswered"
        case timedOut = "timed_out"
    }

    public enum ProviderFailure: String, MetricLabel {
        case unavailable
        case rejected
        case timedOut = "timed_out"
        case malformed
        case cancelled
    }

    /// What a language model counted, as its vendor bills it.
    public enum ModelTokens: String, MetricLabel {
        case prompt
        /// Of the prompt, what the vendor had in its cache.
        case cached
        case completion
    }

    public enum Speculation: String, MetricLabel { case kept, wasted }

    public enum BargeIn: String, MetricLabel {
        /// The caller took the turn.
        case confirmed
        /// Noise or a murmur; playout went on.
        case dismissed
    }

    // MARK: Calls

    public let calls = PairCounter<PhoneCall.Direction, CallOutcome>(
        "parley_calls_total", labels: ("direction", "outcome"), "Calls that ended.")
    public let callsActive = MetricGauge("parley_calls_active", "Calls in progress.")
    public let refused = LabelledCounter<Refusal>(
        "parley_refused_total", label: "reason", "Calls, requests and sockets turned away.")

    // MARK: Turns

    public let responseGap = MetricHistogram<NoLabel>(
        "parley_response_gap_seconds", label: nil, bounds: gapBounds,
        "From the caller's last speech sample to our first audible one.")
    public let turnPart = MetricHistogram<TurnLedger.Part>(
        "parley_turn_part_seconds", label: "part", bounds: gapBounds, "The parts of the response gap.")
    public let speculation = LabelledCounter<Speculation>(
        "parley_speculation_total", label: "result", "Replies begun before the turn was surely over.")
    public let bargeIns = LabelledCounter<BargeIn>(
        "parley_barge_ins_total", label: "result", "Times the caller spoke over us.")

    // MARK: Media

    public let mediaMessages = MetricCounter("parley_media_messages_total", "Media messages received.")
    public let mediaLate = MetricCounter("parley_media_late_total", "Pieces of audio that came too late to be heard.")
    public let mediaLost = MetricCounter("parley_media_lost_total", "Pieces of audio that never came.")
    public let mediaUnknown = MetricCounter("parley_media_unknown_events_total", "Stream events we do not know.")
    public let mediaFaults = LabelledCounter<MediaFault>(
        "parley_media_faults_total", label: "kind", "Media sockets that broke a rule.")
    public let journalFailures = MetricCounter(
        "parley_journal_failures_total", "Writes of a call's journal that the disk did not take.")
    public let underrun = MetricCounter("parley_underrun_seconds_total", "Silence where our speech should have been.")
    public let frameLateness = MetricHistogram<NoLabel>(
        "parley_frame_lateness_seconds", label: nil, bounds: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5],
        "How late the 20 ms tick of a call ran.")

    // MARK: Providers

    public let providerFailures = NamedCounter<ProviderFailure>(
        "parley_provider_failures_total", labels: ("provider", "kind"), "Failures of providers.")

    public let modelTokens = LabelledCounter<ModelTokens>(
        "parley_model_tokens_total", label: "kind", "Tokens of language models, as they report them.")

    public static let contentType = PrometheusText.contentType

    /// Around what people take for prompt (0.3 s) and for a broken line (some seconds).
    private static let gapBounds = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1, 1.25, 1.5, 2, 3, 5, 10]

    public init() {}

    /// All families, Prometheus text format 0.0.4.
    public func render() -> String {
        var text = PrometheusText()
        for family in families { family.write(to: &text) }
        ProcessMetrics.read()?.write(to: &text)
        return text.text
    }

    /// Counts what a listener says, as far as it is a fault of a peer.
    public func count(_ event: ListenerEvent) {
        switch event {
        case .connectionRefused: refused.add(.connections)
        case .upgradeRefused(let status):
            switch status {
            case 401, 403: refused.add(.signature)
            case 404: refused.add(.notFound)
            case 429: refused.add(.rate)
            case 503: refused.add(.full)
            default: refused.add(.badRequest)
            }
        case .malformedRequest, .bodyTooLarge: refused.add(.badRequest)
        case .timedOut: mediaFaults.add(.timedOut)
        case .messageTooLarge: mediaFaults.add(.messageTooLarge)
        case .binaryMessage: mediaFaults.add(.binary)
        case .textNotUTF8: mediaFaults.add(.notUTF8)
        case .protocolError: mediaFaults.add(.protocol)
        case .sendQueueFull: mediaFaults.add(.sendQueueFull)
        case .pingUnanswered: mediaFaults.add(.pingUnanswered)
        case .socketOpened, .socketClosed: break
        }
    }

    private var families: [any MetricFamily] {
        [
            calls, callsActive, refused, responseGap, turnPart, speculation, bargeIns, mediaMessages, mediaLate,
            mediaLost, mediaUnknown, mediaFaults, journalFailures, underrun, frameLateness, providerFailures,
            modelTokens,
        ]
    }
}
