// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Names are the protocol's own.

import Foundation
import NIOCore
import NIOFoundationCompat

/// One message of `/v1/listen` or `/v2/listen`, as far as we use it.
enum DeepgramMessage: Decodable {
    case result(Result)
    case connected
    case turn(Turn)
    /// Flux ends the stream after it.
    case fatal
    /// A kind we have no use for, or do not know.
    case other

    struct Word: Decodable {
        var word: String
        var punctuated_word: String?
        var start: Double?
        var end: Double?
        var confidence: Double?
    }

    /// Seconds count from the connection's first byte.
    struct Result: Decodable {
        struct Channel: Decodable {
            var alternatives: [Alternative]
        }
        struct Alternative: Decodable {
            var transcript: String
            var confidence: Double?
            var words: [Word]?
        }
        var start: Double
        var duration: Double
        var is_final: Bool?
        var speech_final: Bool?
        var from_finalize: Bool?
        var channel: Channel

        var isFinal: Bool { is_final == true || speech_final == true || from_finalize == true }
    }

    struct Turn: Decodable {
        var event: String
        var turn_index: Int
        var audio_window_start: Double
        var audio_window_end: Double
        /// All of the turn so far.
        var transcript: String
        var words: [Word]?
    }

    private enum Key: String, CodingKey { case type }

    init(from decoder: any Decoder) throws {
        switch try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .type) {
        case "Results": self = .result(try Result(from: decoder))
        case "Connected": self = .connected
        case "TurnInfo": self = .turn(try Turn(from: decoder))
        case "Error": self = .fatal
        default: self = .other
        }
    }

    /// Nil: not a message of the protocol.
    init?(_ bytes: ByteBuffer, with decoder: JSONDecoder) {
        guard let message = try? decoder.decode(DeepgramMessage.self, from: bytes) else { return nil }
        self = message
    }
}
