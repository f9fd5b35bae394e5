import Foundation
import Providers
import Telephony
import Testing

@testable import Server

@Suite struct HandoverTests {
    /// Asks for a person the first time the caller says something, and chats afterwards.
    private let escalating = StubModel { request in
        let hasAsked = request.messages.contains {
            if case .agent(_, let calls, _) = $0 { return calls.contains { $0.name == "escalate_to_human" } }
            return false
        }
        guard !hasAsked else { return [.text("What else can I do? "), .finished(.stop)] }
        let arguments = #"{"reason": "wants a person", "summary": "A billing matter."}"#
        return [
            .toolCall(ToolCall(id: "lookup", name: "note", arguments: #"{"name": "Ann Lee"}"#)),
            .toolCall(ToolCall(id: "esc", name: "escalate_to_human", arguments: arguments)), .finished(.toolCalls),
        ]
    }

    /// A call whose caller asked for a person; its stream has been closed by us.
    private func withHandover(_ body: (PhoneRig, _ id: String) async throws -> Void) async throws {
        try await withPhone(agents: [TestAgent.escalating()], model: escalating) { rig in
            let stream = try await rig.carrier.call("CA1")
            let id = try rig.onlyCall.id
            try await stream.heard(900)
            stream.say(FakeVoice.speech(milliseconds: 900))
            #expect(try await stream.closed() == 1000)
            #expect(rig.desk.directory.call(id)?.phase == .transferring)
            try await body(rig, id)
        }
    }

    @Test func afterTheAnnouncementTheCallerIsConnectedToThePerson() async throws {
        try await withHandover { rig, id in
            let answer = try await rig.carrier.afterStream("CA1")
            #expect(StreamOffer.attribute("timeout", in: "<Dial ", of: answer.body) == "17")
            #expect(
                StreamOffer.attribute("action", in: "<Dial ", of: answer.body)
                    == "https://voice.example.test/twilio/after-stream")
            #expect(answer.body.contains(">+15550100200</Number>"))
            try await eventually("the announcement in the transcript") {
                try await rig.operate(.GET, "/v1/calls/\(id)").body.contains("One moment please.")
            }
        }
    }

    @Test func aPersonWhoTookTheCallEndsItAsHandedOver() async throws {
        try await withHandover { rig, id in
            _ = try await rig.carrier.afterStream("CA1")
            let answer = try await rig.carrier.afterStream(
                "CA1", ["DialCallStatus": "completed", "DialBridged": "true"])
            #expect(answer.body.contains("<Hangup/>"))
            #expect(try await rig.outcome(of: id) == "handed_over")
            #expect(try await rig.carrier.afterStream("CA1").body.contains("<Hangup/>"))
        }
    }

    @Test func aCallerWhoHangsUpWhileWithThePersonWasHandedOver() async throws {
        try await withHandover { rig, id in
            _ = try await rig.carrier.afterStream("CA1")
            _ = try await rig.carrier.post("/twilio/status", ["CallSid": "CA1", "CallStatus": "completed"])
            #expect(try await rig.outcome(of: id) == "handed_over")
        }
    }

    @Test(arguments: ["no-answer", "busy", "failed", "canceled"])
    func whenNobodyTakesTheCallTheAgentComesBackAndRemembers(_ dialled: String) async throws {
        try await withHandover { rig, id in
            _ = try await rig.carrier.afterStream("CA1")
            let answer = try await rig.carrier.afterStream("CA1", ["DialCallStatus": dialled])
            let before = escalating.seen.count
            let stream = try await rig.carrier.open(StreamOffer(answer, callSID: "CA1"))
            try await eventually("the line for calls nobody took") {
                try await rig.operate(.GET, "/v1/calls/\(id)").body.contains("Nobody is free now.")
            }
            stream.say(FakeVoice.speech(milliseconds: 900))
            try await eventually("the model is asked again") { escalating.seen.count > before }
            let messages = try #require(escalating.seen.last).messages
            #expect(messages.filter { $0 == .caller(text: "I would like a person.") }.count >= 2)
            #expect(
                messages.contains {
                    if case .toolResult(_, "escalate_to_human", _) = $0 { return true }
                    return false
                })
            let transcript = try await rig.operate(.GET, "/v1/calls/\(id)").body
            #expect(transcript.contains("Hello from the desk."))
            stream.hangUp()
            #expect(try await rig.outcome(of: id) == "caller_gone")
        }
    }

    @Test func aDialThatWasNotBridgedIsNoHandover() async throws {
        try await withHandover { rig, _ in
            _ = try await rig.carrier.afterStream("CA1")
            let answer = try await rig.carrier.afterStream(
                "CA1", ["DialCallStatus": "completed", "DialBridged": "false"])
            #expect(throws: Never.self) { try StreamOffer(answer, callSID: "CA1") }
        }
    }

    @Test func thePersonIsGivenReasonTranscriptAndSlots() async throws {
        try await withHandover { rig, id in
            await rig.desk.journals.flush()
            let bytes = try Data(contentsOf: URL(filePath: "\(rig.folder)/calls/\(id)/handoff.json"))
            let package = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
            #expect(package["reason"] as? String == "wants a person")
            #expect(package["summary"] as? String == "A billing matter.")
            #expect(package["caller"] as? String == "+15550100005")
            #expect(package["slots"] as? [String: String] == ["name": "Ann Lee"])
            let lines = (package["transcript"] as? [[String: String]] ?? []).map { "\($0["speaker"]!): \($0["text"]!)" }
            #expect(lines.contains("caller: I would like a person."))
            #expect(lines.contains { $0.hasPrefix("agent: Hello from the desk.") })
            try await eventually("the store has the package") {
                try await rig.desk.store.handoffs().first?.package?.contains("Ann Lee") == true
            }
        }
    }

    // MARK: A socket that breaks

    @Test func aStreamThatBreaksWithoutAStopIsTakenUpAgain() async throws {
        try await withPhone { rig in
            let stream = try await rig.carrier.call("CA1")
            let id = try rig.onlyCall.id
            try await stream.heard(400)
            stream.cut()
            _ = try await stream.closed()
            try await eventually("the server knows") { rig.desk.directory.call(id)?.state.withLock { !$0.isStreaming } == true }
            #expect(rig.desk.directory.call(id)?.isOver == false)
            let answer = try await rig.carrier.afterStream("CA1")
            let again = try await rig.carrier.open(StreamOffer(answer, callSID: "CA1"))
            try await eventually("words about the interruption") {
                try await rig.operate(.GET, "/v1/calls/\(id)").body.contains("we were cut off")
            }
            #expect(!again.now.isClosed)
            #expect(try await rig.operate(.GET, "/v1/calls/\(id)").body.contains("Hello from"))
        }
    }

    @Test func aCallerWhoHungUpIsNotConnectedAgain() async throws {
        try await withPhone { rig async throws in
            let stream = try await rig.carrier.call("CA1")
            try await stream.heard(100)
            stream.hangUp()
            _ = try await stream.closed()
            #expect(try await rig.carrier.afterStream("CA1").body.contains("<Hangup/>"))
        }
    }

    @Test func afterAStreamOfNoCallTheCarrierHangsUp() async throws {
        try await withPhone { rig async throws in
            #expect(try await rig.carrier.afterStream("CAx").body.contains("<Hangup/>"))
        }
    }
}
