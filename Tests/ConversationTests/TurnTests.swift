import CallTime
import Conversation
import Testing

@Suite struct TurnTests {
    @Test func theGreetingWaitsForMedia() {
        var scene = Scene { $0.opening = [.init(text: "Hello there. How can I help?")] }
        scene.wait(until: 5_000)
        #expect(scene.spoken.isEmpty)
        scene.at(5_000, .mediaStarted)
        #expect(scene.spoken == ["Hello there.", "How can I help?"])
        #expect(scene.count(of: .startPlayout(turn: 1)) == 1)
    }

    @Test func aReplyIsPreparedBeforeTheEndpointAndHeardOnlyAfterIt() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.at(1_060, .speechStarted(utterance: 1, onset: CallInstant(milliseconds: 1_000)))
        scene.at(2_200, .speechProbablyEnded(utterance: 1, lastSpeech: CallInstant(milliseconds: 2_000)))
        scene.at(2_300, .finalTranscript(utterance: 1, revision: 1, text: "hello", wasRejected: false))
        #expect(scene.requests.map(\.isSpeculative) == [true])
        scene.modelSays("Good morning. What can I do?", at: 2_350)
        #expect(scene.spoken == ["Good morning.", "What can I do?"])
        #expect(scene.count(of: .startPlayout(turn: 1)) == 0)
        scene.at(2_400, .speechEnded(utterance: 1, lastSpeech: CallInstant(milliseconds: 2_000)))
        #expect(scene.time(of: .startPlayout(turn: 1)) == 2_400)
        #expect(scene.requests.count == 1)
    }

    @Test func aPauseInsideASentenceDiscardsTheSpeculationAndNothingOfItIsHeard() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.at(1_060, .speechStarted(utterance: 1, onset: CallInstant(milliseconds: 1_000)))
        scene.at(2_200, .speechProbablyEnded(utterance: 1, lastSpeech: CallInstant(milliseconds: 2_000)))
        scene.at(2_300, .finalTranscript(utterance: 1, revision: 1, text: "next tuesday", wasRejected: false))
        scene.modelSays("At what time?", at: 2_330)
        scene.at(2_350, .speechResumed(utterance: 1))
        #expect(scene.count(of: .flushPlayout) == 1)
        scene.at(3_200, .speechProbablyEnded(utterance: 1, lastSpeech: CallInstant(milliseconds: 3_000)))
        // A late answer to the first revision changes nothing.
        scene.at(3_250, .finalTranscript(utterance: 1, revision: 1, text: "next tuesday", wasRejected: false))
        #expect(scene.requests.count == 1)
        scene.at(3_300, .finalTranscript(utterance: 1, revision: 2, text: "next tuesday at three", wasRejected: false))
        scene.at(3_400, .speechEnded(utterance: 1, lastSpeech: CallInstant(milliseconds: 3_000)))
        #expect(scene.requests.last?.messages == [.caller("next tuesday at three")])
        #expect(scene.count(of: .startPlayout(turn: 1)) == 0)
        #expect(scene.count(of: .startPlayout(turn: 2)) == 1)
    }

    @Test func atMostOneSpeculativeRequestIsMadeForATranscript() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("hello", from: 1_000, to: 2_000)
        scene.at(2_450, .finalTranscript(utterance: 1, revision: 1, text: "hello", wasRejected: false))
        #expect(scene.requests.count == 1)
    }

    @Test func aTranscriptAfterTheEndpointIsAnsweredAtOnce() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.at(1_060, .speechStarted(utterance: 1, onset: CallInstant(milliseconds: 1_000)))
        scene.at(2_200, .speechProbablyEnded(utterance: 1, lastSpeech: CallInstant(milliseconds: 2_000)))
        scene.at(2_400, .speechEnded(utterance: 1, lastSpeech: CallInstant(milliseconds: 2_000)))
        scene.at(2_900, .finalTranscript(utterance: 1, revision: 1, text: "hello", wasRejected: false))
        #expect(scene.requests.count == 1)
        #expect(scene.count(of: .startPlayout(turn: 1)) == 1)
    }

    @Test func theHistoryHoldsBothSidesInTheirOrder() {
        var scene = Scene { $0.opening = [.init(text: "Hello.")] }
        scene.at(0, .mediaStarted)
        let end = scene.playEverything(from: 100)
        scene.callerSays("good morning", from: end + 500, to: end + 1_500)
        scene.modelSays("How can I help?", at: end + 2_000)
        scene.playEverything(from: end + 2_100)
        #expect(
            scene.conversation.history == [
                .agent("Hello.", toolCalls: [], wasInterrupted: false), .caller("good morning"),
                .agent("How can I help?", toolCalls: [], wasInterrupted: false),
            ])
    }

    @Test func speechThatWasNotUnderstoodGoesToTheModelAsEmptyWords() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("", from: 1_000, to: 2_000, rejected: true)
        #expect(scene.requests.last?.messages == [.caller("")])
    }

    @Test func noiseThatIsNoSpeechStartsNoReply() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("", from: 1_000, to: 1_200)
        #expect(scene.requests.isEmpty)
        #expect(scene.notes.contains(.utteranceIgnored(utterance: 1, reason: "nothing was said")))
    }

    @Test func wordsSaidBeforeTheReplyIsAudibleJoinTheOnesBefore() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("i need an appointment", from: 1_000, to: 2_000)
        scene.callerSays("for next tuesday", utterance: 2, from: 2_450, to: 3_500)
        #expect(scene.requests.last?.messages == [.caller("i need an appointment for next tuesday")])
        #expect(scene.count(of: .startPlayout(turn: scene.segments.last?.turn ?? 2)) == 1)
        #expect(!scene.conversation.history.contains(.caller("i need an appointment")))
    }

    @Test func theNextAnswersStepAndDelayAreSetWhenTheQuestionIsHeard() {
        var scene = Scene {
            $0.flow = Flow(steps: [
                .init(id: "date", expects: .date, ask: "Which day?", endpointDelay: .milliseconds(700))
            ])
        }
        scene.at(0, .mediaStarted)
        scene.callerSays("an appointment", from: 1_000, to: 2_000)
        scene.at(2_410, .replyExpects(request: scene.lastRequest, step: "date"))
        scene.modelSays("Which day?", at: 2_420)
        #expect(scene.count(of: .expectAnswer(step: "date", endpointDelay: .milliseconds(700))) == 0)
        scene.playEverything(from: 2_600)
        #expect(scene.time(of: .expectAnswer(step: "date", endpointDelay: .milliseconds(700))) == 2_600)
    }

    @Test func aStepThatIsNamedOnlyWhileTheQuestionIsHeardCountsAtOnce() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("an appointment", from: 1_000, to: 2_000)
        let request = scene.lastRequest
        scene.at(2_420, .replyText(request: request, "Which day would suit you, "))
        scene.at(2_500, .audioArrived(segment: 1))
        scene.at(2_520, .playoutStarted(segment: 1, audible: CallInstant(milliseconds: 2_520)))
        scene.at(2_600, .replyExpects(request: request, step: "date"))
        #expect(scene.time(of: .expectAnswer(step: "date", endpointDelay: nil)) == 2_600)
    }
}
