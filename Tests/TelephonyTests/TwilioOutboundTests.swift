import Telephony
import TestSupport
import Testing

@Suite struct TwilioOutboundTests {
    private func text(_ body: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        body(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func audioIsSentInTheShapeTwilioAsksFor() {
        let silence = [UInt8](repeating: 0xFF, count: 160)
        let sent = text { TwilioOutbound.media(streamSID: "MZ1", payload: silence.span, to: &$0) }
        #expect(
            sent == "{\"event\":\"media\",\"streamSid\":\"MZ1\",\"media\":{\"payload\":\"\(TwilioSamples.silence)\"}}")
    }

    @Test func aMarkAndAClearAreSentInTheShapeTwilioAsksFor() {
        let mark = text { TwilioOutbound.mark(streamSID: "MZ1", name: "7.3", to: &$0) }
        #expect(mark == #"{"event":"mark","streamSid":"MZ1","mark":{"name":"7.3"}}"#)
        let clear = text { TwilioOutbound.clear(streamSID: "MZ1", to: &$0) }
        #expect(clear == #"{"event":"clear","streamSid":"MZ1"}"#)
    }

    @Test func identifiersFromOutsideCannotBreakTheMessage() throws {
        let name = "a\"b\\c\n\u{1}é😀"
        let mark = text { TwilioOutbound.mark(streamSID: "M\"Z", name: name, to: &$0) }
        #expect(mark == #"{"event":"mark","streamSid":"M\"Z","mark":{"name":"a\"b\\c\u000a\u0001é😀"}}"#)
        #expect(try TwilioSamples.read(mark).0 == .mark(name: name))
    }

    @Test func whatIsSentIsReadBackForEveryLength() throws {
        var random = SplitMix64(seed: 4)
        for length in 0...200 {
            let audio = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let sent = text { TwilioOutbound.media(streamSID: "MZ1", payload: audio.span, to: &$0) }
            // What goes out has no timestamp; what comes in needs one.
            let received = sent.replacing("\"media\":{", with: "\"media\":{\"timestamp\":\"0\",")
            #expect(try TwilioSamples.read(received).1 == audio, "\(length) bytes")
        }
    }

    @Test func messagesAreAppended() {
        let both = text { bytes in
            TwilioOutbound.clear(streamSID: "A", to: &bytes)
            TwilioOutbound.clear(streamSID: "B", to: &bytes)
        }
        #expect(both == #"{"event":"clear","streamSid":"A"}{"event":"clear","streamSid":"B"}"#)
    }

    @Test(.enabled(if: canCountAllocations))
    func audioIsWrittenIntoReservedRoomWithoutAnAllocation() {
        let audio = [UInt8](repeating: 0x55, count: 160)
        let streamSID = "MZ0123456789abcdef0123456789abcdef"
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1_024)
        var counts = AllocationCounts.none
        for _ in 0..<2 {
            counts = countingAllocations {
                for _ in 0..<100 {
                    bytes.removeAll(keepingCapacity: true)
                    TwilioOutbound.media(streamSID: streamSID, payload: audio.span, to: &bytes)
                }
            }
        }
        #expect(counts == .none)
        #expect(bytes.count == 305)
    }
}
