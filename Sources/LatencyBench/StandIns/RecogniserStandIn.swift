import CallRuntime
import CallTime
import Foundation
import NIOCore
import NIOFoundationCompat

/// Stands in for Deepgram's live transcription, v1: hears that somebody speaks, and knows nothing of words.
///
/// Speech is what is above −45 dBFS; the n-th stretch of it is understood as "caller sentence n." It is told as an
/// interim result after each 300 ms of speech, and as a final one a fixed time after `Finalize`, or after the silence
/// that the query's `endpointing` names.
final class RecogniserStandIn: StandInSocket {
    /// The vendor closes a connection that says nothing.
    static let idle = TimeAmount.seconds(10)
    /// Frames of 10 ms.
    private static let interimFrames = 30

    private let delays: VendorDelays
    private let counts: StandInCounts
    /// Silence that ends a stretch, in samples; nil: none does.
    private let endpointing: Int?
    private var pending: [UInt8] = []
    private var heard = 0
    /// The stretch that has no final result yet.
    private var speech: Range<Int>?
    private var voicedFrames = 0
    private var sentences = 0
    private var finalEnd = 0
    private var lastHeard = NIODeadline.now()
    private var isWatched = false

    /// nil: the query asks for something else than mu-law of 8 kHz.
    init?(_ request: StandInRequest, _ delays: VendorDelays, _ counts: StandInCounts) {
        guard request.path == "/v1/listen", request.query["encoding"] == "mulaw",
            request.query["sample_rate"] == "8000", request.headers.contains(name: "Authorization")
        else { return nil }
        self.delays = delays
        self.counts = counts
        endpointing =
            request.query["endpointing"] == "false" ? nil : (Int(request.query["endpointing"] ?? "") ?? 10) * 8
    }

    func received(text: ByteBuffer, _ line: StandInLine) {
        watch(line)
        guard let message = JSONValue(String(buffer: text)), case .string(let type) = message["type"] else {
            return line.close(code: 1_008)
        }
        switch type {
        case "Finalize":
            finish(line, cause: .finalize)
        case "CloseStream":
            if speech != nil { finish(line, cause: .close) }
            let duration = Double(heard) / 8_000
            line.at(.now() + delays.transcript) { line in
                let metadata: JSONValue = .object([
                    "type": .string("Metadata"), "transaction_key": .string("deprecated"), "request_id": .string("stand-in"),
                    "duration": .number(duration), "channels": .integer(1),
                ])
                line.send(metadata.text)
                line.close(code: 1_000)
            }
        // `KeepAlive`, and what the vendor may learn one day.
        default: break
        }
    }

    func received(binary: ByteBuffer, _ line: StandInLine) {
        watch(line)
        // As the vendor does with a message without audio.
        guard binary.readableBytes > 0 else { return line.close(code: 1_000) }
        pending += binary.readableBytesView
        var place = 0
        while pending.count - place >= VoicedSpans.frame {
            hear(pending[place..<place + VoicedSpans.frame], line)
            place += VoicedSpans.frame
        }
        pending.removeFirst(place)
    }

    private func hear(_ frame: ArraySlice<UInt8>, _ line: StandInLine) {
        let begin = heard
        heard += frame.count
        if VoicedSpans.isVoiced(frame) {
            if speech == nil {
                sentences += 1
                voicedFrames = 0
            }
            speech = (speech?.lowerBound ?? begin)..<heard
            voicedFrames += 1
            if voicedFrames % Self.interimFrames == 0 { line.send(result(finalEnd..<heard, speech, .interim)) }
        } else if let speech, let endpointing, heard - speech.upperBound >= endpointing {
            finish(line, cause: .endpoint)
        }
    }

    private enum Cause { case interim, endpoint, finalize, close }

    /// What was heard so far is final; it is told after the delay.
    private func finish(_ line: StandInLine, cause: Cause) {
        let text = result(finalEnd..<heard, speech, cause)
        if speech != nil { counts.add(\.transcripts) }
        finalEnd = heard
        speech = nil
        line.at(.now() + delays.transcript) { $0.send(text) }
    }

    private func result(_ range: Range<Int>, _ speech: Range<Int>?, _ cause: Cause) -> String {
        let words = speech.map { self.words(in: $0) } ?? []
        let alternative: JSONValue = .object([
            "transcript": .string(words.map(\.text).joined(separator: " ")), "confidence": .number(0.99),
            "words": .array(words.map(\.json)),
        ])
        return JSONValue.object([
            "type": .string("Results"), "channel_index": .array([.integer(0), .integer(1)]),
            "start": .number(Double(range.lowerBound) / 8_000), "duration": .number(Double(range.count) / 8_000),
            "is_final": .bool(cause != .interim), "speech_final": .bool(cause == .endpoint),
            "from_finalize": .bool(cause == .finalize),
            "channel": .object(["alternatives": .array([alternative])]),
            "metadata": .object(["request_id": .string("stand-in")]),
        ]).text
    }

    private struct Word {
        var text: String
        var json: JSONValue
    }

    /// Three words that share the stretch.
    private func words(in speech: Range<Int>) -> [Word] {
        ["caller", "sentence", "\(sentences)."].enumerated().map { place, text in
            let begin = speech.lowerBound + speech.count * place / 3
            let end = speech.lowerBound + speech.count * (place + 1) / 3
            return Word(
                text: text,
                json: .object([
                    "word": .string(text.filter { $0 != "." }), "punctuated_word": .string(text),
                    "start": .number(Double(begin) / 8_000), "end": .number(Double(end) / 8_000),
                    "confidence": .number(0.99),
                ]))
        }
    }

    /// Notes that something came, and closes with 1011 when nothing more does for too long.
    private func watch(_ line: StandInLine) {
        lastHeard = .now()
        guard !isWatched else { return }
        isWatched = true
        checkLater(line)
    }

    private func checkLater(_ line: StandInLine) {
        line.at(lastHeard + Self.idle) { [self] line in
            if .now() - lastHeard >= Self.idle { line.close(code: 1_011) } else { checkLater(line) }
        }
    }
}
