import Foundation
import Logging
import NIOHTTP1
import Providers
import Synchronization
import Testing

@testable import Server

/// What a log must not say: keys, phone numbers, what was said.
@Suite struct PrivacyTests {
    private final class Lines: Sendable {
        private let lines = Mutex("")
        var text: String { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0 += line } }
    }

    private func logger(_ lines: Lines, isJSON: Bool, keepsNumbers: Bool = false) -> Logger {
        let redaction = Redaction(
            secrets: [PhoneRig.authToken, PhoneRig.apiToken, "planted-openai-key"], keepsNumbers: keepsNumbers)
        var logger = Logger(label: "parley") { label in
            LineLogHandler(label: label, level: .trace, isJSON: isJSON, redaction: redaction, write: { lines.add($0) })
        }
        logger.logLevel = .trace
        return logger
    }

    /// A call in, with an answer, an order, a refused request and an end; everything at trace level.
    private func wholeCall(_ lines: Lines, isJSON: Bool, keepsNumbers: Bool = false) async throws {
        let flags = ["log-level": "trace"].merging(keepsNumbers ? ["insecure-log-private": "true"] : [:]) { $1 }
        try await withPhone(
            flags: flags, environment: ["OPENAI_API_KEY": "planted-openai-key"], hears: "My secret is marmalade.",
            model: StubModel { _ in [.text("Rhubarb it is. "), .finished(.stop)] },
            logger: logger(lines, isJSON: isJSON, keepsNumbers: keepsNumbers)
        ) { rig in
            let stream = try await rig.carrier.call("CA1")
            let id = try rig.onlyCall.id
            try await stream.heard(900)
            stream.say(FakeVoice.speech(milliseconds: 800))
            try await eventually("the answer in the transcript") {
                try await rig.operate(.GET, "/v1/calls/\(id)").body.contains("Rhubarb")
            }
            rig.rest.refuse(with: 400)
            _ = try await rig.operate(.POST, "/v1/calls", body: #"{"to": "+15550100009"}"#)
            _ = try await rig.carrier.post("/twilio/voice?To=%2B15550100005", [:], signature: PhoneRig.authToken)
            stream.hangUp()
            _ = try await rig.outcome(of: id)
        }
    }

    @Test(arguments: [false, true])
    func aWholeCallAtTraceLevelTellsNothingPrivate(_ isJSON: Bool) async throws {
        let lines = Lines()
        try await wholeCall(lines, isJSON: isJSON)
        let text = lines.text
        #expect(text.contains("call began") && text.contains("call ended") && text.contains("trace"))
        for planted in [
            PhoneRig.authToken, PhoneRig.apiToken, "planted-openai-key", "15550100005", "15550100001", "15550100009",
            "marmalade", "Rhubarb", "Hello from",
        ] {
            let line = text.split(separator: "\n").first { $0.contains(planted) }
            #expect(line == nil, "\(planted)")
        }
        if isJSON {
            for line in text.split(separator: "\n") {
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
            }
        }
    }

    @Test func withPrivateLoggingTheNumbersAreThereAndKeysAreNot() async throws {
        let lines = Lines()
        try await wholeCall(lines, isJSON: false, keepsNumbers: true)
        #expect(lines.text.contains("from=+15550100005"))
        #expect(lines.text.contains("to=+15550100001"))
        for planted in [PhoneRig.authToken, PhoneRig.apiToken, "planted-openai-key"] {
            #expect(!lines.text.contains(planted))
        }
    }

    @Test func numbersAreMaskedWhereverTheyStand() {
        let redaction = Redaction(secrets: [], keepsNumbers: false)
        #expect(redaction.clean("from +15550100005, to=15550100001.") == "from +15*******05, to=15*******01.")
        #expect(redaction.clean("CA15550100005 port 8080") == "CA15550100005 port 8080")
    }

    @Test func aKeyIsTakenOutInsideOtherText() {
        let redaction = Redaction(secrets: ["abcd", "abcdef", "x"], keepsNumbers: true)
        #expect(redaction.clean("url?key=abcdef&x=abcd") == "url?key=***&x=***")
    }

    @Test func aLineBreakInAMessageMakesNoSecondLine() {
        let lines = Lines()
        logger(lines, isJSON: false).info("one\ntwo\rthree", metadata: ["a": "b\nc"])
        #expect(lines.text.split(separator: "\n").count == 1)
    }
}
