import CallTime
import Conversation
import Testing

@Suite struct ToolTests {
    private let booking = ToolRequest(id: "c1", name: "book_appointment", arguments: #"{"date":"2026-03-03"}"#)

    private func asked(committed: Bool) -> Scene {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.at(1_060, .speechStarted(utterance: 1, onset: CallInstant(milliseconds: 1_000)))
        scene.at(2_200, .speechProbablyEnded(utterance: 1, lastSpeech: CallInstant(milliseconds: 2_000)))
        scene.at(2_250, .finalTranscript(utterance: 1, revision: 1, text: "yes", wasRejected: false))
        scene.at(2_300, .replyToolCall(request: scene.lastRequest, booking))
        scene.at(2_300, .replyFinished(request: scene.lastRequest))
        if committed {
            scene.at(2_400, .speechEnded(utterance: 1, lastSpeech: CallInstant(milliseconds: 2_000)))
        }
        return scene
    }

    @Test func aToolRunsOnlyOnceItsTurnIsCommitted() {
        var scene = asked(committed: false)
        #expect(scene.count(of: .runTool(booking)) == 0)
        scene.at(2_400, .speechEnded(utterance: 1, lastSpeech: CallInstant(milliseconds: 2_000)))
        #expect(scene.time(of: .runTool(booking)) == 2_400)
    }

    @Test func aDiscardedSpeculationRunsNoTool() {
        var scene = asked(committed: false)
        scene.at(2_350, .speechResumed(utterance: 1))
        scene.wait(until: 6_000)
        #expect(scene.count(of: .runTool(booking)) == 0)
    }

    @Test func theResultGoesBackToTheModelAndItsAnswerIsSpoken() {
        var scene = asked(committed: true)
        scene.at(2_450, .toolFinished(callID: "c1", json: #"{"booked":true}"#))
        #expect(
            scene.requests.last?.messages == [
                .caller("yes"), .agent("", toolCalls: [booking], wasInterrupted: false),
                .toolResult(callID: "c1", name: "book_appointment", json: #"{"booked":true}"#),
            ])
        scene.modelSays("You are booked.", at: 2_700)
        scene.playEverything(from: 2_900)
        #expect(scene.conversation.history.last == .agent("You are booked.", toolCalls: [], wasInterrupted: false))
        #expect(scene.count(of: .runTool(booking)) == 1)
    }

    @Test func theResultOfAToolWhoseTurnWasInterruptedIsToldOnceAndTheToolRunsOnce() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("yes", from: 1_000, to: 2_000)
        let request = scene.lastRequest
        scene.at(2_450, .replyText(request: request, "I am booking that for you right now. "))
        scene.at(2_450, .replyToolCall(request: request, booking))
        scene.at(2_450, .replyFinished(request: request))
        let segment = scene.segments[0].id
        scene.at(2_500, .audioArrived(segment: segment))
        scene.at(2_520, .playoutStarted(segment: segment, audible: CallInstant(milliseconds: 2_520)))
        scene.playing = PlayoutPosition(segment: segment, sample: 4_000)
        scene.callerSays("wait a second", utterance: 2, from: 3_000, to: 4_000)
        // The history is legal only with the tool's answer in it, so the reply waits for that.
        #expect(scene.requests.count == 1)
        scene.at(5_000, .toolFinished(callID: "c1", json: #"{"booked":true}"#))
        #expect(scene.requests.count == 2)
        let told = scene.requests.last?.messages.filter {
            if case .toolResult(_, _, #"{"booked":true}"#) = $0 { true } else { false }
        }
        #expect(told?.count == 1)
        #expect(scene.requests.last?.messages.last == .caller("wait a second"))
        #expect(scene.count(of: .runTool(booking)) == 1)
    }

    @Test func aToolThatIsLateIsAnsweredForItAndNamed() {
        var scene = asked(committed: true)
        scene.wait(until: 7_401)
        #expect(scene.notes.contains(.late(.toolDue, culprit: "book_appointment")))
        #expect(scene.requests.count == 2)
    }

    @Test func aModelThatCallsToolsInACircleIsStopped() {
        var scene = asked(committed: true)
        for round in 2...10 where scene.ended == nil {
            let time = Int64(2_450 + round * 10)
            scene.at(time, .toolFinished(callID: "c\(round - 1)", json: "{}"))
            let call = ToolRequest(id: "c\(round)", name: "book_appointment", arguments: "{}")
            scene.at(time, .replyToolCall(request: scene.lastRequest, call))
            scene.at(time, .replyFinished(request: scene.lastRequest))
        }
        #expect(scene.requests.count <= 6)
        #expect(scene.spoken.contains { $0.hasPrefix("I'm sorry") })
    }

    @Test func anAcceptedHandoffEndsTheCallAfterTheLineThatAnnouncesIt() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("a person please", from: 1_000, to: 2_000)
        let call = ToolRequest(id: "c1", name: ToolRequest.escalate, arguments: "{}")
        scene.at(2_450, .replyText(request: scene.lastRequest, "I'll put you through. "))
        scene.at(2_450, .replyToolCall(request: scene.lastRequest, call))
        scene.at(2_450, .replyFinished(request: scene.lastRequest))
        scene.at(2_500, .toolFinished(callID: "c1", json: #"{"accepted":true}"#))
        scene.at(2_700, .replyFinished(request: scene.lastRequest))
        #expect(scene.ended == nil)
        scene.playEverything(from: 2_800)
        #expect(scene.ended == .handoff)
    }
}
