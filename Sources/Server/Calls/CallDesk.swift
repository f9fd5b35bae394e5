import CallRuntime
import CallStore
import CallTime
import Conversation
import Foundation
import Logging
import Providers
import Synchronization
import Telephony

/// Where calls come in, are kept, and end: everything about a call that is not its audio.
public final class CallDesk: Sendable {
    public let settings: ServerSettings
    public let agents: [ServedAgent]
    public let store: CallStore
    public let metrics: Metrics
    let directory: CallDirectory
    let journals: JournalFiles
    let logger: Logger
    let tickers: LoopTickers
    private let draining = Atomic<Bool>(false)

    init(
        settings: ServerSettings, agents: [ServedAgent], store: CallStore, metrics: Metrics, logger: Logger
    ) {
        self.settings = settings
        self.agents = agents
        self.store = store
        self.metrics = metrics
        self.logger = logger
        tickers = LoopTickers { metrics.frameLateness.observe(.nanoseconds($0.nanoseconds)) }
        directory = CallDirectory(mostCalls: settings.mostCalls)
        journals = JournalFiles(folder: settings.dataFolder) { metrics.journalFailures.add() }
    }

    var isDraining: Bool { draining.load(ordering: .acquiring) }

    func beginDrain() { draining.store(true, ordering: .releasing) }

    // MARK: Agents

    /// The agent for a called number, or the one the path names; nil where none fits.
    func agent(called: String, slug: String? = nil) -> ServedAgent? {
        if let slug { return agents.first { $0.slug == slug || $0.file.name == slug } }
        return agents.first { $0.file.numbers.contains(called) } ?? agents.first { $0.file.numbers.isEmpty }
            ?? (agents.count == 1 ? agents.first : nil)
    }

    // MARK: Beginning

    /// Takes a call in, if there is room.
    func admit(_ call: PhoneCall, carrierID: String?) -> Bool {
        guard !isDraining, directory.admit(call) else {
            metrics.refused.add(isDraining ? .draining : .full)
            return false
        }
        if let carrierID { directory.identify(call, carrierID: carrierID) }
        metrics.callsActive.set(Double(directory.active))
        finishIfForgotten(call)
        log(call, "call began", ["direction": "\(call.direction.rawValue)"])
        let agent = call.agent.file.name
        let (id, from, to, direction) = (
            call.id, call.caller, call.called, CallDirection(rawValue: call.direction.rawValue)
        )
        Task { [store, logger] in
            do {
                try await store.callBegan(
                    id: id, agent: agent, at: .thisMoment, direction: direction, from: from, to: to,
                    carrierID: carrierID)
            } catch {
                logger.error(
                    "the store did not take a call's beginning", metadata: ["call": "\(id)", "error": "\(error)"])
            }
        }
        return true
    }

    /// The TwiML that connects a call to its next stream.
    func connect(_ call: PhoneCall, base: String) -> TwiML {
        let socket = base.hasPrefix("https://") ? "wss://" + base.dropFirst(8) : "ws://" + base.dropFirst(7)
        return TwiML(
            .connectStream(
                url: socket + TwilioPath.media, parameters: ["token": call.issueToken()],
                action: base + TwilioPath.afterStream, statusCallback: base + TwilioPath.streamStatus),
            .hangup)
    }

    // MARK: The stream's end

    /// A stream is over. Whether the call is depends on why.
    ///
    /// - Parameters:
    ///   - end: Why the agent ended it; nil: it did not.
    ///   - carrierStopped: The carrier said so: the caller is gone.
    /// - Returns: whether the call is over with it; `settle` says so to the rest of the world.
    func streamEnded(_ call: PhoneCall, _ end: CallEnd?, carrierStopped: Bool, history: [Message]) -> Bool {
        let isOver = call.state.withLock { state -> Bool in
            state.live = nil
            state.isStreaming = false
            state.history = history
            state.comesBackWith = nil
            guard state.phase != .ended else { return false }
            state.end = end ?? (carrierStopped ? .callerHungUp : nil)
            switch end {
            case .handoff:
                state.phase = .transferring
                state.comesBackWith = call.agent.file.script.escalation?.unanswered
                return false
            case .some: return true
            case nil:
                // Without a word from the carrier the socket broke: it will ask what to do with the caller.
                state.comesBackWith = ServerLines.cutOff
                return carrierStopped
            }
        }
        if end == .handoff { keepHandoff(call, history) }
        return isOver
    }

    /// Everything a stream leaves behind is kept; a call that is over with it ends.
    func settle(
        _ call: PhoneCall, entries: [CallTranscript.Entry], ledgers: [TurnLedger], journal: [JournalRecord],
        isOver: Bool
    ) {
        call.state.withLock { state in
            state.entries += entries
            state.ledgers += ledgers
        }
        journals.append(journal, of: call.id)
        isOver ? finish(call) : finishIfForgotten(call)
    }

    /// How long nothing may be heard of a call that has no stream before it counts as over.
    ///
    /// Connecting: twice a token's life. Queued or ringing: Twilio's longest ringing, 600 s, and a queue before it. After
    /// a stream broke: the carrier asks what is next within seconds. With a person: longer than anybody talks.
    private static func patience(_ phase: PhoneCall.Phase) -> Duration {
        switch phase {
        case .queued, .ringing: .seconds(1_800)
        case .connecting: .seconds(120)
        case .inProgress, .ended: .seconds(15)
        case .transferring: .seconds(5 * 3_600)
        }
    }

    /// Ends the call if it is still in its present phase without a stream after its patience; the carrier may never say.
    func finishIfForgotten(_ call: PhoneCall) {
        let (streams, phase) = call.state.withLock { ($0.streams, $0.phase) }
        let patience = Self.patience(phase)
        Task { [weak self] in
            try? await Task.sleep(for: patience)
            let isForgotten = call.state.withLock { state in
                let isForgotten = state.streams == streams && !state.isStreaming && state.phase == phase
                if isForgotten, phase == .inProgress || phase == .connecting { state.end = .callerHungUp }
                return isForgotten
            }
            if isForgotten { self?.finish(call) }
        }
    }

    /// Everything a person needs who takes the call over.
    private func keepHandoff(_ call: PhoneCall, _ history: [Message]) {
        let package = HandoffPackage(call: call, history: history)
        guard let toolCallID = package.toolCallID else { return }
        let text = package.json.text
        journals.write(package.json.prettyText + "\n", to: "handoff.json", of: call.id)
        Task { [store, logger] in
            do {
                try await store.setHandoffPackage(callID: call.id, toolCallID: toolCallID, package: text)
            } catch {
                logger.error("the store did not take a handoff", metadata: ["call": "\(call.id)", "error": "\(error)"])
            }
        }
    }

    // MARK: End

    /// The call is over: its outcome is decided, stored, logged and counted, once.
    func finish(_ call: PhoneCall, outcome: CallOutcome? = nil, reason: String? = nil) {
        let ending = call.state.withLock { state -> (CallOutcome, String?, LiveCall?)? in
            guard state.phase != .ended else { return nil }
            state.phase = .ended
            state.endedAt = .now
            if let outcome { (state.outcome, state.reason) = (outcome, reason) }
            let (final, why) = state.finalOutcome()
            (state.outcome, state.reason) = (final, why)
            return (final, why, state.live)
        }
        guard let (outcome, reason, live) = ending else { return }
        directory.retire(call)
        metrics.callEnded(direction: call.direction, outcome: outcome, active: directory.active)
        let seconds = Date.now.timeIntervalSince(call.startedAt)
        log(
            call, "call ended",
            [
                "outcome": "\(outcome.rawValue)", "reason": "\(reason ?? "-")",
                "seconds": "\(String(format: "%.1f", seconds))",
            ])
        journals.write(CallJSON.detail(call).prettyText + "\n", to: "call.json", of: call.id)
        Task { [store, logger, journals] in
            if let live { await live.end() }
            do {
                try await store.callEnded(
                    id: call.id, outcome: outcome, reason: reason, at: .thisMoment,
                    duration: .milliseconds(Int(seconds * 1_000)), transcriptPath: journals.path(call.id) + "/call.json"
                )
            } catch {
                logger.error(
                    "the store did not take a call's end", metadata: ["call": "\(call.id)", "error": "\(error)"])
            }
        }
    }

    // MARK: Log

    func log(_ call: PhoneCall, _ message: String, _ fields: Logger.Metadata = [:]) {
        var metadata = fields
        metadata["call"] = "\(call.id)"
        metadata["agent"] = "\(call.agent.slug)"
        if settings.logsPrivate {
            metadata["from"] = "\(call.caller)"
            metadata["to"] = "\(call.called)"
        }
        logger.info("\(message)", metadata: metadata)
    }
}

/// Where the carrier finds us.
enum TwilioPath {
    static let voice = "/twilio/voice"
    static let media = "/twilio/media"
    static let status = "/twilio/status"
    static let streamStatus = "/twilio/stream-status"
    static let afterStream = "/twilio/after-stream"
    static let machine = "/twilio/machine"
}
