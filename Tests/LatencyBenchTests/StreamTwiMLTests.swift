import Telephony
import Testing

@testable import LatencyBench

struct StreamTwiMLTests {
    private func read(_ text: String) -> Result<StreamTwiML, StreamTwiML.Failure> {
        do throws(StreamTwiML.Failure) { return .success(try StreamTwiML(parsing: Array(text.utf8))) } catch {
            return .failure(error)
        }
    }

    private func reason(_ text: String) -> StreamTwiML.Failure.Reason? {
        if case .failure(let failure) = read(text) { failure.reason } else { nil }
    }

    private func inside(_ text: String) -> String { "<Response><Connect>\(text)</Connect></Response>" }

    @Test func ourOwnTwiMLIsRead() throws {
        let document = TwiML(
            .say("One & <two>"),
            .connectStream(
                url: "wss://voice.example.com/media", parameters: ["token": "a&b\"<>'\n", "note": ""],
                action: "https://voice.example.com/after"), .hangup)
        let stream = try StreamTwiML(parsing: Array(document.text.utf8))
        #expect(stream.url == "wss://voice.example.com/media")
        #expect(stream.parameters == [.init(name: "token", value: "a&b\"<>'\n"), .init(name: "note", value: "")])
    }

    @Test func otherPeoplesLayoutIsRead() {
        let text = """
            \u{FEFF}<?xml version='1.0'?>
            <!-- <Stream url="no"/> -->
            <Response >
              <Say><![CDATA[<Stream url="no"/> & more]]> caf&#xe9; &#233;</Say>
              <Connect><Stream name = 'x' url='wss://h/p?q=1&amp;r=2'>
                <Parameter name="a" value="1" /><Parameter name="b"/>
                <Other><Parameter name="c" value="no"/></Other>
              </Stream></Connect>
              <Connect><Stream url="second"><Parameter name="d" value="no"/></Stream></Connect>
            </Response>

            """
        #expect(
            read(text)
                == .success(
                    StreamTwiML(
                        url: "wss://h/p?q=1&r=2",
                        parameters: [.init(name: "a", value: "1"), .init(name: "b", value: "")])))
    }

    @Test func aCallThatIsNotConnectedToAStreamSaysSo() {
        #expect(reason("<Response/>") == .noStream)
        #expect(reason("<Response><Say>All lines are busy.</Say><Hangup/></Response>") == .noStream)
        #expect(reason("<Response><Start><Stream url='wss://h'/></Start></Response>") == .noStream)
        #expect(reason(inside("<Stream/>")) == .noStream)
        #expect(reason("") == .noStream)
    }

    @Test func documentTypesAndEntitiesAreRefused() {
        #expect(reason("<!DOCTYPE r [<!ENTITY a 'b'>]>" + inside("<Stream url='&a;'/>")) == .documentType)
        #expect(reason(inside("<Stream url='&a;'/>")) == .unknownEntity)
        #expect(reason(inside("<Stream url='&#0;'/>")) == .unknownEntity)
        #expect(reason(inside("<Stream url='&#xD800;'/>")) == .unknownEntity)
        #expect(reason(inside("<Stream url='&#+65;'/>")) == .unknownEntity)
        #expect(reason(inside("<Stream url='&amp'/>")) == .unknownEntity)
    }

    @Test func whatIsNotWellFormedIsRefused() {
        for text in [
            "<Response>", "<Response><Connect></Response></Connect>", "<Other/>", "text", "<Response/>text",
            "<Response/><Response/>", "<Response", "<Response><", "<Response a=1/>", "<Response a='1'b='2'/>",
            "<Response a='1' a='2'/>", "<Response a='<'/>", "<Response a='1/>", "<Response><!-- </Response>",
            "</Response>",
            "<Response></Response>&amp;x", "< Response/>", "<Response><![CDATA[</Response>", "<?xml",
        ] {
            #expect(reason(text) == .malformed, "\(text)")
        }
    }

    @Test func sizeAndDepthAreBounded() {
        #expect(reason(String(repeating: " ", count: StreamTwiML.mostBytes + 1)) == .tooLong)
        let deep = String(repeating: "<a>", count: 20) + String(repeating: "</a>", count: 20)
        #expect(reason("<Response>\(deep)</Response>") == .tooDeep)
        #expect((try? StreamTwiML(parsing: [0x3C, 0xFF])) == nil)
    }

    @Test func aDocumentCutAnywhereIsRefusedAndCrashesNothing() {
        let whole = Array(inside("<Stream url='wss://h'><Parameter name='a' value='&lt;'/></Stream>").utf8)
        for end in whole.indices {
            #expect((try? StreamTwiML(parsing: Array(whole[..<end]))) == nil, "\(end)")
        }
        #expect((try? StreamTwiML(parsing: whole)) != nil)
    }

    @Test func theStreamIsDialledWhereTheWebhookIsOrWhereItSays() throws {
        let twiML = StreamTwiML(url: "wss://public.example.com/media?drop=1", parameters: [])
        let local = try VoiceWebhook(url: "http://127.0.0.1:99/voice").stream(twiML, dialsOwnHost: true)
        #expect(local.address == "ws://127.0.0.1:99/media")
        #expect(local.url == "wss://public.example.com/media")
        let elsewhere = try VoiceWebhook(url: "https://h/voice").stream(twiML, dialsOwnHost: false)
        #expect(elsewhere.address == "wss://public.example.com/media")
        let relative = try VoiceWebhook(url: "https://h/voice").stream(
            StreamTwiML(url: "/media", parameters: []), dialsOwnHost: false)
        #expect(relative.address == "wss://h/media")
        #expect(throws: BenchFailure.self) {
            try VoiceWebhook(url: "https://h/voice").stream(
                StreamTwiML(url: "https://h/media", parameters: []), dialsOwnHost: false)
        }
    }
}

struct StreamMessageTests {
    private func read(_ text: String) -> StreamCommand? { StreamCommand(Array(text.utf8)) }

    @Test func whatAServerSendsIsRead() {
        var bytes: [UInt8] = []
        TwilioOutbound.media(streamSID: "MZ1", payload: ([1, 2, 255] as [UInt8]).span, to: &bytes)
        #expect(StreamCommand(bytes) == .media([1, 2, 255]))
        bytes = []
        TwilioOutbound.mark(streamSID: "MZ1", name: "a\"é", to: &bytes)
        #expect(StreamCommand(bytes) == .mark("a\"é"))
        bytes = []
        TwilioOutbound.clear(streamSID: "MZ1", to: &bytes)
        #expect(StreamCommand(bytes) == .clear)
    }

    @Test func membersComeInAnyOrderAndUnknownOnesArePassedOver() {
        let text =
            #" { "x" : [1, {"event":"clear"}, [], -1.5e3, null], "media":{"a":{},"payload":"\/w=="} ,"event":"media"} "#
        #expect(read(text) == .media([255]))
        #expect(read(#"{"event":"later"}"#) == .other)
    }

    @Test func whatTheCarrierWouldNotUnderstandIsNotRead() {
        for text in [
            "", "{}", "[]", #"{"event":1}"#, #"{"event":"media"}"#, #"{"event":"media","media":{"payload":"a"}}"#,
            #"{"event":"media","media":{"payload":"?==="}}"#, #"{"event":"mark"}"#, #"{"event":"mark","mark":{}}"#,
            #"{"event":"clear"}}"#, #"{"event":"clear",}"#, #"{"event":"clear"} x"#, #"{"event":"clear""#,
            "{\"event\":\"a\nb\"}",
            #"{"a":"# + String(repeating: "[", count: 100) + String(repeating: "]", count: 100) + "}",
        ] {
            #expect(read(text) == nil, "\(text)")
        }
    }

    @Test func ourReaderUnderstandsWhatTheCallerSends() throws {
        var text = StreamText(streamSID: "MZ1", callSID: "CA1", accountSID: "AC1")
        var payload: [UInt8] = []
        func message(_ text: String) throws -> TwilioMessage {
            try TwilioMessage.read(Array(text.utf8).span, payload: &payload)
        }
        #expect(try message(StreamText.connected) == .connected)
        let start = try message(text.start([.init(name: "token", value: "a\"b")]))
        #expect(
            start
                == .start(
                    TwilioStart(
                        streamSID: "MZ1", callSID: "CA1", accountSID: "AC1",
                        customParameters: [.init(name: "token", value: "a\"b")])))
        let media = try message(text.media([UInt8](repeating: 9, count: 160), timestampMs: 40))
        #expect(media == .media(TwilioMedia(timestampMs: 40, sequenceNumber: 2, chunk: 1, isInbound: true)))
        #expect(payload == [UInt8](repeating: 9, count: 160))
        let mark = try message(text.mark("1.2"))
        #expect(mark == .mark(name: "1.2"))
        let stop = try message(text.stop())
        #expect(stop == .stop)
    }
}
