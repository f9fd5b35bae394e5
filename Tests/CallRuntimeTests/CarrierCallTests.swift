import CallTime
import Conversation
import Providers
import Testing

@testable import CallRuntime

/// The engine behind a carrier that takes audio ahead of its time.
@Suite struct CarrierCallTests {
    /// Drives an engine by hand: audio, marks and clears as a carrier would see them.
    private struct Bench: ~Copyable {
        var engine: CallEngine
        var line: CarrierLine
        let sent = Shared<[CarrierLine.Command]>([])

        init() throws {
            engine = try CallEngine(stagedSettings { $0.opening = [.init(text: "One two three four five.")] })
            let sent = sent
            line = CarrierLine { command in sent.change { $0.append(command) } }
        }

        /// The greeting's audio arrives: 2 s.
        mutating func greet() {
            engine.start(at: .start)
            _ = engine.takeEffects()
            engine.handle(.speech(segment: 1, .audio(.linear16([Int16](repeating: 8_000, count: 16_000)))), at: .start)
            engine.handle(.speechEnded(segment: 1), at: .start)
        }

        mutating func fill(at milliseconds: Int64) {
            line.fill(from: &engine, at: CallInstant(milliseconds: milliseconds))
        }

        var bytes: Int {
            sent.value.reduce(0) { if case .media(let audio) = $1 { $0 + audio.count } else { $0 } }
        }
        var marks: [String] { sent.value.compactMap { if case .mark(let name) = $0 { name } else { nil } } }
    }

    @Test func theCarrierNeverHoldsMoreThanTheLead() throws {
        var bench = try Bench()
        bench.greet()
        for time in stride(from: Int64(0), through: 2_400, by: 20) {
            bench.fill(at: time)
            let lead = bench.engine.lead(at: CallInstant(milliseconds: time))
            #expect(lead <= .milliseconds(200))
        }
        #expect(bench.bytes == 16_000)
        #expect(bench.engine.underrun == .zero)
        #expect(bench.marks.count >= 4)
    }

    @Test func theTurnIsOverWhenItsLastSampleWasHeardNotWhenItWasSent() throws {
        var bench = try Bench()
        bench.greet()
        for time in stride(from: Int64(0), through: 1_980, by: 20) { bench.fill(at: time) }
        #expect(bench.bytes == 16_000)
        #expect(bench.engine.conversation.history.isEmpty)
        bench.engine.fireTimers(at: CallInstant(milliseconds: 1_999))
        #expect(bench.engine.conversation.history.isEmpty)
        bench.engine.fireTimers(at: CallInstant(milliseconds: 2_000))
        #expect(bench.engine.conversation.history.count == 1)
    }

    @Test func anInterruptionClearsTheCarrierAndCountsOnlyWhatWasHeard() throws {
        var bench = try Bench()
        bench.greet()
        for time in stride(from: Int64(0), through: 1_000, by: 20) { bench.fill(at: time) }
        bench.engine.apply(
            .speechStarted(utterance: 1, onset: CallInstant(milliseconds: 900)), at: CallInstant(milliseconds: 1_000))
        let effects = bench.engine.takeEffects()
        #expect(effects.contains(.clearCarrier))
        let now = CallInstant(milliseconds: 1_000)
        let lead = bench.engine.lead(at: now)
        #expect(lead == .zero)
        bench.engine.apply(.interimTranscript(utterance: 1, text: "stop it please"), at: now)
        // 1 s of 2 s was heard: half of the words.
        let history = bench.engine.conversation.history
        #expect(history == [.agent("One two three", toolCalls: [], wasInterrupted: true)])
        let before = bench.bytes
        bench.fill(at: 1_020)
        #expect(bench.bytes == before, "nothing of an interrupted turn is sent")
    }

    @Test func tonesInTheCarriersQueueAreNotTakenForSpeech() throws {
        var bench = try Bench()
        bench.greet()
        for time in stride(from: Int64(0), through: 1_000, by: 20) { bench.fill(at: time) }
        let now = CallInstant(milliseconds: 1_000)
        let before = bench.engine.lead(at: now)
        bench.engine.carrierPlays(1_600, at: now)
        bench.engine.apply(.speechStarted(utterance: 1, onset: CallInstant(milliseconds: 900)), at: now)
        bench.engine.apply(.interimTranscript(utterance: 1, text: "stop it please"), at: now)
        #expect(before > .zero)
        #expect(bench.engine.conversation.history == [.agent("One two three", toolCalls: [], wasInterrupted: true)])
    }

    @Test func marksOfAnOlderGenerationSayNothing() throws {
        var bench = try Bench()
        bench.greet()
        for time in stride(from: Int64(0), through: 600, by: 20) { bench.fill(at: time) }
        let first = try #require(bench.marks.first)
        bench.line.clear()
        let lag = bench.line.markReturned(first, at: CallInstant(milliseconds: 900))
        #expect(lag == nil)
    }

    @Test func aMarkThatComesLateLengthensTheCarriersQueue() throws {
        var bench = try Bench()
        bench.greet()
        for time in stride(from: Int64(0), through: 1_200, by: 20) { bench.fill(at: time) }
        let marks = bench.marks
        #expect(marks.count >= 2)
        // The first tells the way there and back; the second comes 300 ms later than it should.
        let quick = bench.line.markReturned(marks[0], at: CallInstant(milliseconds: 480))
        #expect(quick == nil)
        let lag = bench.line.markReturned(marks[1], at: CallInstant(milliseconds: 1_300))
        #expect(lag.map { $0 > .milliseconds(200) } == true)
    }

    // MARK: Media that stops

    @Test func anUtteranceWhoseAudioStopsComingIsAnswered() throws {
        var engine = try CallEngine(stagedSettings { $0.opening = [] })
        engine.start(at: .start)
        var caller = StagedCaller()
        caller.waits(500)
        caller.speaks(800)
        let bytes = caller.muLaw
        for place in stride(from: 0, to: bytes.count - 159, by: 160) {
            let now = CallInstant(SampleTime(place + 160), at: .narrowband)
            engine.receive(Array(bytes[place..<place + 160]).span, at: SampleTime(place), now: now)
        }
        _ = engine.takeEffects()
        let wasSpeaking = engine.isCallerSpeaking
        #expect(wasSpeaking)
        engine.mediaIsLate(at: CallInstant(milliseconds: 3_300))
        let asked = engine.takeEffects().contains {
            if case .recognise(.finalize(1, _, _)) = $0 { true } else { false }
        }
        #expect(asked && !engine.isCallerSpeaking)
        let late = engine.takeJournal().first { $0.event == "late" }
        #expect(late?["culprit"]?.plainText == "carrier")
    }

    // MARK: A live call

    @Test func aCallGreetsThroughItsCarrierAndEndsWhenTheCallerHangsUp() async throws {
        let sent = Shared<[CarrierLine.Command]>([])
        let call = try LiveCall(
            settings: stagedSettings(),
            providers: CallProviders(
                speechToText: StagedRecogniser([]), languageModel: StagedModel { _ in [] }, voices: [StagedVoice()]))
        await call.connect(to: CarrierLine { command in sent.change { $0.append(command) } }) { _ in }
        await call.start()
        let clock = ContinuousClock()
        let end = clock.now + .seconds(5)
        while sent.value.isEmpty, clock.now < end {
            await call.tick()
            try await Task.sleep(for: .milliseconds(5))
        }
        guard case .media(let bytes) = sent.value.first else {
            Issue.record("nothing was sent")
            return
        }
        #expect(bytes.count <= 1_600)
        await call.end()
        #expect(await call.ended == .callerHungUp)
    }

    @Test func aToolWithEffectsRunsOnceForTheSameArguments() async throws {
        let tool = StagedTool("book", answer: #"{"booked":true}"#)
        let call = try LiveCall(
            settings: stagedSettings(),
            providers: CallProviders(
                speechToText: StagedRecogniser([]), languageModel: StagedModel { _ in [] }, voices: [StagedVoice()],
                tools: [tool]))
        for id in ["a", "b"] {
            await call.startTool(ToolCall(id: id, name: "book", arguments: #"{"time":"10:00"}"#))
        }
        await call.startTool(ToolCall(id: "c", name: "book", arguments: #"{"time":"11:00"}"#))
        await call.toolsAnswered()
        #expect(tool.count == 2)
        await call.end()
    }
}
