import Telephony
import Testing

@Suite struct TwiMLTests {
    private func body(_ verbs: TwiML.Verb...) -> String {
        String(TwiML(verbs).text.dropFirst("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".count).dropLast())
    }

    @Test func aStreamIsConnectedAndTheCallEndsWithIt() {
        let document = TwiML(
            .connectStream(
                url: "wss://voice.example.com/media", parameters: ["token": "a\"b", "agent": "x"],
                action: "https://voice.example.com/after?a=1&b=2", statusCallback: "https://voice.example.com/s"),
            .hangup)
        let expected =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>"
            + "<Connect action=\"https://voice.example.com/after?a=1&amp;b=2\">"
            + "<Stream url=\"wss://voice.example.com/media\" statusCallback=\"https://voice.example.com/s\">"
            + "<Parameter name=\"token\" value=\"a&quot;b\"/><Parameter name=\"agent\" value=\"x\"/>"
            + "</Stream></Connect><Hangup/></Response>\n"
        #expect(document.text == expected)
    }

    @Test func attributesThatAreNotGivenAreNotWritten() {
        #expect(
            body(.connectStream(url: "wss://a/b"))
                == "<Response><Connect><Stream url=\"wss://a/b\"/></Connect></Response>")
    }

    @Test func everyOtherVerbIsWritten() {
        #expect(body(.say("A < B & \"C\"")) == "<Response><Say>A &lt; B &amp; &quot;C&quot;</Say></Response>")
        #expect(body(.pause(seconds: 2)) == "<Response><Pause length=\"2\"/></Response>")
        #expect(body(.reject(.busy)) == "<Response><Reject reason=\"busy\"/></Response>")
        #expect(
            body(.redirect(url: "https://a/?b&c")) == "<Response><Redirect>https://a/?b&amp;c</Redirect></Response>")
        #expect(body(.play(digits: "ww12#")) == "<Response><Play digits=\"ww12#\"/></Response>")
        #expect(body() == "<Response></Response>")
    }

    @Test func aNumberIsDialledWithAllThatIsSaidAboutIt() {
        let dial = TwiML.Verb.dial(
            number: "+15005550010", action: "https://a/d", timeoutSeconds: 20, callerID: "+15005550006",
            whisper: "https://a/w")
        #expect(
            body(dial)
                == "<Response><Dial action=\"https://a/d\" timeout=\"20\" callerId=\"+15005550006\" "
                + "answerOnBridge=\"true\"><Number url=\"https://a/w\">+15005550010</Number></Dial></Response>")
        #expect(
            body(.dial(number: "1"))
                == "<Response><Dial answerOnBridge=\"true\"><Number>1</Number></Dial></Response>")
    }

    @Test func charactersThatXMLCannotHoldAreLeftOut() {
        #expect(body(.say("a\u{0}b\u{1B}c\u{FFFE}d\ne")) == "<Response><Say>abcd&#10;e</Say></Response>")
        #expect(body(.say("é😀 l'été")) == "<Response><Say>é😀 l&apos;été</Say></Response>")
    }
}
