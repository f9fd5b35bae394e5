// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Names are the protocol's own.

import CallRuntime
import CallTime
import Codecs
import Foundation
import NIOCore
import NIOFoundationCompat

/// Stands in for ElevenLabs' `multi-stream-input`: a tone as long as the text, at ten times real time.
///
/// A text is spoken when it is flushed or its context closed, or at once with the query's `auto_mode`. Its audio is
/// mu-law of 8 kHz, a fixed time for each character and 60 ms of silence at the end, in pieces of two characters with
/// their alignment.
final class VoiceStandIn: StandInSocket {
    static let mostContexts = 5
    static let speed = 10
    static let tail = [UInt8](repeating: MuLaw.silence, count: 480)
    private static let charactersOfPiece = 2

    private struct Context {
        var text = ""
        /// When the last piece so far is out.
        var lastPiece: NIODeadline?
        var samples = 0
        var isClosed = false
    }

    private let delays: VendorDelays
    private let counts: StandInCounts
    private let isAutomatic: Bool
    private let samplesOfCharacter: Int
    private var contexts: [String: Context] = [:]

    /// nil: the query asks for something else than mu-law of 8 kHz.
    init?(_ request: StandInRequest, _ delays: VendorDelays, _ counts: StandInCounts) {
        guard request.path.hasPrefix("/v1/text-to-speech/"), request.path.hasSuffix("/multi-stream-input"),
            request.query["output_format"] == "ulaw_8000", request.headers.contains(name: "xi-api-key")
        else { return nil }
        self.delays = delays
        self.counts = counts
        isAutomatic = request.query["auto_mode"] == "true"
        samplesOfCharacter = SampleRate.narrowband.samples(in: delays.character)
    }

    func received(binary: ByteBuffer, _ line: StandInLine) { line.close(code: 1_008) }

    func received(text: ByteBuffer, _ line: StandInLine) {
        guard let message = try? JSONDecoder().decode(Message.self, from: Data(text.readableBytesView)) else {
            return line.close(code: 1_008)
        }
        if message.close_socket == true { return line.close(code: 1_000) }
        // An empty text without a context keeps the socket alive.
        guard let id = message.context_id else { return }
        if contexts[id] == nil {
            guard contexts.count < Self.mostContexts else {
                line.send(#"{"message":"too many contexts","error":"max_active_conversations","code":1008}"#)
                return line.close(code: 1_008)
            }
            contexts[id] = Context()
        }
        contexts[id]?.text += message.text ?? ""
        contexts[id]?.isClosed = message.close_context == true
        if isAutomatic || message.flush == true || message.close_context == true { speak(id, line) }
        if message.close_context == true { acknowledge(id, line) }
    }

    /// Sends the audio of what the context holds, each piece at its time.
    private func speak(_ id: String, _ line: StandInLine) {
        guard var context = contexts[id] else { return }
        let text = Array(context.text.trimmingCharacters(in: .whitespaces))
        context.text = ""
        defer { contexts[id] = context }
        guard !text.isEmpty else { return }
        counts.add(\.texts)
        // Text that comes while the context speaks is spoken after it.
        var due = max(NIODeadline.now() + delays.firstAudio, context.lastPiece ?? .uptimeNanoseconds(0))
        for start in stride(from: 0, to: text.count, by: Self.charactersOfPiece) {
            let characters = text[start..<min(start + Self.charactersOfPiece, text.count)]
            let isLast = start + characters.count == text.count
            let count = characters.count * samplesOfCharacter
            let audio = Self.tone(from: context.samples, count: count) + (isLast ? Self.tail : [])
            context.samples += count
            let piece = Self.piece(id, audio, Array(characters), delays.character)
            line.at(due) { $0.send(piece) }
            due = due + SampleRate.narrowband.duration(of: audio.count) / Self.speed
        }
        context.lastPiece = due
    }

    private func acknowledge(_ id: String, _ line: StandInLine) {
        let due = max(contexts[id]?.lastPiece ?? .now(), .now())
        line.at(due) { [self] line in
            contexts[id] = nil
            line.send(JSONValue.object(["isFinal": .bool(true), "contextId": .string(id)]).text)
        }
    }

    private static func piece(_ id: String, _ audio: [UInt8], _ characters: [Character], _ each: Duration) -> String {
        let milliseconds = Int(each.milliseconds)
        let alignment: JSONValue = .object([
            "chars": .strings(characters.map { String($0) }),
            "charStartTimesMs": .array(characters.indices.map { .integer($0 * milliseconds) }),
            "charDurationsMs": .array(characters.map { _ in .integer(milliseconds) }),
        ])
        return JSONValue.object([
            "audio": .string(Data(audio).base64EncodedString()), "alignment": alignment,
            "normalizedAlignment": alignment, "contextId": .string(id),
        ]).text
    }

    /// 400 Hz at −12 dBFS, so that every 10 ms of it are four whole waves.
    static func tone(from start: Int, count: Int) -> [UInt8] { (start..<start + count).map { wave[$0 % wave.count] } }

    private static let wave: [UInt8] = (0..<20).map { place in
        MuLaw.encode(Int16((sin(Double(place) / 20 * 2 * .pi) * 11_626).rounded()))
    }

    private struct Message: Decodable {
        var text: String?
        var context_id: String?
        var flush: Bool?
        var close_context: Bool?
        var close_socket: Bool?
    }
}
