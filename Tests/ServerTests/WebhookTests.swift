import NIOHTTP1
import Telephony
import Testing

@testable import Server

@Suite struct WebhookTests {
    private let ring: FormFields = ["CallSid": "CA1", "From": "+15550100005", "To": "+15550100001"]

    // MARK: Signatures

    @Test func aSignedCallIsConnectedToAStreamAtThePublicAddressWithAToken() async throws {
        try await withPhone { rig in
            let answer = try await rig.carrier.post("/twilio/voice", ring)
            #expect(answer.status == 200)
            #expect(answer.headers.first(name: "content-type") == TwiML.contentType)
            let offer = try StreamOffer(answer, callSID: "CA1")
            #expect(offer.url == "wss://voice.example.test/twilio/media")
            #expect(offer.token.count == 64)
            #expect(answer.body.contains(#"action="https://voice.example.test/twilio/after-stream""#))
        }
    }

    @Test(arguments: [nil, "", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="] as [String?])
    func aWrongSignatureIsRefusedAndCounted(_ signature: String?) async throws {
        try await withPhone { rig in
            let answer =
                if let signature {
                    try await rig.carrier.post("/twilio/voice", ring, signature: signature)
                } else {
                    try await ask(.POST, "/twilio/voice", port: rig.port, body: ring.encoded)
                }
            #expect(answer.status == 403)
            #expect(answer.problem == "bad_signature")
            let metrics = try await ask(.GET, "/metrics", port: rig.port)
            #expect(metrics.body.contains(#"parley_refused_total{reason="signature"} 1"#))
            #expect(rig.desk.directory.all.isEmpty)
        }
    }

    @Test func aFormThatWasChangedOnTheWayIsRefused() async throws {
        try await withPhone { rig async throws in
            let signature = TwilioSignature.sign(
                url: PhoneRig.publicURL + "/twilio/voice", parameters: ring, token: PhoneRig.authToken)
            var changed = ring
            changed.append("Extra", "1")
            #expect(try await rig.carrier.post("/twilio/voice", changed, signature: signature).status == 403)
            #expect(try await rig.carrier.post("/twilio/voice?x=1", ring, signature: signature).status == 403)
            #expect(try await rig.carrier.post("/twilio/voice", ring, signature: signature).status == 200)
        }
    }

    @Test func everyRouteOfTheCarrierWantsASignature() async throws {
        try await withPhone { rig in
            for path in [
                "voice", "voice/test-desk", "outbound/x", "status", "status/x", "machine", "machine/x",
                "stream-status", "after-stream",
            ] {
                let answer = try await rig.carrier.post("/twilio/" + path, ring, signature: "no")
                #expect(answer.status == 403, "\(path)")
            }
        }
    }

    @Test func withoutAnAuthTokenNoSignatureIsRight() async throws {
        try await withPhone(environment: ["TWILIO_AUTH_TOKEN": ""]) { rig async throws in
            var carrier = rig.carrier
            carrier.authToken = ""
            #expect(try await carrier.post("/twilio/voice", ring).status == 403)
        }
    }

    @Test func insecureServersTakeRequestsWithoutASignature() async throws {
        try await withPhone(flags: ["insecure-no-signatures": "true"]) { rig in
            let answer = try await ask(.POST, "/twilio/voice", port: rig.port, body: ring.encoded)
            #expect(answer.status == 200)
        }
    }

    // MARK: Proxies

    private let forwarded = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "calls.example.test")]

    @Test func aTrustedProxySaysWhichAddressWasSigned() async throws {
        try await withPhone(flags: ["trusted-proxies": "10.0.0.1, 127.0.0.1"], isPublic: false) { rig in
            var carrier = rig.carrier
            carrier.address = "https://calls.example.test"
            let answer = try await carrier.post("/twilio/voice", ring, headers: forwarded)
            #expect(try StreamOffer(answer, callSID: "CA1").url == "wss://calls.example.test/twilio/media")
        }
    }

    @Test func aStrangersForwardedHeadersAreNotBelieved() async throws {
        try await withPhone(flags: ["trusted-proxies": "10.0.0.1"], isPublic: false) { rig in
            var carrier = rig.carrier
            carrier.address = "https://calls.example.test"
            #expect(try await carrier.post("/twilio/voice", ring, headers: forwarded).status == 403)
            let honest = try await rig.carrier.post("/twilio/voice", ring, headers: forwarded)
            #expect(
                try StreamOffer(honest, callSID: "CA1").url == "ws://127.0.0.1:\(rig.port)/twilio/media")
        }
    }

    @Test func aSignedHandshakeBehindATrustedProxyIsTakenAtTheAddressThatWasAnnounced() async throws {
        try await withPhone(flags: ["trusted-proxies": "127.0.0.1"], isPublic: false) { rig in
            var carrier = rig.carrier
            carrier.address = "https://calls.example.test"
            let offer = try StreamOffer(
                try await carrier.post("/twilio/voice", ring, headers: forwarded), callSID: "CA1")
            let signature = TwilioSignature.sign(url: offer.url, token: PhoneRig.authToken)
            let stream = try await FakeStream(
                port: rig.port,
                headers: forwarded.map { (name: $0.0, value: $0.1) } + [(TwilioSignature.headerName, signature)])
            stream.start(callSID: "CA1", token: offer.token)
            try await stream.heard(20)
        }
    }

    @Test func aHandshakeWithAWrongSignatureIsRefused() async throws {
        try await withPhone { rig in
            _ = try await rig.carrier.ring("CA1")
            let headers = [(name: TwilioSignature.headerName, value: "wrong")]
            await #expect(throws: (any Error).self) { try await FakeStream(port: rig.port, headers: headers) }
            #expect(rig.metrics.refused.current(.signature) >= 1)
            let signature = TwilioSignature.sign(
                url: "wss://voice.example.test/twilio/media", token: PhoneRig.authToken)
            _ = try await FakeStream(port: rig.port, headers: [(name: TwilioSignature.headerName, value: signature)])
        }
    }

    // MARK: Which agent

    private func twoAgents(_ body: (PhoneRig) async throws -> Void) async throws {
        let agents = [
            try TestAgent.file(name: "North Desk", more: #"numbers: ["+15550100001"]"#),
            try TestAgent.file(name: "South Desk", more: #"numbers: ["+15550100002"]"#),
        ]
        try await withPhone(agents: agents, body)
    }

    @Test func theCalledNumberChoosesTheAgent() async throws {
        try await twoAgents { rig in
            _ = try await rig.carrier.ring("CA1", to: "+15550100002")
            #expect(try rig.onlyCall.agent.file.name == "South Desk")
        }
    }

    @Test func thePathChoosesTheAgentWhateverTheNumber() async throws {
        try await twoAgents { rig in
            _ = try await rig.carrier.ring("CA1", to: "+15550100002", path: "/north-desk")
            #expect(try rig.onlyCall.agent.file.name == "North Desk")
        }
    }

    @Test func anUnknownNumberHearsAPoliteLine() async throws {
        try await twoAgents { rig in
            let answer = try await rig.carrier.post("/twilio/voice", ["CallSid": "CA1", "To": "+15550100003"])
            #expect(answer.status == 200)
            #expect(answer.body.contains("<Say>This number is not in service."))
            #expect(!answer.body.contains("<Stream"))
            #expect(rig.metrics.refused.current(.noAgent) == 1)
        }
    }

    // MARK: Too many, and again

    @Test func oneCallTooManyHearsAPoliteLine() async throws {
        try await withPhone(flags: ["most-calls": "1"]) { rig in
            _ = try await rig.carrier.ring("CA1")
            let answer = try await rig.carrier.post("/twilio/voice", ["CallSid": "CA2", "To": "+15550100001"])
            #expect(answer.status == 200)
            #expect(answer.body.contains("<Say>All our lines are busy"))
            #expect(rig.metrics.refused.current(.full) == 1)
            #expect(rig.metrics.callsActive.current == 1)
        }
    }

    @Test func theSameCallAgainGetsAnotherStreamOfTheSameCall() async throws {
        try await withPhone { rig in
            let (first, second) = (try await rig.carrier.ring("CA1"), try await rig.carrier.ring("CA1"))
            #expect(first.token != second.token)
            #expect(try rig.onlyCall.phase == .connecting)
        }
    }

    @Test(arguments: ["CallSid=CA1&To=%2", "To=%2B1", "CallSid=&To=%2B1", "CallSid=CA1&To=%FF"])
    func aFormThatCannotBeUsedIsABadRequest(_ body: String) async throws {
        try await withPhone(flags: ["insecure-no-signatures": "true"]) { rig async throws in
            #expect(try await ask(.POST, "/twilio/voice", port: rig.port, body: body).status == 400)
        }
    }

    @Test func onlyPostsAreTaken() async throws {
        try await withPhone { rig async throws in
            #expect(try await ask(.GET, "/twilio/voice", port: rig.port).status == 405)
            #expect(try await rig.carrier.post("/twilio/nothing", ring).status == 404)
        }
    }
}
