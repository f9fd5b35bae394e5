// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Names are the protocol's own.

import CallRuntime
import CallTime
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// Stands in for a chat completions endpoint: two sentences for each thing the caller said, token by token.
///
/// The reply depends on how many user messages the request has and on nothing else, so that the same request gets the
/// same answer.
struct ModelStandIn: Sendable {
    let delays: VendorDelays
    let counts: StandInCounts

    private static let replies = [
        ("Certainly, I can do that for you.", "Is there anything else about point"),
        ("Yes, that is possible this week.", "I have written it down as number"),
        ("Of course, let me note that.", "Your request has the number"),
        ("I am happy to help with that.", "It is listed here under item"),
        ("That is no problem at all.", "We will call you back about case"),
        ("Thank you for telling me.", "I have added it to your file as entry"),
    ]

    static func reply(to userMessages: Int) -> String {
        let (first, second) = replies[userMessages % replies.count]
        return "\(first) \(second) \(userMessages)."
    }

    /// Words with the space before them: about what a model's tokens are.
    static func tokens(of reply: String) -> [String] {
        reply.split(separator: " ").enumerated().map { $0 == 0 ? String($1) : " \($1)" }
    }

    func serve(_ request: StandInRequest, _ body: ByteBuffer, _ answer: StandInAnswer) {
        let began = NIODeadline.now()
        // A client opens its connection by asking for the list of models.
        guard request.method == .POST else { return answer.refuse(.ok) }
        guard request.path == "/v1/chat/completions" else {
            return answer.refuse(.notFound, #"{"error":{"message":"no such path","type":"invalid_request_error"}}"#)
        }
        guard let asked = try? JSONDecoder().decode(Asked.self, from: Data(body.readableBytesView)),
            asked.stream == true
        else {
            return answer.refuse(
                .badRequest, #"{"error":{"message":"a streamed chat completion","type":"invalid_request_error"}}"#)
        }
        counts.add(\.replies)
        let turn = asked.messages.count { $0.role == "user" }
        let tokens = Self.tokens(of: Self.reply(to: turn))
        let head =
            #"{"id":"stand-in-\#(turn)","object":"chat.completion.chunk","created":1,"model":"stand-in","choices":"#
        for (place, token) in tokens.enumerated() {
            let due =
                began + delays.firstToken
                + .nanoseconds(Int64(place) * 1_000_000_000 / Int64(delays.tokensPerSecond))
            answer.at(due) { answer in
                if place == 0 {
                    answer.begin(
                        .ok, ["Content-Type": "text/event-stream; charset=utf-8", "Transfer-Encoding": "chunked"])
                    answer.write(Self.event(head, #"{"role":"assistant","content":""}"#))
                }
                answer.write(Self.event(head, #"{"content":\#(JSONValue.string(token).text)}"#))
                guard place == tokens.count - 1 else { return }
                var end = Self.event(head, "{}", finish: #""stop""#)
                if asked.stream_options?.include_usage == true {
                    let prompt = asked.messages.count * 20
                    end +=
                        "data: \(head)[],\"usage\":{\"prompt_tokens\":\(prompt),\"completion_tokens\":\(tokens.count),"
                        + "\"total_tokens\":\(prompt + tokens.count)}}\n\n"
                }
                answer.write(end + "data: [DONE]\n\n")
                answer.end()
            }
        }
    }

    private static func event(_ head: String, _ delta: String, finish: String = "null") -> String {
        "data: \(head)[{\"index\":0,\"delta\":\(delta),\"finish_reason\":\(finish)}],\"usage\":null}\n\n"
    }

    private struct Asked: Decodable {
        struct Message: Decodable { var role: String }
        struct Options: Decodable { var include_usage: Bool? }
        var messages: [Message]
        var stream: Bool?
        var stream_options: Options?
    }
}
