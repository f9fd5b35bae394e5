import AudioFile
import CallTime
import Conversation
import ProviderConformance
import Providers
import Testing

@testable import LocalProviders

/// What is built in passes the suite that every provider passes (docs/providers.md).
struct LocalProvidersTests {
    @Test func `the recogniser passes the suite`() async throws {
        let speech = try RecogniserSpeech.say("tomorrow at three thirty", voice: "rms")
        let sample = SpokenSample(
            audio: .muLaw(speech.bytes), sampleRate: .narrowband, speech: speech.speech,
            text: "tomorrow at three thirty", step: "date")
        let suite = SpeechToTextConformance(RecogniserFixture.agent, sample: sample)
        #expect(await suite.violations() == [])
    }

    /// "I'd like to book an appointment", 7.9 to 9.85 s of the recording, as its labels say.
    @Test func `the recogniser passes the suite with the example call's first words`() async throws {
        let folder = DialogueRehearsal.examples + "/../TestAudio/"
        let clip = try AudioClip(path: folder + "appointment-call.wav")
        let cut = clip.channels[0][59_200..<82_800].map { Int16(($0 * 32_768).rounded()) }
        let sample = SpokenSample(
            audio: .linear16(cut), sampleRate: clip.sampleRate, speech: 4_000..<19_600,
            text: "i'd like to book an appointment")
        #expect(await SpeechToTextConformance(RecogniserFixture.agent, sample: sample).violations() == [])
    }

    @Test func `the recogniser passes the suite with wideband linear audio`() async throws {
        let speech = try RecogniserSpeech.say("half past three", voice: "rms")
        let sample = SpokenSample(
            audio: .linear16(RecogniserTap.upsampled(speech.linear)), sampleRate: .wideband,
            speech: 2 * speech.speech.lowerBound..<2 * speech.speech.upperBound, text: "half past three", step: "time")
        var suite = SpeechToTextConformance(RecogniserFixture.agent, sample: sample)
        // The other sample has been cut into pieces of many sizes.
        suite.isRepeatable = false
        #expect(await suite.violations() == [])
    }

    @Test(arguments: FliteVoice.voiceNames)
    func `every voice passes the suite, to the sample`(voice: String) async throws {
        #expect(await suite(try FliteVoice(voice: voice)).violations() == [])
    }

    private func suite(_ voice: FliteVoice) -> TextToSpeechConformance {
        var suite = TextToSpeechConformance(voice)
        suite.text = "At 3:30, Zoë?"
        suite.failing = (voice, SpeechRequest(text: "Hello.", voice: "elvis"))
        return suite
    }

    @Test(arguments: ["appointment-desk", "lead-qualifier", "order-status"])
    func `the scripted dialogue passes the suite with every example`(agent: String) async {
        let script = DialogueRehearsal.agent(agent).script
        func request(_ said: String) -> ModelRequest {
            ModelRequest(
                instructions: "", messages: [.agent(text: "Hello."), .caller(text: said)],
                now: CivilDateTime(day: 20_514, secondOfDay: 9 * 3_600))
        }
        var suite = LanguageModelConformance(
            ScriptedDialogue(script: script), request: request("yes"), other: request("can i talk to a person"))
        suite.request.tools = Self.tools
        suite.other.tools = Self.tools
        #expect(await suite.violations() == [])
    }

    private static let tools = [
        "check_availability", "book_appointment", "qualify_lead", "lookup_order", "escalate_to_human",
    ].map { ToolDescription(name: $0, purpose: "", parametersJSON: "{}") }
}
