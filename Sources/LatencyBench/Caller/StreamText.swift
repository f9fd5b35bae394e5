import CallRuntime
import Foundation

/// What the carrier says on a media stream, message by message.
struct StreamText {
    let streamSID: String
    let callSID: String
    let accountSID: String
    private var sequenceNumber = 0
    private var chunk = 0

    init(streamSID: String, callSID: String, accountSID: String) {
        self.streamSID = streamSID
        self.callSID = callSID
        self.accountSID = accountSID
    }

    static let connected = #"{"event":"connected","protocol":"Call","version":"1.0.0"}"#

    mutating func start(_ parameters: [StreamTwiML.Parameter]) -> String {
        let start: JSONValue = .object([
            "streamSid": .string(streamSID), "accountSid": .string(accountSID), "callSid": .string(callSID),
            "tracks": .strings(["inbound"]),
            "mediaFormat": .object([
                "encoding": .string("audio/x-mulaw"), "sampleRate": .integer(8_000), "channels": .integer(1),
            ]),
            "customParameters": .object(parameters.map { JSONValue.Member(name: $0.name, value: .string($0.value)) }),
        ])
        return message("start", ["start": start])
    }

    /// 20 ms of the caller's audio, mu-law. Without a JSON tree, as it is made fifty times a second and call.
    mutating func media(_ audio: [UInt8], timestampMs: Int) -> String {
        sequenceNumber += 1
        chunk += 1
        return #"{"event":"media","sequenceNumber":"\#(sequenceNumber)","media":{"track":"inbound","chunk":"\#(chunk)","#
            + #""timestamp":"\#(timestampMs)","payload":"\#(Data(audio).base64EncodedString())"},"#
            + #""streamSid":"\#(streamSID)"}"#
    }

    mutating func mark(_ name: String) -> String { message("mark", ["mark": .object(["name": .string(name)])]) }

    mutating func stop() -> String {
        message("stop", ["stop": .object(["accountSid": .string(accountSID), "callSid": .string(callSID)])])
    }

    private mutating func message(_ event: String, _ body: KeyValuePairs<String, JSONValue>) -> String {
        sequenceNumber += 1
        let head: [JSONValue.Member] = [
            .init(name: "event", value: .string(event)),
            .init(name: "sequenceNumber", value: .string("\(sequenceNumber)")),
        ]
        let rest = body.map { JSONValue.Member(name: $0.key, value: $0.value) }
        return JSONValue.object(head + rest + [.init(name: "streamSid", value: .string(streamSID))]).text
    }
}
