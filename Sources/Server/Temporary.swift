import AgentFile
import CallRuntime
import CallStore
import CallTime
import Conversation
import Providers

struct OutboundOptions { var greeting: String? = nil; var greetingHold = Duration.seconds(4) }
extension AgentFile {
    var numbers: [String] { [] }
    var voicemail: String? { "Hello, this is a message." }
    var outbound: OutboundOptions { OutboundOptions() }
}
extension Escalation {
    var unanswered: String { "I'm sorry, nobody is free right now. Is there anything else I can do for you?" }
    var timeoutSeconds: Int { 20 }
}
extension DialogueScript {
    func opening(greeting: String) -> [OpeningLine] { [.init(text: greeting)] }
}
public enum CallOutcome: String, Sendable, CaseIterable {
    case booked, qualified, answered, failed, busy
    case handedOver = "handed_over"
    case callerGone = "caller_gone"
    case voicemailLeft = "voicemail_left"
    case noAnswer = "no_answer"
}
extension CallStore {
    func callBegan(id: String, agent: String, at: CivilDateTime, direction: String, from: String, to: String, carrierID: String?) async throws {
        try await callBegan(id: id, agent: agent, at: at)
    }
    func callEnded(id: String, outcome: CallOutcome, reason: String?, at: CivilDateTime, duration: Duration, transcriptPath: String?) async throws {
        try await callEnded(id: id, outcome: outcome.rawValue, transcriptPath: transcriptPath)
    }
    func claim(key: String, callID: String, at: CivilDateTime) async throws -> String? { nil }
    func setHandoffPackage(callID: String, toolCallID: String, package: String) async throws {}
}
