import CallTime
import Codecs
import Conversation
import Foundation
import Providers
import Synchronization

@testable import CallRuntime

/// A caller made of arithmetic: voiced sounds where something is said, line noise elsewhere.
struct StagedCaller {
    private(set) var samples: [Float] = []
    private var seed: UInt64 = 7

    /// Line noise at about −65 dBFS.
    mutating func waits(_ milliseconds: Int) {
        for _ in 0..<(milliseconds * 8) { samples.append(noise()) }
    }

    /// A voice of 120 Hz with formants near 600 and 1,700 Hz, in syllables of 200 ms.
    mutating func speaks(_ milliseconds: Int) {
        let count = milliseconds * 8
        for place in 0..<count {
            let time = Double(place) / 8_000
            let pitch = 120 + 10 * sin(2 * .pi * 0.7 * time)
            var sample = 0.0
            for harmonic in 1...26 {
                let frequency = pitch * Double(harmonic)
                let formants =
                    exp(-pow((frequency - 600) / 250, 2)) + 0.6 * exp(-pow((frequency - 1_700) / 350, 2)) + 0.08
                sample += formants * sin(2 * .pi * frequency * time + Double(harmonic * harmonic))
            }
            let syllable = 0.35 + 0.65 * abs(sin(.pi * 2.5 * time))
            let edge = min(1, Double(min(place, count - 1 - place)) / 80)
            samples.append(Float(0.06 * sample * syllable * edge) + noise())
        }
    }

    var muLaw: [UInt8] { samples.map { MuLaw.encode(Int16(max(-1, min(1, $0)) * 32_767)) } }

    private mutating func noise() -> Float {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (Float(seed >> 40) / Float(1 << 24) - 0.5) * 0.0019
    }
}

/// Understands the nth utterance as the nth text.
final class StagedRecogniser: SpeechToText, @unchecked Sendable {
    let name = "staged"
    let texts: [String]

    init(_ texts: [String]) { self.texts = texts }

    func open(
        _ configuration: SpeechToTextConfiguration, onEvent: @escaping @Sendable (TranscriptEvent) -> Void
    ) async throws(ProviderError) -> any SpeechToTextSession {
        Session(texts: texts, onEvent: onEvent)
    }

    final class Session: SpeechToTextSession, @unchecked Sendable {
        private let texts: [String]
        private let onEvent: @Sendable (TranscriptEvent) -> Void
        private let pushed = Mutex(0)

        init(texts: [String], onEvent: @escaping @Sendable (TranscriptEvent) -> Void) {
            self.texts = texts
            self.onEvent = onEvent
        }

        func push(_ audio: AudioPayload, at time: SampleTime) {
            pushed.withLock { count in
                precondition(time.index == count, "the caller's audio comes whole and in order")
                count += audio.sampleCount
            }
        }
        func expect(step: String?) {}
        func utteranceStarted(_ utterance: Int, onset: SampleTime) {}
        func finalize(_ utterance: Int, revision: Int, lastSpeech: SampleTime) {
            let text = utterance <= texts.count ? texts[utterance - 1] : ""
            onEvent(
                .final(
                    Transcript(
                        utterance: utterance, revision: revision, text: text, wasRejected: text == "?",
                        audioEnd: lastSpeech)))
        }
        func utteranceEnded(_ utterance: Int) {}
        func drained() async {}
        func close() async {}
    }
}

/// Answers with what `reply` makes of the messages, word by word; a tool call is written `tool:NAME{json}`.
struct StagedModel: LanguageModel {
    let name = "staged"
    let reply: @Sendable ([ModelMessage]) -> [String]

    func reply(to request: ModelRequest) -> AsyncThrowingStream<ModelEvent, any Error> {
        AsyncThrowingStream { continuation in
            var tools = 0
            for line in reply(request.messages) {
                if line == "fail" {
                    return continuation.finish(
                        throwing: ProviderError(provider: name, kind: .unavailable, detail: "staged"))
                }
                if line.hasPrefix("tool:"), let brace = line.firstIndex(of: "{") {
                    tools += 1
                    let tool = String(line[line.index(line.startIndex, offsetBy: 5)..<brace])
                    continuation.yield(
                        .toolCall(
                            ToolCall(
                                id: "\(request.messages.count)-\(tools)", name: tool, arguments: String(line[brace...]))
                        ))
                } else {
                    for word in line.split(separator: " ") { continuation.yield(.text(word + " ")) }
                }
            }
            continuation.yield(.finished(tools > 0 ? .toolCalls : .stop))
            continuation.finish()
        }
    }
}

/// Speaks a tone, 60 ms a character, after 100 ms of silence; `fails` says nothing at all.
struct StagedVoice: TextToSpeech {
    var name = "staged"
    var fails = false

    func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<SpeechEvent, any Error> {
        AsyncThrowingStream { continuation in
            if fails {
                continuation.finish(throwing: ProviderError(provider: name, kind: .unavailable, detail: "staged"))
                return
            }
            var samples = [Int16](repeating: 0, count: 800)
            for place in 0..<(request.text.count * 480) {
                samples.append(Int16(8_000 * sin(2 * .pi * 440 * Double(place) / 8_000)))
            }
            var rest = samples[...]
            while !rest.isEmpty {
                continuation.yield(.audio(.linear16(Array(rest.prefix(1_600)))))
                rest = rest.dropFirst(1_600)
            }
            continuation.finish()
        }
    }
}

/// A tool that counts its runs.
final class StagedTool: CallTool, @unchecked Sendable {
    let description: ToolDescription
    private let runs = Mutex(0)
    private let answer: String

    init(_ name: String, answer: String) {
        description = ToolDescription(name: name, purpose: "staged", parametersJSON: "{}")
        self.answer = answer
    }

    var count: Int { runs.withLock { $0 } }

    func run(_ arguments: String, context: ToolContext) async throws(ProviderError) -> String {
        runs.withLock { $0 += 1 }
        return answer
    }
}

func stagedSettings(
    _ change: (inout Conversation.Configuration) -> Void = { _ in }
) -> CallSettings {
    var conversation = Conversation.Configuration()
    conversation.opening = [.init(text: "Hello there.")]
    change(&conversation)
    var settings = CallSettings(
        callID: "call-1", agentName: "Staged", conversation: conversation,
        start: CivilDateTime("2026-03-02T09:00:00")!)
    // The staged caller hums: loud and voiced, which the rule takes for speech and the learned detector rightly does not.
    settings.detector = .rule
    return settings
}
