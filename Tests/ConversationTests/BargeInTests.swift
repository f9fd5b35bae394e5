import CallTime
import Conversation
import Testing

@Suite struct BargeInTests {
    /// The agent is saying a long sentence; the caller begins to speak over it at 4 s.
    private func interrupted(_ text: String = "We are open from nine to five on every day of the week.") -> Scene {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("when are you open", from: 1_000, to: 2_000)
        scene.modelSays(text, at: 2_500)
        let segment = scene.segments[0]
        scene.at(2_600, .audioArrived(segment: segment.id))
        scene.at(2_600, .audioFinished(segment: segment.id, samples: 32_000))
        scene.at(2_620, .playoutStarted(segment: segment.id, audible: CallInstant(milliseconds: 2_620)))
        scene.playing = PlayoutPosition(segment: segment.id, sample: 12_000)
        scene.at(4_080, .speechStarted(utterance: 2, onset: CallInstant(milliseconds: 4_000)))
        return scene
    }

    @Test func playoutIsHeldWithTheOnset() {
        let scene = interrupted()
        #expect(scene.time(of: .holdPlayout) == 4_080)
        #expect(scene.count(of: .flushPlayout) == 0)
    }

    @Test func speechThatGoesOnTakesTheTurn() {
        var scene = interrupted()
        scene.wait(until: 4_700)
        #expect(scene.time(of: .flushPlayout) == 4_650)
        #expect(scene.notes.contains(.bargeInConfirmed(utterance: 2, reason: "speech of 650 ms")))
    }

    @Test func twoWordsTakeItSooner() {
        var scene = interrupted()
        scene.at(4_250, .interimTranscript(utterance: 2, text: "no wait"))
        #expect(scene.time(of: .flushPlayout) == 4_250)
    }

    @Test func theHistoryHoldsTheWordsThatWerePlayed() {
        var scene = interrupted()
        scene.at(4_250, .interimTranscript(utterance: 2, text: "no wait"))
        // 12,000 of 32,000 samples: three eighths of 56 characters.
        #expect(
            scene.conversation.history.last == .agent("We are open from nine", toolCalls: [], wasInterrupted: true))
    }

    @Test func wordTimesOfTheVoiceDecideWhatWasHeard() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("hello", from: 1_000, to: 2_000)
        scene.modelSays("One two three.", at: 2_500)
        let id = scene.segments[0].id
        let words = [
            WordTime(text: 0..<3, samples: 0..<4_000), WordTime(text: 4..<7, samples: 4_000..<8_000),
            WordTime(text: 8..<14, samples: 8_000..<16_000),
        ]
        scene.at(2_600, .wordTimes(segment: id, words))
        scene.at(2_600, .audioArrived(segment: id))
        scene.at(2_620, .playoutStarted(segment: id, audible: CallInstant(milliseconds: 2_620)))
        scene.playing = PlayoutPosition(segment: id, sample: 6_000)
        scene.at(3_400, .speechStarted(utterance: 2, onset: CallInstant(milliseconds: 3_330)))
        scene.at(3_500, .interimTranscript(utterance: 2, text: "no wait"))
        // Half of "two" was played, and a word counts from its middle on.
        #expect(scene.conversation.history.last == .agent("One two", toolCalls: [], wasInterrupted: true))
    }

    @Test func aBackchannelResumesAtTheWordThatWasCut() {
        var scene = interrupted()
        scene.at(4_500, .speechProbablyEnded(utterance: 2, lastSpeech: CallInstant(milliseconds: 4_300)))
        scene.at(4_600, .finalTranscript(utterance: 2, revision: 1, text: "mm-hm", wasRejected: false))
        scene.at(4_700, .speechEnded(utterance: 2, lastSpeech: CallInstant(milliseconds: 4_300)))
        guard
            case .resumePlayout(let position?)? = scene.actions.map(\.action).last(where: {
                if case .resumePlayout = $0 { true } else { false }
            })
        else {
            Issue.record("playout was not resumed")
            return
        }
        #expect(position.sample <= 12_000)
        #expect(position.sample > 8_000)
        #expect(scene.count(of: .flushPlayout) == 0)
        #expect(scene.requests.count == 1)
    }

    @Test(arguments: ["mm-hm", "Uh-huh.", "yeah", "okay", "yes, right"])
    func whileWeTellSomethingAgreementTakesNoTurn(words: String) {
        var scene = interrupted()
        scene.at(4_300, .speechProbablyEnded(utterance: 2, lastSpeech: CallInstant(milliseconds: 4_200)))
        scene.at(4_350, .finalTranscript(utterance: 2, revision: 1, text: words, wasRejected: false))
        #expect(scene.count(of: .flushPlayout) == 0)
    }

    @Test(arguments: ["yes", "yeah", "right"])
    func whileWeAskAgreementIsTheAnswer(words: String) {
        var scene = interrupted("So that is Tuesday at three for Anna Miller, is that right?")
        scene.at(4_300, .speechProbablyEnded(utterance: 2, lastSpeech: CallInstant(milliseconds: 4_200)))
        scene.at(4_350, .finalTranscript(utterance: 2, revision: 1, text: words, wasRejected: false))
        #expect(scene.count(of: .flushPlayout) == 1)
    }

    @Test func aCoughWithoutWordsGivesTheTurnBackInTime() {
        var scene = interrupted()
        scene.at(4_300, .speechProbablyEnded(utterance: 2, lastSpeech: CallInstant(milliseconds: 4_150)))
        scene.wait(until: 5_000)
        let resumed = scene.actions.first { if case .resumePlayout = $0.action { true } else { false } }
        #expect(resumed?.at == CallInstant(milliseconds: 4_680))
    }

    @Test func wordsThatComeAfterTheResumeStillTakeTheTurn() {
        var scene = interrupted()
        scene.at(4_300, .speechProbablyEnded(utterance: 2, lastSpeech: CallInstant(milliseconds: 4_150)))
        scene.at(4_800, .finalTranscript(utterance: 2, revision: 1, text: "no at four", wasRejected: false))
        #expect(scene.time(of: .flushPlayout) == 4_800)
        #expect(scene.requests.last?.messages.last == .caller("no at four"))
    }

    @Test func aProtectedLineIsNotHeldAndItsAnswerIsTakenAfterwards() {
        var scene = Scene {
            $0.opening = [.init(text: "This call is answered by a machine.", isDisclosure: true, isProtected: true)]
        }
        scene.at(0, .mediaStarted)
        let id = scene.segments[0].id
        scene.at(100, .audioArrived(segment: id))
        scene.at(120, .playoutStarted(segment: id, audible: CallInstant(milliseconds: 120)))
        scene.callerSays("hello", from: 500, to: 1_000)
        #expect(scene.count(of: .holdPlayout) == 0)
        #expect(scene.requests.isEmpty)
        scene.at(2_500, .playoutFinished(segment: id))
        #expect(scene.notes.contains(.disclosureHeard))
        #expect(scene.requests.last?.messages.last == .caller("hello"))
    }

    @Test func nothingOfAnInterruptedTurnIsSpokenLater() {
        var scene = interrupted()
        let request = scene.lastRequest
        scene.at(4_250, .interimTranscript(utterance: 2, text: "no wait"))
        let before = scene.spoken.count
        scene.at(4_260, .replyText(request: request, "And another thing. "))
        scene.at(4_270, .playoutStarted(segment: 1, audible: CallInstant(milliseconds: 4_270)))
        #expect(scene.spoken.count == before)
        #expect(scene.ledgers.count == 1)
    }
}
