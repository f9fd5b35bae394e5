import CallTime
import Foundation
import Providers
import Testing

@testable import ProviderClients

@Suite("A voice's messages")
struct ElevenLabsPartsTests {
    @Test("Base64 of every length is decoded, with and without its padding")
    func base64() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 53 &+ 250) }
            let text = Array(Data(bytes).base64EncodedString().utf8)
            #expect(Base64.decode(text[...]) == bytes)
            let bare = text.filter { $0 != UInt8(ascii: "=") }
            #expect(Base64.decode(bare[...]) == bytes)
        }
    }

    @Test("What is no base64 is refused", arguments: ["A", "AAAAA", "AA!A", "====", "A===", "AAA\u{80}", "AA=A"])
    func notBase64(text: String) { #expect(Base64.decode(Array(text.utf8)[...]) == nil) }

    @Test("Linear samples are put together from bytes cut anywhere")
    func oddBytes() {
        let bytes: [UInt8] = [0x01, 0x00, 0xFF, 0xFF, 0x00, 0x80, 0x34]
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var reader = SpeechAudioReader(isMuLaw: false)
                var samples: [Int16] = []
                for part in [bytes[..<first], bytes[first..<second], bytes[second...]] {
                    if case .linear16(let more)? = reader.take(Array(part)) { samples += more }
                }
                #expect(samples == [1, -1, .min] && reader.sampleCount == 3)
            }
        }
    }

    private func times(_ text: String, startMs: Double = 0) throws -> CharacterTimes {
        let characters = text.map { "\"\($0)\"" }.joined(separator: ",")
        let starts = text.indices.enumerated().map { "\(Int(startMs) + $0.offset * 10)" }.joined(separator: ",")
        let durations = text.map { _ in "10" }.joined(separator: ",")
        let json = #"{"chars":[\#(characters)],"charStartTimesMs":[\#(starts)],"charDurationsMs":[\#(durations)]}"#
        var scanner = JSONScanner(Array(json.utf8))
        return try #require(try CharacterTimes(&scanner))
    }

    @Test("Times without audio beside them go on where the last ended")
    func runningOffset() throws {
        var words = AlignedWords(text: "one two three", rate: .narrowband)
        // 10 ms are 80 samples.
        #expect(try words.add(times("one tw"), audio: 0..<0).map(\.samples) == [0..<240])
        #expect(try words.add(times("o thr"), audio: 0..<8_000).map(\.samples) == [320..<560])
        #expect(!words.isComplete)
        #expect(try words.add(times("ee"), audio: 8_000..<8_000).isEmpty)
        #expect(words.isComplete)
        #expect(words.finish().map(\.samples) == [640..<1_040])
    }

    @Test("Times that are as long as their audio count from its beginning, and do not pass its end")
    func audioOffset() throws {
        var words = AlignedWords(text: "one two", rate: .narrowband)
        #expect(try words.add(times("one "), audio: 0..<400).map(\.samples) == [0..<240])
        #expect(try words.add(times("two ", startMs: 5), audio: 400..<620).map(\.samples) == [440..<620])
    }

    @Test("Words that were spoken otherwise than written are left out, and the others keep their places")
    func otherwise() throws {
        let text = "It costs $10, Zoë."
        var words = AlignedWords(text: text, rate: .narrowband)
        var spoken = try words.add(times("it costs ten dollars zoë."), audio: 0..<0)
        spoken += words.finish()
        let bytes = Array(text.utf8)
        #expect(spoken.map { String(decoding: bytes[$0.textRange], as: UTF8.self) } == ["It", "costs", "Zoë."])
    }

    @Test("A truncated message is refused wherever it ends")
    func truncated() throws {
        let text =
            #"{"audio":"AAAA","alignment":{"chars":["a","\u00e9"],"charStartTimesMs":[0,46],"charDurationsMs":[46,47.5]},"contextId":"u7","isFinal":null}"#
        let bytes = Array(text.utf8)
        let message = try ElevenLabsMessage(bytes)
        #expect(message.audio == [0, 0, 0] && message.contextID == "u7" && !message.isFinal)
        #expect(message.times?.characters == ["a", "é"] && message.times?.endMs == 93.5)
        for end in 0..<bytes.count {
            #expect(throws: JSONScanner.Broken.self) { try ElevenLabsMessage(Array(bytes[..<end])) }
        }
    }
}
