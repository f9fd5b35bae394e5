import CallTime
import Conversation
import Testing

@Suite struct ObligationTests {
    @Test func theDeadAirLadderSpeaksItsLinesAndThenSaysGoodbye() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.wait(until: 7_001)
        #expect(scene.spoken.last == "Are you still there?")
        var end = scene.playEverything(from: 7_100)
        scene.wait(until: end + 8_001)
        #expect(scene.notes.filter { if case .deadAirPrompt = $0 { true } else { false } }.count == 2)
        end = scene.playEverything(from: end + 8_100)
        scene.wait(until: end + 8_001)
        #expect(scene.spoken.last == "Goodbye.")
        #expect(scene.ended == nil)
        scene.playEverything(from: end + 8_100)
        #expect(scene.ended == .deadAir)
    }

    @Test func anAnswerStartsTheLadderAnew() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.wait(until: 7_001)
        let end = scene.playEverything(from: 7_100)
        scene.callerSays("yes i am here", from: end + 500, to: end + 1_500)
        scene.modelSays("Good.", at: end + 2_000)
        let heard = scene.playEverything(from: end + 2_100)
        scene.wait(until: heard + 7_001)
        #expect(scene.notes.filter { $0 == .deadAirPrompt(number: 1) }.count == 2)
    }

    @Test func theGoodbyeHangsUpAfterItsLastSampleWasPlayed() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("bye", from: 1_000, to: 2_000)
        let request = scene.lastRequest
        scene.at(2_500, .replyText(request: request, "Goodbye. "))
        scene.at(2_500, .replyToolCall(request: request, ToolRequest(id: "c1", name: "end_call", arguments: "{}")))
        scene.at(2_500, .replyFinished(request: request))
        #expect(scene.ended == nil)
        let end = scene.playEverything(from: 2_700)
        #expect(scene.ended == .goodbye)
        #expect(scene.time(of: .hangUp(.goodbye)) == end)
    }

    @Test func aLateModelIsCoveredByTheWaitLineAndThenByAnApology() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("hello", from: 1_000, to: 2_000)
        scene.wait(until: 4_901)
        #expect(scene.spoken == ["One moment, please."])
        #expect(scene.notes.contains(.late(.firstTokenDue, culprit: "language_model")))
        scene.playEverything(from: 5_000)
        scene.wait(until: 10_000)
        #expect(scene.spoken.dropFirst().first == "I'm sorry, something went wrong here.")
    }

    @Test func aFailedReplyIsAskedForOnceMoreAndThenApologisedFor() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("hello", from: 1_000, to: 2_000)
        scene.at(2_500, .replyFailed(request: scene.lastRequest, reason: "503"))
        // Nothing was heard of it, so the model is asked once more before anything is said.
        scene.at(2_550, .replyFailed(request: scene.lastRequest, reason: "503"))
        let end = scene.playEverything(from: 2_600)
        #expect(scene.ended == nil)
        // The apology was heard, so the count starts anew with it; two failures in a row are needed.
        scene.callerSays("hello again", utterance: 2, from: end + 500, to: end + 1_500)
        scene.at(end + 1_950, .replyFailed(request: scene.lastRequest, reason: "503"))
        scene.at(end + 1_960, .replyFailed(request: scene.lastRequest, reason: "503"))
        #expect(scene.spoken.filter { $0.hasPrefix("I'm sorry, something") }.count == 2)
    }

    @Test func aFailedSpeculationIsAskedAgainAtTheEndpoint() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.at(1_060, .speechStarted(utterance: 1, onset: CallInstant(milliseconds: 1_000)))
        scene.at(2_200, .speechProbablyEnded(utterance: 1, lastSpeech: CallInstant(milliseconds: 2_000)))
        scene.at(2_300, .finalTranscript(utterance: 1, revision: 1, text: "hello", wasRejected: false))
        scene.at(2_350, .replyFailed(request: scene.lastRequest, reason: "reset"))
        scene.at(2_400, .speechEnded(utterance: 1, lastSpeech: CallInstant(milliseconds: 2_000)))
        #expect(scene.requests.map(\.isSpeculative) == [true, false] || scene.requests.count == 2)
        #expect(scene.spoken.isEmpty)
    }

    @Test func aMissingTranscriptIsTreatedAsNotUnderstood() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.at(1_060, .speechStarted(utterance: 1, onset: CallInstant(milliseconds: 1_000)))
        scene.at(2_200, .speechProbablyEnded(utterance: 1, lastSpeech: CallInstant(milliseconds: 2_000)))
        scene.at(2_400, .speechEnded(utterance: 1, lastSpeech: CallInstant(milliseconds: 2_000)))
        scene.wait(until: 3_701)
        #expect(scene.notes.contains(.late(.transcriptDue, culprit: "speech_to_text")))
        #expect(scene.requests.last?.messages == [.caller("")])
    }

    @Test func aVoiceThatSaysNothingIsTriedOnceMore() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("hello", from: 1_000, to: 2_000)
        scene.modelSays("Good morning.", at: 2_500)
        let segment = scene.segments[0]
        scene.wait(until: 4_001)
        #expect(scene.count(of: .speak(segment)) == 2)
        #expect(scene.notes.contains(.late(.firstAudioDue, culprit: "text_to_speech")))
    }

    @Test func theLongestCallEndsWithASpokenGoodbye() {
        var scene = Scene {
            $0.longestCall = .seconds(30)
            $0.deadAirLadder = []
            $0.deadAirGiveUp = .seconds(60)
        }
        scene.at(0, .mediaStarted)
        scene.callerSays("hello", from: 28_000, to: 29_000)
        scene.modelSays("Good morning.", at: 29_500)
        let segment = scene.segments.last { $0.text == "Good morning." }
        scene.at(29_600, .audioArrived(segment: segment?.id ?? 0))
        scene.at(29_620, .playoutStarted(segment: segment?.id ?? 0, audible: CallInstant(milliseconds: 29_620)))
        scene.wait(until: 30_001)
        #expect(scene.spoken.last == "Goodbye.")
        #expect(scene.count(of: .flushPlayout) >= 1)
    }

    @Test func theCallersHangUpEndsEverything() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.at(500, .callerHungUp)
        #expect(scene.ended == .callerHungUp)
        #expect(scene.at(600, .timerFired(.deadAir)).isEmpty)
    }

    @Test func theTurnAfterTheLastAllowedIsAnsweredWithTheGoodbye() {
        var scene = Scene { $0.mostTurns = 1 }
        scene.at(0, .mediaStarted)
        scene.callerSays("hello", from: 1_000, to: 2_000)
        scene.modelSays("Good morning.", at: 2_500)
        let end = scene.playEverything(from: 2_600)
        scene.callerSays("and another thing", utterance: 2, from: end + 500, to: end + 1_500)
        #expect(scene.spoken.last == "Goodbye.")
        scene.playEverything(from: end + 2_000)
        #expect(scene.ended == .limit)
    }
}
