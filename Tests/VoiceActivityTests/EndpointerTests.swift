import CallTime
import Testing

@testable import VoiceActivity

/// State tables: probabilities in, events out; hops of 80 samples at 8 kHz, onsets confirmed by 5 hops.
@Suite struct EndpointerTests {
    private struct Script {
        var endpointer: Endpointer
        var events: [EndpointEvent] = []

        init(_ change: (inout Endpointer.Configuration) -> Void = { _ in }) throws {
            var configuration = Endpointer.Configuration()
            change(&configuration)
            endpointer = try Endpointer(configuration)
        }

        mutating func speech(hops: Int) { feed(0.9, hops) }
        mutating func silence(hops: Int) { feed(0.1, hops) }

        mutating func feed(_ probability: Float, _ hops: Int, level: Float = .nan, isConcealed: Bool = false) {
            for _ in 0..<hops {
                events += endpointer.process(
                    probability: probability, levelOverFloorDB: level, isConcealed: isConcealed)
            }
        }
    }

    private func at(_ hop: Int) -> SampleTime { SampleTime(hop * 80) }

    @Test func anUtteranceHasExactDecisions() throws {
        var script = try Script()
        script.silence(hops: 100)
        script.speech(hops: 100)
        script.silence(hops: 100)
        // Without levels every hop of the run counts as speech, and hops before it as well, up to 400 ms back.
        let onset = script.events.first?.place
        #expect(
            script.events == [
                .speechStarted(onset: onset!, decided: at(105)),
                .speechProbablyEnded(lastSpeech: at(200), decided: at(220)),
                .speechEnded(lastSpeech: at(200), decided: at(240), delay: .milliseconds(400), reason: .silence),
            ])
    }

    @Test func levelsPlaceOnsetAndEnd() throws {
        var script = try Script()
        script.feed(0.1, 100, level: 0)
        script.feed(0.1, 3, level: 50)
        script.feed(0.9, 50, level: 50)
        script.feed(0.9, 6, level: 0)
        script.feed(0.1, 60, level: 0)
        #expect(
            script.events == [
                .speechStarted(onset: at(100), decided: at(108)),
                .speechProbablyEnded(lastSpeech: at(154), decided: at(174)),
                .speechEnded(lastSpeech: at(154), decided: at(194), delay: .milliseconds(400), reason: .silence),
            ])
    }

    @Test func speechShorterThanTheConfirmationIsNothing() throws {
        var script = try Script()
        script.silence(hops: 20)
        script.speech(hops: 4)
        script.silence(hops: 100)
        #expect(script.events.isEmpty)
    }

    @Test func aPauseShorterThanTheProbableEndIsNothing() throws {
        var script = try Script()
        script.speech(hops: 50)
        script.silence(hops: 15)
        script.speech(hops: 50)
        #expect(script.events.count == 1)
    }

    @Test func aPauseShorterThanTheDelayResumesTheUtterance() throws {
        var script = try Script()
        script.feed(0.9, 50, level: 50)
        script.feed(0.1, 30, level: 0)
        script.feed(0.9, 50, level: 50)
        #expect(
            script.events == [
                .speechStarted(onset: at(0), decided: at(5)),
                .speechProbablyEnded(lastSpeech: at(50), decided: at(70)),
                .speechResumed(onset: at(80), decided: at(85)),
            ])
    }

    @Test func anEndWaitsWhileSpeechIsBeingConfirmed() throws {
        var script = try Script()
        script.feed(0.9, 50, level: 50)
        script.feed(0.1, 38, level: 0)
        script.feed(0.9, 10, level: 50)
        #expect(script.events.last == .speechResumed(onset: at(88), decided: at(93)))
    }

    @Test func aBlipThatIsNotConfirmedDoesNotMoveTheEnd() throws {
        var script = try Script()
        script.speech(hops: 50)
        script.silence(hops: 25)
        script.speech(hops: 2)
        script.silence(hops: 30)
        #expect(script.events.last?.place == at(50))
        #expect(script.events.last?.decided == at(90))
    }

    @Test(arguments: EndpointingProfile.allCases) func theProfilesDelayIsKept(profile: EndpointingProfile) throws {
        var script = try Script { $0.endpointDelay = profile.endpointDelay }
        script.speech(hops: 50)
        script.silence(hops: 100)
        let hops = Int(profile.endpointDelay.milliseconds / 10)
        #expect(
            script.events.last
                == .speechEnded(
                    lastSpeech: at(50), decided: at(50 + hops), delay: profile.endpointDelay, reason: .silence))
    }

    @Test func profilesAre300And400And700Milliseconds() {
        #expect(EndpointingProfile.allCases.map(\.endpointDelay.milliseconds) == [300, 400, 700])
    }

    @Test func aDelaySetWhileWaitingTakesEffectAtOnce() throws {
        var script = try Script()
        script.speech(hops: 50)
        script.silence(hops: 30)
        script.endpointer.endpointDelay = .milliseconds(250)
        script.silence(hops: 1)
        #expect(script.events.last?.decided == at(81))
        script.speech(hops: 20)
        script.silence(hops: 22)
        script.endpointer.endpointDelay = .milliseconds(1_000)
        script.silence(hops: 77)
        #expect(script.events.count == 5)
        script.silence(hops: 1)
        #expect(script.events.last?.decided == at(201))
    }

    @Test func aDelayBelowTheProbableEndStillHasAProbableEndFirst() throws {
        var script = try Script { $0.endpointDelay = .milliseconds(100) }
        script.speech(hops: 50)
        script.silence(hops: 10)
        #expect(
            script.events.dropFirst() == [
                .speechProbablyEnded(lastSpeech: at(50), decided: at(60)),
                .speechEnded(lastSpeech: at(50), decided: at(60), delay: .milliseconds(100), reason: .silence),
            ])
    }

    @Test func concealedHopsCannotStartATurn() throws {
        var script = try Script()
        script.feed(0.9, 100, isConcealed: true)
        script.speech(hops: 4)
        script.feed(0.9, 1, isConcealed: true)
        script.speech(hops: 4)
        #expect(script.events.isEmpty)
    }

    @Test func concealedHopsCannotEndATurnButTimeGoesOn() throws {
        var script = try Script()
        script.speech(hops: 50)
        script.feed(0.1, 100, isConcealed: true)
        #expect(script.events.count == 1)
        script.silence(hops: 5)
        #expect(script.events.count == 3)
        #expect(
            script.events.last
                == .speechEnded(lastSpeech: at(50), decided: at(155), delay: .milliseconds(400), reason: .silence))
    }

    @Test func speechOnBothSidesOfALossIsOneUtterance() throws {
        var script = try Script()
        script.speech(hops: 50)
        script.feed(0.1, 60, isConcealed: true)
        script.silence(hops: 2)
        script.speech(hops: 50)
        #expect(script.events.count == 1)
    }

    @Test func finishEndsAnOpenUtterance() throws {
        var script = try Script()
        script.speech(hops: 50)
        script.silence(hops: 3)
        script.events += script.endpointer.finish()
        #expect(
            script.events.dropFirst() == [
                .speechProbablyEnded(lastSpeech: at(50), decided: at(53)),
                .speechEnded(lastSpeech: at(50), decided: at(53), delay: .milliseconds(400), reason: .endOfAudio),
            ])
        #expect(script.endpointer.finish().isEmpty)
    }

    @Test func aProbabilityThatHoversBetweenTheThresholdsCannotHoldATurnOpenForEver() throws {
        var script = try Script()
        script.speech(hops: 50)
        script.silence(hops: 10)
        script.feed(0.4, 100)
        #expect(script.events.last?.decided == at(90))
    }

    @Test func anUtteranceAfterAnotherBeginsAfterItsEnd() throws {
        var script = try Script()
        script.speech(hops: 50)
        script.silence(hops: 41)
        script.speech(hops: 20)
        guard case .speechStarted(let onset, _) = script.events.last else {
            return #expect(Bool(false), "events \(script.events)")
        }
        #expect(onset >= at(50))
    }

    @Test func resetIsAFreshEndpointer() throws {
        var script = try Script()
        script.speech(hops: 50)
        script.silence(hops: 50)
        let first = script.events
        script.events = []
        script.endpointer.reset()
        script.speech(hops: 50)
        script.silence(hops: 50)
        #expect(script.events == first)
    }

    @Test func whatIsNotANumberIsSilence() throws {
        var script = try Script()
        script.feed(.nan, 100)
        #expect(script.events.isEmpty)
    }

    @Test func settingsOutOfRangeAreNamed() {
        #expect(throws: ConfigurationError.self) { _ = try Script { $0.endpointDelay = .zero } }
        #expect(throws: ConfigurationError.self) { _ = try Script { $0.closeThreshold = 0.6 } }
        #expect(
            throws: ConfigurationError(field: "openThreshold", given: "1.5", allowed: "between 0 and 1")
        ) { _ = try Script { $0.openThreshold = 1.5 } }
    }
}
