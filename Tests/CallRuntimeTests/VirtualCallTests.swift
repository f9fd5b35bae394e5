import CallTime
import Codecs
import Conversation
import Providers
import Testing

@testable import CallRuntime

@Suite struct VirtualCallTests {
    /// "hello", answered; "bye", answered with a goodbye that hangs up.
    private func call(_ voice: [any TextToSpeech] = [StagedVoice()]) -> (VirtualCall, [UInt8]) {
        var caller = StagedCaller()
        caller.waits(3_000)
        caller.speaks(1_200)
        caller.waits(4_000)
        caller.speaks(800)
        caller.waits(1_000)
        let model = StagedModel { messages in
            if case .caller("bye")? = messages.last { return ["Goodbye then.", "tool:end_call{}"] }
            return ["Good morning to you."]
        }
        let providers = CallProviders(
            speechToText: StagedRecogniser(["hello", "bye"]), languageModel: model, voices: voice)
        return (VirtualCall(settings: stagedSettings(), providers: providers), caller.muLaw)
    }

    @Test func aCallRunsFromTheGreetingToTheGoodbye() async throws {
        let (call, caller) = call()
        let outcome = try await call.run(caller: caller)
        #expect(outcome.end == .goodbye)
        #expect(
            outcome.transcript.entries.map { "\($0.speaker.rawValue): \($0.text)" } == [
                "agent: Hello there.", "caller: hello", "agent: Good morning to you.", "caller: bye",
                "agent: Goodbye then.",
            ])
    }

    @Test func theSameInputGivesTheSameBytes() async throws {
        let (call, caller) = call()
        let first = try await call.run(caller: caller)
        let second = try await call.run(caller: caller)
        #expect(first.journal.map(\.line) == second.journal.map(\.line))
        #expect(first.agentAudio == second.agentAudio)
        #expect(first.callerAudio == second.callerAudio)
    }

    @Test func bothSidesOfTheRecordingHaveTheSameLengthAndEndWithTheGoodbye() async throws {
        let (call, caller) = call()
        let outcome = try await call.run(caller: caller)
        #expect(outcome.callerAudio.count == outcome.agentAudio.count)
        #expect(outcome.callerAudio.count % 160 == 0)
        let last = try #require(outcome.agentAudio.lastIndex { abs(Int($0)) > 300 })
        // The last audible sample lies in the last two frames: nothing is cut, nothing follows.
        #expect(outcome.agentAudio.count - last <= 320)
    }

    @Test func theLedgersGapIsWhatTheRecordingHolds() async throws {
        let (call, caller) = call()
        let outcome = try await call.run(caller: caller)
        #expect(outcome.ledgers.count == 2)
        for ledger in outcome.ledgers {
            let at = ledger.audible.sampleTime(at: .narrowband).index
            #expect(outcome.agentAudio[(at - 800)..<at].allSatisfy { abs(Int($0)) < 100 })
            #expect(outcome.agentAudio[at..<(at + 160)].contains { abs(Int($0)) > 1_000 })
            #expect(ledger.partition.reduce(Duration.zero) { $0 + $1.duration } == ledger.gap)
        }
    }

    @Test func whenAVoiceFailsTheNextOneSpeaks() async throws {
        let (call, caller) = call([StagedVoice(name: "broken", fails: true), StagedVoice()])
        let outcome = try await call.run(caller: caller)
        #expect(outcome.end == .goodbye)
        #expect(outcome.transcript.entries.count == 5)
        #expect(outcome.journal.contains { $0.event == "speechFailed" })
    }

    @Test func whenEveryVoiceFailsTheCallEndsInsteadOfStayingMute() async throws {
        let (call, caller) = call([StagedVoice(fails: true)])
        let outcome = try await call.run(caller: caller)
        #expect(outcome.end == .failure)
    }

    @Test func aModelThatFailsIsFollowedByAnApology() async throws {
        var (call, caller) = call()
        call.providers.languageModel = StagedModel { _ in ["fail"] }
        let outcome = try await call.run(caller: caller)
        #expect(outcome.transcript.entries.contains { $0.text.contains("something went wrong") })
    }

    @Test func nobodyOnTheLineEndsWithTheLadderAndTheGoodbye() async throws {
        let (call, _) = call()
        let outcome = try await call.run(caller: [])
        #expect(outcome.end == .deadAir)
        #expect(outcome.transcript.entries.count == 4)
    }

    @Test func aToolRunsOnceAndItsAnswerIsSpoken() async throws {
        var (call, caller) = call()
        let tool = StagedTool("book_appointment", answer: #"{"booked":true}"#)
        call.providers.tools = [tool]
        call.providers.languageModel = StagedModel { messages in
            switch messages.last {
            case .caller("hello"): return ["tool:book_appointment{}"]
            case .toolResult: return ["You are booked."]
            default: return ["Goodbye.", "tool:end_call{}"]
            }
        }
        let outcome = try await call.run(caller: caller)
        #expect(tool.count == 1)
        #expect(outcome.transcript.entries.contains { $0.text == "You are booked." })
        #expect(outcome.ledgers.first?.partition.contains { $0.part == .tool } == true)
    }

    @Test func anInterruptionSilencesTheAgentWithin200Milliseconds() async throws {
        var caller = StagedCaller()
        caller.waits(3_000)
        caller.speaks(1_000)
        caller.waits(2_500)
        let onset = caller.samples.count
        caller.speaks(1_500)
        caller.waits(3_000)
        var (call, _) = call()
        call.providers.speechToText = StagedRecogniser(["tell me all", "stop that please"])
        call.providers.languageModel = StagedModel { messages in
            if case .caller("tell me all")? = messages.last {
                return ["Well, this is a very long story that goes on and on and will not end before the year is over."]
            }
            return ["All right."]
        }
        let outcome = try await call.run(caller: caller.muLaw)
        // Silent from 200 ms after the onset until the reply to the interruption.
        let silent = (onset + 1_600)..<(onset + 1_600 + 8_000)
        #expect(outcome.agentAudio[(onset - 160)..<onset].contains { abs(Int($0)) > 1_000 })
        #expect(outcome.agentAudio[silent].allSatisfy { abs(Int($0)) < 100 })
        let interrupted = try #require(outcome.transcript.entries.first { $0.wasInterrupted })
        #expect(interrupted.text.hasPrefix("Well, this"))
        #expect(!interrupted.text.contains("year"))
        #expect(outcome.transcript.entries.last { $0.speaker == .agent && $0.text == "All right." } != nil)
    }
}
