import Telephony
import Testing

@Suite struct TwilioSignatureTests {
    private let url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    private let token = "parley-test-token"
    private let media = "wss://voice.example.com/media"

    // MARK: Vectors

    @Test func aFormOfTheDocumentationIsSignedAsItSays() {
        let form: FormFields = [
            "CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309",
            "To": "+18005551212",
        ]
        #expect(TwilioSignature.sign(url: url, parameters: form, token: "12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
        let reversed = FormFields(form.fields.reversed())
        #expect(TwilioSignature.sign(url: url, parameters: reversed, token: "12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    }

    @Test func valuesUnderOneNameAreSortedAndCountOnce() {
        let form: FormFields = [
            "Sid": "CA123", "SidAccount": "AC123", "Digits": "5678", "Digits": "1234", "Digits": "1234",
        ]
        #expect(TwilioSignature.sign(url: url, parameters: form, token: "12345") == "IK+Dwps556ElfBT0I3Rgjkr1wJU=")
    }

    @Test func emptyValuesAreSigned() {
        let form: FormFields = [
            "AccountSid": "AC00000000000000000000000000000002", "ApiVersion": "2010-04-01",
            "CallSid": "CA00000000000000000000000000000001", "CallStatus": "ringing", "CallerName": "",
            "Direction": "inbound", "From": "+15005550006", "To": "+15005550010",
        ]
        let signature = TwilioSignature.sign(url: "https://voice.example.com/twiml", parameters: form, token: token)
        #expect(signature == "eKa3ryis4mrZpcvPGUfkLrcONkQ=")
    }

    @Test func theUpgradeOfAStreamIsSignedByItsURLAlone() {
        #expect(TwilioSignature.sign(url: media, token: token) == "iL1iImpCNueNTM7y3laIWf6pKZw=")
    }

    @Test func textOfAnyLanguageIsSigned() {
        let signature = TwilioSignature.sign(
            url: "https://voice.example.com/note?tenant=caf%C3%A9", parameters: ["Body": "naïve ☎ 1+1=2 & more"],
            token: token)
        #expect(signature == "RA6E6+vl8x6CO5weaYPQUTXd6K0=")
    }

    @Test func aBodyThatIsNoFormIsHeldByItsDigest() {
        let url = url + "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
        let header = "a9nBmqA0ju/hNViExpshrM61xv4="
        let body = Array(#"{"property": "value", "boolean": true}"#.utf8)
        func isValid(_ header: String, _ url: String, _ body: [UInt8]) -> Bool {
            TwilioSignature.isValid(header: header, url: url, body: body.span, token: "12345")
        }
        #expect(isValid(header, url, body))
        #expect(!isValid(header, url, Array(#"{"property": "value", "boolean": false}"#.utf8)))
        #expect(!isValid("b" + header.dropFirst(), url, body))
        #expect(!isValid(header, self.url, body))
    }

    @Test func anotherSchemeAnotherPathOrAPortIsSignedOtherwise() {
        let others = [
            "https://voice.example.com/media": "584Vo8e3e4oijaa6V0BEMyG3Euo=",
            "wss://voice.example.com/media/": "NqMKy5M3+zqBBKAB1jQjgorEeXY=",
            "wss://voice.example.com:443/media": "gbxbeUvRx6RHGbvP5I747280x5I=",
        ]
        for (other, signature) in others {
            #expect(TwilioSignature.sign(url: other, token: token) == signature)
        }
    }

    // MARK: Validity

    @Test func thePortMayBeWrittenOrNot() {
        let plain = "iL1iImpCNueNTM7y3laIWf6pKZw="
        let withPort = "gbxbeUvRx6RHGbvP5I747280x5I="
        for header in [plain, withPort] {
            #expect(TwilioSignature.isValid(header: header, url: media, token: token))
            #expect(TwilioSignature.isValid(header: header, url: "wss://voice.example.com:443/media", token: token))
        }
    }

    @Test func thePortIsFoundAfterAUserAndAfterAnAddressInBrackets() {
        func agree(_ signed: String, _ given: String) -> Bool {
            TwilioSignature.isValid(
                header: TwilioSignature.sign(url: signed, token: token), url: given, token: token)
        }
        #expect(agree("https://u:p@host:443/x", "https://u:p@host/x"))
        #expect(agree("http://[::1]:80/x?y=a:b", "http://[::1]/x?y=a:b"))
        #expect(agree("http://[::1]/x", "http://[::1]:80/x"))
        #expect(agree("https://host:443?q=1", "https://host?q=1"))
        #expect(!agree("https://host:80/x", "https://host/x"))
    }

    @Test func aWrongHeaderURLParameterOrTokenIsRefused() {
        let header = TwilioSignature.sign(url: media, parameters: ["A": "1"], token: token)
        #expect(TwilioSignature.isValid(header: header, url: media, parameters: ["A": "1"], token: token))
        #expect(!TwilioSignature.isValid(header: nil, url: media, parameters: ["A": "1"], token: token))
        #expect(!TwilioSignature.isValid(header: "", url: media, parameters: ["A": "1"], token: token))
        #expect(!TwilioSignature.isValid(header: header + "=", url: media, parameters: ["A": "1"], token: token))
        #expect(!TwilioSignature.isValid(header: header, url: media + "/", parameters: ["A": "1"], token: token))
        #expect(!TwilioSignature.isValid(header: header, url: media, parameters: ["A": "2"], token: token))
        #expect(!TwilioSignature.isValid(header: header, url: media, parameters: ["A": "1", "B": ""], token: token))
        #expect(!TwilioSignature.isValid(header: header, url: media, parameters: ["A": "1"], token: "another"))
    }

    @Test func withoutATokenNothingIsValid() {
        let header = TwilioSignature.sign(url: media, token: "")
        #expect(!TwilioSignature.isValid(header: header, url: media, token: ""))
    }

    @Test func aURLThatIsNoneIsNoTrouble() {
        for url in ["", "://", "x://", "https://", "nonsense", "https://[::1", "https://@:"] {
            #expect(!TwilioSignature.isValid(header: "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", url: url, token: token))
        }
    }

    @Test func secretsAreEqualOnlyWhenEveryByteIs() {
        #expect(TwilioSignature.areEqual("abc", "abc"))
        #expect(!TwilioSignature.areEqual("abc", "abd"))
        #expect(!TwilioSignature.areEqual("abc", "ab"))
        // One character, two ways to write it.
        #expect(!TwilioSignature.areEqual("\u{E9}", "e\u{301}"))
    }
}
