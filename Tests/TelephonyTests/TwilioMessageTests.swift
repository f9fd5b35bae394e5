import Telephony
import TestSupport
import Testing

@Suite struct TwilioMessageTests {
    private func message(_ text: String) throws -> TwilioMessage { try TwilioSamples.read(text).0 }

    private func failure(_ text: String) -> TwilioMessageError? {
        do throws(TwilioMessageError) {
            _ = try TwilioSamples.read(text)
            return nil
        } catch {
            return error
        }
    }

    // MARK: What Twilio sends

    @Test func theFirstMessageIsConnected() throws {
        #expect(try message(TwilioSamples.connected) == .connected)
    }

    @Test func aStartSaysWhoseCallItIsAndWhatTheStreamCarries() throws {
        let start = TwilioStart(
            streamSID: "MZ1", callSID: "CA1", accountSID: "AC1", encoding: "audio/x-mulaw", sampleRateHz: 8_000,
            channels: 1, tracks: ["inbound"],
            customParameters: [.init(name: "token", value: "9fé"), .init(name: "agent", value: "a \"b\"")])
        #expect(try message(TwilioSamples.start) == .start(start))
        #expect(start.parameter("agent") == "a \"b\"")
        #expect(start.parameter("nobody") == nil)
    }

    @Test func aMediaMessageGivesItsBytesAndItsPlace() throws {
        let (message, payload) = try TwilioSamples.read(TwilioSamples.media)
        let place = TwilioMedia(timestampMs: 4_640, sequenceNumber: 234, chunk: 233, isInbound: true)
        #expect(message == .media(place))
        #expect(payload == [UInt8](repeating: 0xFF, count: 160))
    }

    @Test func aKeyAMarkAndTheEndAreRead() throws {
        #expect(try message(TwilioSamples.dtmf) == .dtmf(digit: "#"))
        #expect(try message(TwilioSamples.mark) == .mark(name: "1.1"))
        #expect(try message(TwilioSamples.stop) == .stop)
    }

    @Test func anEventNobodyHasHeardOfIsNamed() throws {
        #expect(try message(TwilioSamples.strange) == .unknown(event: "later"))
    }

    // MARK: Other ways to write the same

    @Test func theEventMayComeLast() throws {
        let (message, payload) = try TwilioSamples.read(
            #"{"media":{"payload":"AAEC","timestamp":"20"},"sequenceNumber":"3","event":"media"}"#)
        #expect(message == .media(.init(timestampMs: 20, sequenceNumber: 3, chunk: 0, isInbound: true)))
        #expect(payload == [0, 1, 2])
    }

    @Test func numbersMayBeNumbersOrStrings() throws {
        let (message, _) = try TwilioSamples.read(
            #"{"event":"media","sequenceNumber":7,"media":{"payload":"","timestamp":140,"chunk":6,"track":"outbound"}}"#
        )
        #expect(message == .media(.init(timestampMs: 140, sequenceNumber: 7, chunk: 6, isInbound: false)))
    }

    @Test func whiteSpaceMayBeAnywhere() throws {
        let text = " \n{ \"event\" :\t\"mark\" , \"mark\" : { \"name\" : \"1.1\" } }\r\n"
        #expect(try message(text) == .mark(name: "1.1"))
    }

    @Test func escapesInStringsAreResolved() throws {
        let text = #"{"event":"mark","mark":{"name":"\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00é"}}"#
        #expect(try message(text) == .mark(name: "\"\\/\u{8}\u{C}\n\r\tAé😀é"))
    }

    @Test func slashesOfThePayloadMayBeEscaped() throws {
        let text = TwilioSamples.media.replacing("/", with: "\\/")
        #expect(try TwilioSamples.read(text).1 == [UInt8](repeating: 0xFF, count: 160))
    }

    @Test func aPayloadNeedsNoPadding() throws {
        let text = TwilioSamples.media.replacing("=", with: "")
        #expect(try TwilioSamples.read(text).1 == [UInt8](repeating: 0xFF, count: 160))
    }

    @Test func nullIsAsGoodAsNothing() throws {
        let text = #"{"event":"media","sequenceNumber":null,"media":{"payload":"AA","timestamp":"0","track":null}}"#
        #expect(try message(text) == .media(.init(timestampMs: 0, sequenceNumber: 0, chunk: 0, isInbound: true)))
    }

    @Test func theStreamMayBeNamedOutsideTheStartAlone() throws {
        let text = TwilioSamples.start.replacing(#""streamSid":"MZ1","callSid""#, with: #""callSid""#)
        guard case .start(let start) = try message(text) else { throw TwilioMessageError(.missing, at: 0) }
        #expect(start.streamSID == "MZ1")
    }

    // MARK: What is refused

    @Test func errorsSayWhatIsWrongAndWhere() {
        let mediaHead = #"{"event":"media","media":{"timestamp":"0","payload":"#
        let table: [(String, TwilioMessageError.Reason, Int)] = [
            ("", .malformed, 0),
            ("[]", .malformed, 0),
            ("{\"event\":\"stop\"", .malformed, 15),
            ("{\"event\":\"stop\"}x", .malformed, 16),
            ("{\"event\":\"stop\",}", .malformed, 16),
            ("{\"event\" \"stop\"}", .malformed, 9),
            ("{\"event\":\"st\u{1}p\"}", .malformed, 12),
            ("{\"event\":nil}", .malformed, 9),
            ("{\"event\":-}", .malformed, 10),
            ("{}", .missing, 2),
            ("{\"event\":null}", .missing, 14),
            ("{\"event\":true}", .wrongType, 13),
            ("{\"event\":{}}", .wrongType, 9),
            ("{\"event\":\"stop\",\"media\":[]}", .wrongType, 24),
            ("{\"event\":\"later\\q\"}", .malformed, 16),
            ("{\"event\":\"\\ud83d\"}", .badText, 12),
            ("{\"event\":\"\\udc00\"}", .badText, 12),
            ("{\"event\":\"\\u12x4\"}", .malformed, 14),
            ("{\"event\":\"mark\"}", .missing, 16),
            ("{\"event\":\"media\",\"media\":{\"payload\":\"AA==\"}}", .missing, 44),
            ("{\"event\":\"media\",\"media\":{\"timestamp\":\"2x\"}}", .badNumber, 40),
            ("{\"event\":\"media\",\"media\":{\"timestamp\":\"\"}}", .badNumber, 39),
            ("{\"event\":\"media\",\"media\":{\"timestamp\":1234567890123456789}}", .badNumber, 38),
            (mediaHead + "\"A\"}}", .badBase64, 53),
            (mediaHead + "\"AA-A\"}}", .badBase64, 55),
            (mediaHead + "\"AAAAA=A\"}}", .badBase64, 58),
            (mediaHead + "\"AA AAA\"}}", .badBase64, 55),
            (mediaHead + "\"====\"}}", .badBase64, 53),
        ]
        for (text, reason, offset) in table {
            #expect(failure(text) == TwilioMessageError(reason, at: offset), "\(text)")
        }
    }

    @Test func sixteenLevelsAreReadAndSeventeenAreNot() throws {
        // The message itself is one level.
        func nested(_ levels: Int) -> String {
            "{\"event\":\"stop\",\"x\":" + String(repeating: "[", count: levels - 1)
                + String(repeating: "]", count: levels - 1) + "}"
        }
        #expect(try message(nested(16)) == .stop)
        #expect(failure(nested(17)) == TwilioMessageError(.tooDeep, at: 35))
    }

    @Test func sixtyFourKilobytesAreReadAndOneByteMoreIsNot() throws {
        func padded(_ count: Int) -> String {
            "{\"event\":\"stop\"}" + String(repeating: " ", count: count - 16)
        }
        #expect(try message(padded(65_536)) == .stop)
        #expect(failure(padded(65_537)) == TwilioMessageError(.tooLong, at: 65_536))
    }

    @Test func textThatIsNotUTF8IsRefused() {
        var bytes = Array(TwilioSamples.mark.utf8)
        bytes[bytes.count - 6] = 0xC3
        var payload: [UInt8] = []
        #expect(throws: TwilioMessageError.self) { try TwilioSamples.read(bytes, &payload) }
    }

    @Test func anErrorQuotesNothingOfTheMessage() throws {
        let error = try #require(failure(#"{"event":"secret" "#))
        #expect(error.description == "media stream message: malformed at byte 18")
    }

    // MARK: Hostile input

    @Test func everyTruncationIsAnError() async {
        for sample in TwilioSamples.all {
            let bytes = Array(sample.utf8)
            var payload: [UInt8] = []
            for length in 0..<bytes.count {
                #expect(throws: TwilioMessageError.self, "\(sample.prefix(length))") {
                    try TwilioSamples.read(Array(bytes[..<length]), &payload)
                }
                await Task.yield()
            }
        }
    }

    /// The reader comes back with a message or an error, whichever, and an error's place is in the message.
    private func survives(_ bytes: [UInt8]) -> Bool {
        var payload: [UInt8] = []
        do throws(TwilioMessageError) {
            _ = try TwilioSamples.read(bytes, &payload)
            return payload.count <= bytes.count
        } catch {
            return 0...bytes.count ~= error.offset
        }
    }

    @Test func anyByteMayBeAnyOther() async {
        for sample in TwilioSamples.all {
            var bytes = Array(sample.utf8)
            // Every byte by every other, but only each eighth one of the long payload.
            for place in bytes.indices where bytes.count < 300 || place < 150 || place % 8 == 0 {
                let kept = bytes[place]
                for value in UInt8.min...UInt8.max {
                    bytes[place] = value
                    if !survives(bytes) { Issue.record("\(sample): byte \(place) is \(value)") }
                }
                bytes[place] = kept
                // Tests with sockets wait for a thread meanwhile.
                await Task.yield()
            }
        }
    }

    @Test func randomBytesAndRandomPiecesNeverStopTheReader() async {
        var random = SplitMix64(seed: 20_260)
        let pieces = [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "event", "\"media\"", "-1e9", "null", " ", "\u{7F}",
        ]
        for round in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int(random.next() % 40) {
                if round % 2 == 0 {
                    bytes.append(UInt8(truncatingIfNeeded: random.next()))
                } else {
                    bytes += Array(pieces[Int(random.next() % UInt64(pieces.count))].utf8)
                }
            }
            if !survives(bytes) { Issue.record("round \(round): \(bytes)") }
            if round % 100 == 0 { await Task.yield() }
        }
    }

    // MARK: Cost

    @Test(.enabled(if: canCountAllocations))
    func aMediaMessageOfTheUsualSizeAllocatesNothing() {
        let bytes = Array(TwilioSamples.media.utf8)
        #expect(bytes.count == 379)
        var payload: [UInt8] = []
        var messages = 0
        var counts = AllocationCounts.none
        for pass in 0..<2 {
            counts = countingAllocations {
                for _ in 0..<(pass == 0 ? 1 : 1_000) {
                    if case .media = try? TwilioMessage.read(bytes.span, payload: &payload) { messages += 1 }
                }
            }
        }
        #expect(messages == 1_001)
        #expect(counts == .none)
    }
}
