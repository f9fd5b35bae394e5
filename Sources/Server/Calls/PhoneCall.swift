import CallRuntime
import CallStore
import CallTime
import Conversation
import Foundation
import Providers
import Synchronization
import Telephony

/// One telephone call from the first the server knew of it to its end, across the streams it may consist of.
public final class PhoneCall: Sendable {
    public enum Direction: String, Sendable, CaseIterable { case inbound, outbound }

    public enum Phase: String, Sendable {
        /// Asked of the carrier, not ringing yet.
        case queued
        case ringing
        /// Answered; its stream is not there yet.
        case connecting
        case inProgress = "in_progress"
        /// With a person, or on the way to one.
        case transferring
        case ended
    }

    /// What carries over from one stream of the call to the next.
    struct State: Sendable {
        var phase: Phase
        var carrierID: String?
        var answeredBy: String?
        /// One-time tokens of streams that were announced and have not come.
        var tokens: [(token: String, expires: ContinuousClock.Instant)] = []
        var live: LiveCall?
        var isStreaming = false
        var streams = 0
        /// What the agent says first on the next stream, after something interrupted the last one.
        var comesBackWith: String?
        var history: [Message] = []
        var entries: [CallTranscript.Entry] = []
        var ledgers: [TurnLedger] = []
        var didBook = false
        var didQualify = false
        var didJudge = false
        var wasHandedOver = false
        var end: CallEnd?
        var outcome: CallOutcome?
        var reason: String?
        var endedAt: Date?
        var isHangingUp = false
    }

    public let id: String
    public let direction: Direction
    public let agent: ServedAgent
    public let caller: String
    public let called: String
    /// Values for the agent's instructions, given with an outbound call.
    public let variables: [String: String]
    public let detectsMachine: Bool
    public let startedAt: Date
    let state: Mutex<State>

    init(
        id: String, direction: Direction, agent: ServedAgent, caller: String, called: String, phase: Phase,
        variables: [String: String] = [:], detectsMachine: Bool = false, now: Date = .now
    ) {
        self.id = id
        self.direction = direction
        self.agent = agent
        self.caller = caller
        self.called = called
        self.variables = variables
        self.detectsMachine = detectsMachine
        startedAt = now
        state = Mutex(State(phase: phase))
    }

    var phase: Phase { state.withLock { $0.phase } }
    var isOver: Bool { phase == .ended }

    // MARK: Tokens

    /// How long an announced stream may take to come.
    private static let tokenLife = Duration.seconds(60)
    private static let mostTokens = 8

    /// A token that opens one stream of this call.
    func issueToken() -> String {
        var generator = SystemRandomNumberGenerator()
        let token = (0..<4).map { _ in
            let part = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - part.count) + part
        }.joined()
        state.withLock { state in
            if state.tokens.count >= Self.mostTokens { state.tokens.removeFirst() }
            state.tokens.append((token, ContinuousClock().now + Self.tokenLife))
        }
        return token
    }

    /// Whether `token` opens a stream now; it does so once.
    func redeem(_ token: String) -> Bool {
        state.withLock { state in
            let now = ContinuousClock().now
            state.tokens.removeAll { $0.expires < now }
            guard let place = state.tokens.firstIndex(where: { TwilioSignature.areEqual($0.token, token) }) else {
                return false
            }
            state.tokens.remove(at: place)
            return true
        }
    }

    // MARK: Outcome

    /// A tool answered: what the call has achieved by it.
    func toolAnswered(_ name: String, _ json: String) {
        state.withLock { state in
            if name == "book_appointment", json.contains(#""booked":true"#) { state.didBook = true }
            if name == "qualify_lead" {
                state.didQualify = state.didQualify || json.contains(#""qualified":true"#)
                state.didJudge = state.didJudge || json.contains(#""qualified":"#)
            }
        }
    }
}

extension PhoneCall.State {
    /// The one outcome of a call that is over.
    func finalOutcome() -> (CallOutcome, String?) {
        if let outcome { return (outcome, reason) }
        if wasHandedOver { return (.handedOver, nil) }
        if didBook { return (.booked, nil) }
        if didQualify { return (.qualified, nil) }
        if didJudge { return (.unqualified, nil) }
        if isHangingUp { return (.cancelled, "ended from outside") }
        let wasHeard = entries.contains { $0.speaker == .caller && !$0.text.isEmpty }
        switch end {
        case .goodbye: return wasHeard ? (.answered, nil) : (.silence, nil)
        case .requested: return (.cancelled, "ended from outside")
        case .limit: return (.limitReached, nil)
        case .deadAir: return (.silence, nil)
        case .handoff: return (.answered, "nobody took the handoff")
        case .voicemail: return leftMessage ? (.voicemailLeft, nil) : (.machineAnswered, nil)
        case .failure: return (.failed, "every provider failed")
        case .callerHungUp, nil: return (.callerGone, wasHeard ? nil : "the caller said nothing")
        }
    }

    private var leftMessage: Bool { entries.contains { $0.speaker == .agent && !$0.text.isEmpty } }
}
