import CallTime
import Conversation
import Testing

/// What a telephone adds to a conversation: keys, machines, an operator, a call that comes back.
@Suite struct CarrierEventTests {
    @Test func keysThatNothingAskedForStartNoReplyAndAreToldWithTheNextWords() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.at(500, .keyPressed("1"))
        scene.at(700, .keyPressed("2"))
        scene.wait(until: 3_000)
        #expect(scene.requests.isEmpty)
        scene.callerSays("hello", from: 4_000, to: 5_000)
        #expect(scene.requests.last?.messages == [.caller("hello [pressed on the keypad: 1 2]")])
        scene.modelSays("Hi.", at: 5_500)
        let end = scene.playEverything(from: 5_600)
        scene.callerSays("and now", utterance: 2, from: end + 500, to: end + 1_500)
        #expect(scene.requests.last?.messages.last == .caller("and now"))
    }

    private func askingForDigits() -> Scene {
        var scene = Scene { configuration in
            configuration.flow = Flow(steps: [.init(id: "pin", expects: .digits(count: 4), ask: "Your number?")])
            configuration.openingExpects = "pin"
        }
        scene.at(0, .mediaStarted)
        return scene
    }

    @Test func keysThatAnswerAQuestionAreATurnOnceTheyAreWhole() {
        var scene = askingForDigits()
        for (place, key) in "123".enumerated() { scene.at(Int64(500 + place * 200), .keyPressed(String(key))) }
        #expect(scene.requests.isEmpty)
        scene.at(1_200, .keyPressed("4"))
        #expect(scene.requests.map(\.messages) == [[.caller("1234")]])
        #expect(scene.requests.first?.isSpeculative == true || scene.requests.count == 1)
    }

    @Test func tooFewKeysCountAfterAPause() {
        var scene = askingForDigits()
        scene.at(500, .keyPressed("7"))
        scene.at(800, .keyPressed("8"))
        scene.wait(until: 2_700)
        #expect(scene.requests.isEmpty)
        scene.wait(until: 2_900)
        #expect(scene.requests.map(\.messages) == [[.caller("78")]])
    }

    @Test func aToolThatTakesLongIsCoveredByAFillerOnce() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("is ten free", from: 1_000, to: 2_000)
        scene.at(
            2_500, .replyToolCall(request: scene.lastRequest, ToolRequest(id: "t1", name: "check", arguments: "{}")))
        scene.at(2_500, .replyFinished(request: scene.lastRequest))
        scene.wait(until: 3_190)
        #expect(scene.spoken.isEmpty)
        scene.wait(until: 3_210)
        #expect(scene.spoken == ["Let me check that for you."])
        scene.playEverything(from: 3_300)
        scene.at(5_000, .toolFinished(callID: "t1", json: "{}"))
        scene.modelSays("It is free.", at: 5_300)
        #expect(scene.spoken == ["Let me check that for you.", "It is free."])
    }

    @Test func aQuickToolIsNotTalkedOver() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("is ten free", from: 1_000, to: 2_000)
        scene.at(
            2_500, .replyToolCall(request: scene.lastRequest, ToolRequest(id: "t1", name: "check", arguments: "{}")))
        scene.at(2_500, .replyFinished(request: scene.lastRequest))
        scene.at(3_000, .toolFinished(callID: "t1", json: "{}"))
        scene.wait(until: 4_000)
        #expect(!scene.spoken.contains("Let me check that for you."))
    }

    @Test func aHandoffIsAnnouncedAndTheModelIsNotAskedAgain() {
        var scene = Scene { $0.handoffLine = "I'll put you through." }
        scene.at(0, .mediaStarted)
        scene.callerSays("a person please", from: 1_000, to: 2_000)
        scene.at(
            2_500,
            .replyToolCall(
                request: scene.lastRequest, ToolRequest(id: "t1", name: ToolRequest.escalate, arguments: "{}")))
        scene.at(2_500, .replyFinished(request: scene.lastRequest))
        scene.at(2_600, .toolFinished(callID: "t1", json: #"{"accepted":true}"#))
        #expect(scene.spoken == ["I'll put you through."])
        #expect(scene.requests.count == 1)
        #expect(scene.ended == nil)
        scene.playEverything(from: 2_700)
        #expect(scene.ended == .handoff)
    }

    @Test func whoRunsTheCallEndsItWithALineThatNobodyTalksOver() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("tell me everything", from: 1_000, to: 2_000)
        scene.modelSays("Once upon a time there was a king.", at: 2_500)
        scene.at(2_600, .endRequested(line: "We close now. Goodbye.", .requested))
        #expect(scene.count(of: .flushPlayout) >= 1)
        #expect(scene.spoken.suffix(2) == ["We close now.", "Goodbye."])
        scene.at(2_700, .speechStarted(utterance: 2, onset: CallInstant(milliseconds: 2_650)))
        #expect(scene.count(of: .holdPlayout) == 0)
        #expect(scene.ended == nil)
    }

    @Test func whatWasHeardBeforeTheCallerHungUpIsKept() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("tell me everything", from: 1_000, to: 2_000)
        scene.modelSays("One two three four.", at: 2_500)
        let segment = scene.segments[0].id
        scene.at(2_600, .audioArrived(segment: segment))
        scene.at(2_600, .audioFinished(segment: segment, samples: 8_000))
        scene.at(2_600, .playoutStarted(segment: segment, audible: CallInstant(milliseconds: 2_600)))
        scene.playing = PlayoutPosition(segment: segment, sample: 4_000)
        scene.at(3_100, .callerHungUp)
        #expect(scene.ended == .callerHungUp)
        #expect(scene.conversation.history.last == .agent("One two", toolCalls: [], wasInterrupted: true))
    }

    @Test func aLastLineKeepsWhatWasHeardOfTheTurnItBreaksOff() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("tell me everything", from: 1_000, to: 2_000)
        scene.modelSays("One two three four.", at: 2_500)
        let segment = scene.segments[0].id
        scene.at(2_600, .audioArrived(segment: segment))
        scene.at(2_600, .audioFinished(segment: segment, samples: 8_000))
        scene.at(2_600, .playoutStarted(segment: segment, audible: CallInstant(milliseconds: 2_600)))
        scene.playing = PlayoutPosition(segment: segment, sample: 4_000)
        scene.at(3_100, .endRequested(line: "We close now.", .requested))
        #expect(scene.conversation.history.last == .agent("One two", toolCalls: [], wasInterrupted: true))
        #expect(scene.spoken.last == "We close now.")
        #expect(scene.ended == nil)
    }

    @Test func aMachineGetsTheMessageAndThenTheCallEnds() {
        var scene = Scene()
        scene.at(0, .machineAnswered(message: "Please call us back."))
        #expect(scene.spoken == ["Please call us back."])
        // The machine's own sounds do not interrupt it, and media that starts now starts nothing.
        scene.at(10, .mediaStarted)
        scene.at(300, .speechStarted(utterance: 1, onset: CallInstant(milliseconds: 200)))
        #expect(scene.count(of: .holdPlayout) == 0)
        scene.playEverything(from: 400)
        #expect(scene.ended == .voicemail)
    }

    @Test func withoutAMessageAMachineIsHungUpOn() {
        var scene = Scene()
        scene.at(0, .machineAnswered(message: ""))
        #expect(scene.ended == .voicemail)
    }

    @Test func aCallThatComesBackRemembersWhatWasSaid() {
        var configuration = Conversation.Configuration()
        configuration.opening = [.init(text: "Nobody is free.")]
        let before: [Message] = [
            .caller("a person please"), .agent("One moment.", toolCalls: [], wasInterrupted: false),
        ]
        let conversation = Conversation(configuration, history: before)
        #expect(conversation.history == before)
    }
}
