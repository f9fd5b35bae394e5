import CallTime
import ProviderConformance
import Providers
import Testing

/// The suite passes fakes that keep their promises, and catches each promise a fake breaks.
struct ConformanceTests {
    /// Long enough for whatever answers at all, and soon over where nothing does.
    static let limit: Duration = .seconds(60)
    static let shortLimit: Duration = .milliseconds(200)

    // MARK: Recognisers

    private static func suite(_ fault: ScriptedSpeechToText.Fault? = nil) -> SpeechToTextConformance {
        let audio =
            [Int16](repeating: 0, count: 1_600) + [Int16](repeating: 900, count: 4_000)
            + [Int16](repeating: 0, count: 800)
        var suite = SpeechToTextConformance(
            ScriptedSpeechToText(text: "three", fault: fault),
            sample: SpokenSample(
                audio: .linear16(audio), sampleRate: .narrowband, speech: 1_600..<5_600, text: "three"))
        suite.failing = ScriptedSpeechToText(text: "", fault: fault, isBroken: true)
        suite.limit = fault == .neverDrains ? shortLimit : limit
        if fault == .answersLongAfterClose { suite.quiet = limit / 2 }
        return suite
    }

    @Test func `a recogniser that keeps its promises passes`() async {
        #expect(await Self.suite().violations() == [])
    }

    @Test(arguments: ScriptedSpeechToText.Fault.allCases)
    func `each promise a recogniser breaks is noticed`(_ fault: ScriptedSpeechToText.Fault) async {
        let expected: [ScriptedSpeechToText.Fault: Violation.Situation] = [
            .answersTwice: .normal, .answersRepeats: .doubled, .answersTheEnded: .doubled,
            .answersOldRevisions: .outOfOrder, .forgetsTheRevision: .outOfOrder,
            .answersLate: .late, .answersAfterClose: .cancelled, .answersLongAfterClose: .cancelled,
            .answersTheUnknown: .outOfOrder,
            .hearsSilence: .empty, .hearsNothing: .normal, .claimsFutureAudio: .normal, .isTooSure: .normal,
            .dependsOnPushes: .normal, .mixesUtterances: .late, .failsInAnothersName: .failing,
            .neverDrains: .hanging,
        ]
        let found = await Self.suite(fault).violations().map(\.situation)
        #expect(found.contains(expected[fault]!), "\(found)")
    }

    @Test func `a recogniser that works although it should fail is noticed`() async {
        var suite = Self.suite()
        suite.failing = ScriptedSpeechToText(text: "three")
        #expect(await suite.violations().map(\.situation) == [.failing])
    }

    // MARK: Models

    private static func suite(_ fault: ScriptedLanguageModel.Fault?) -> LanguageModelConformance {
        let model = ScriptedLanguageModel(fault: fault)
        func request(_ said: String) -> ModelRequest {
            ModelRequest(
                instructions: "", messages: [.caller(text: said)],
                tools: [ToolDescription(name: "count", purpose: "Counts.", parametersJSON: "{}")],
                now: CivilDateTime(day: 20_000))
        }
        var suite = LanguageModelConformance(model, request: request("two words"), other: request("tool"))
        suite.failing = ScriptedLanguageModel(fault: fault, isBroken: true)
        suite.running = { model.running }
        suite.limit = fault == .hangs ? shortLimit : limit
        suite.stopLimit = fault == .ignoresCancelling ? shortLimit : limit
        return suite
    }

    @Test func `a model that keeps its promises passes`() async {
        #expect(await Self.suite(ScriptedLanguageModel.Fault?.none).violations() == [])
    }

    @Test(arguments: ScriptedLanguageModel.Fault.allCases)
    func `each promise a model breaks is noticed`(_ fault: ScriptedLanguageModel.Fault) async {
        let expected: [ScriptedLanguageModel.Fault: Violation.Situation] = [
            .remembers: .doubled, .throwsItsOwnError: .failing, .ignoresCancelling: .cancelled,
            .throwsOnNoMessages: .empty, .hangs: .hanging,
        ]
        let found = await Self.suite(fault).violations().map(\.situation)
        #expect(found.contains(expected[fault] ?? .normal), "\(found)")
    }

    // MARK: Voices

    private static func suite(_ fault: ScriptedTextToSpeech.Fault?) -> TextToSpeechConformance {
        let voice = ScriptedTextToSpeech(fault: fault)
        var suite = TextToSpeechConformance(voice)
        suite.failing = (
            ScriptedTextToSpeech(fault: fault, isBroken: true), SpeechRequest(text: "Hello.")
        )
        suite.running = { voice.running }
        suite.limit = fault == .hangs ? shortLimit : limit
        suite.stopLimit = fault == .ignoresCancelling ? shortLimit : limit
        return suite
    }

    @Test func `a voice that keeps its promises passes`() async {
        #expect(await Self.suite(ScriptedTextToSpeech.Fault?.none).violations() == [])
    }

    @Test(arguments: ScriptedTextToSpeech.Fault.allCases)
    func `each promise a voice breaks is noticed`(_ fault: ScriptedTextToSpeech.Fault) async {
        let expected: [ScriptedTextToSpeech.Fault: Violation.Situation] = [
            .dependsOnTheLast: .doubled, .throwsItsOwnError: .failing, .ignoresCancelling: .cancelled,
            .throwsOnEmptyText: .empty, .hums: .empty, .hangs: .hanging,
        ]
        let found = await Self.suite(fault).violations().map(\.situation)
        #expect(found.contains(expected[fault] ?? .normal), "\(found)")
    }

    // MARK: Tools

    private static func suite(_ fault: ScriptedTool.Fault?) -> CallToolConformance {
        let context = ToolContext(callID: "c1", toolCallID: "t", now: CivilDateTime(day: 20_000))
        var suite = CallToolConformance(ScriptedTool(fault: fault), arguments: "{}", context: context)
        suite.failing = ScriptedTool(fault: fault, isBroken: true)
        suite.limit = fault == .hangs ? shortLimit : limit
        return suite
    }

    @Test func `a tool that keeps its promises passes`() async {
        #expect(await Self.suite(ScriptedTool.Fault?.none).violations() == [])
    }

    @Test(arguments: ScriptedTool.Fault.allCases)
    func `each promise a tool breaks is noticed`(_ fault: ScriptedTool.Fault) async {
        let expected: [ScriptedTool.Fault: Violation.Situation] = [
            .runsAgain: .doubled, .mixesAnswers: .outOfOrder, .saysNothingOfItsError: .failing,
            .echoesArguments: .empty, .isSpoiltByCancelling: .cancelled, .hangs: .hanging,
        ]
        let found = await Self.suite(fault).violations().map(\.situation)
        #expect(found.contains(expected[fault] ?? .normal), "\(found)")
    }
}
