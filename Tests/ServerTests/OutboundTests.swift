import NIOHTTP1
import Telephony
import Testing

@testable import Server

@Suite struct OutboundTests {
    private func place(_ rig: PhoneRig, machineDetection: Bool = false) async throws -> String {
        let answer = try await rig.operate(
            .POST, "/v1/calls", body: #"{"to": "+15550100009", "machine_detection": \#(machineDetection)}"#)
        return try #require(answer.json?["id"] as? String)
    }

    private func withCaller(holdSeconds: Int = 4, _ body: (PhoneRig) async throws -> Void) async throws {
        try await withPhone(agents: [TestAgent.calling(holdSeconds: holdSeconds)], body)
    }

    // MARK: The order

    @Test func theCarrierIsAskedForTheCallWithItsCallbacks() async throws {
        try await withCaller { rig in
            let id = try await place(rig)
            let create = try #require(rig.rest.creates.first)
            #expect(create.path == "/2010-04-01/Accounts/AC1/Calls.json")
            #expect(create.form["To"] == "+15550100009")
            #expect(create.form["From"] == "+15550100001")
            #expect(create.form["Url"] == "https://voice.example.test/twilio/outbound/\(id)")
            #expect(create.form["StatusCallback"] == "https://voice.example.test/twilio/status/\(id)")
            #expect(
                create.form.values(of: "StatusCallbackEvent") == ["initiated", "ringing", "answered", "completed"])
            #expect(create.form["Timeout"] == "45")
            #expect(create.form["MachineDetection"] == nil)
            #expect(create.form["AsyncAmd"] == nil)
        }
    }

    @Test func machineDetectionListensToTheEndOfTheGreetingWhileTheStreamIsUp() async throws {
        try await withCaller { rig in
            let id = try await place(rig, machineDetection: true)
            let form = try #require(rig.rest.creates.first?.form)
            #expect(form["MachineDetection"] == "DetectMessageEnd")
            #expect(form["AsyncAmd"] == "true")
            #expect(form["AsyncAmdStatusCallback"] == "https://voice.example.test/twilio/machine/\(id)")
        }
    }

    @Test func theSettingsNumberIsTheOneCallsComeFrom() async throws {
        try await withPhone(agents: [TestAgent.calling()], environment: ["TWILIO_NUMBER": "+15550100077"]) { rig in
            _ = try await place(rig)
            #expect(rig.rest.creates.first?.form["From"] == "+15550100077")
        }
    }

    // MARK: Status

    @Test(arguments: [
        ("busy", "busy"), ("no-answer", "no_answer"), ("failed", "failed"), ("canceled", "cancelled"),
        ("completed", "caller_gone"),
    ])
    func theCarriersLastStatusIsTheOutcome(_ status: String, _ outcome: String) async throws {
        try await withCaller { rig in
            let id = try await place(rig)
            _ = try await rig.carrier.post("/twilio/status/\(id)", ["CallSid": "CAout1", "CallStatus": "ringing"])
            #expect(try await rig.operate(.GET, "/v1/calls/\(id)").json?["state"] as? String == "ringing")
            let form: FormFields = ["CallSid": "CAout1", "CallStatus": status]
            #expect(try await rig.carrier.post("/twilio/status/\(id)", form).status == 204)
            #expect(try await rig.outcome(of: id) == outcome)
            // Said twice, it counts once.
            _ = try await rig.carrier.post("/twilio/status/\(id)", form)
            #expect(rig.metrics.callsActive.current == 0)
        }
    }

    @Test func aFailedCallTellsTheCarriersSIPCode() async throws {
        try await withCaller { rig in
            let id = try await place(rig)
            _ = try await rig.carrier.post(
                "/twilio/status/\(id)", ["CallSid": "CAout1", "CallStatus": "failed", "SipResponseCode": "487"])
            let reason = try await rig.operate(.GET, "/v1/calls/\(id)").json?["reason"] as? String
            #expect(reason?.contains("487") == true)
        }
    }

    @Test func aStatusOfAnUnknownCallOrOfNoKindChangesNothing() async throws {
        try await withCaller { rig in
            let id = try await place(rig)
            for form in [["CallStatus": "dreaming"], ["CallStatus": ""], [:]] as [FormFields] {
                #expect(try await rig.carrier.post("/twilio/status/\(id)", form).status == 204)
            }
            #expect(try await rig.carrier.post("/twilio/status/x", ["CallStatus": "busy"]).status == 204)
            #expect(rig.desk.directory.call(id)?.phase == .queued)
        }
    }

    // MARK: Who answered

    @Test func aPersonIsGreetedWithTheGreetingOfOutboundCalls() async throws {
        try await withCaller { rig in
            let (id, offer) = try await rig.placed()
            let stream = try await rig.carrier.open(offer)
            try await eventually("the greeting in the transcript") {
                try await rig.operate(.GET, "/v1/calls/\(id)").body.contains("Good day.")
            }
            stream.hangUp()
            #expect(try await rig.outcome(of: id) == "caller_gone")
        }
    }

    @Test func theGreetingWaitsForTheVerdictAndAPersonReleasesIt() async throws {
        try await withCaller(holdSeconds: 10) { rig in
            let (id, offer) = try await rig.placed(machineDetection: true)
            let stream = try await rig.carrier.open(offer)
            try await eventually("some of the callee's audio") { rig.metrics.mediaMessages.current >= 40 }
            #expect(stream.heardMs == 0)
            let form: FormFields = ["CallSid": offer.callSID, "AnsweredBy": "human"]
            #expect(try await rig.carrier.post("/twilio/machine/\(id)", form).status == 204)
            try await stream.heard(100, within: .seconds(3))
            #expect(try await rig.operate(.GET, "/v1/calls/\(id)").json?["answered_by"] as? String == "human")
        }
    }

    @Test func theGreetingDoesNotWaitBeyondItsLimit() async throws {
        try await withCaller(holdSeconds: 1) { rig in
            let (_, offer) = try await rig.placed(machineDetection: true)
            let began = ContinuousClock.now
            let stream = try await rig.carrier.open(offer)
            try await stream.heard(20)
            #expect(ContinuousClock.now - began >= .milliseconds(950))
        }
    }

    @Test func aMachineGetsItsMessageAfterTheToneAndNothingBefore() async throws {
        try await withCaller(holdSeconds: 10) { rig in
            let (id, offer) = try await rig.placed(machineDetection: true)
            let stream = try await rig.carrier.open(offer)
            try await eventually("some of the machine's greeting") { rig.metrics.mediaMessages.current >= 40 }
            #expect(stream.now.mediaMessages == 0)
            _ = try await rig.carrier.post(
                "/twilio/machine/\(id)", ["CallSid": offer.callSID, "AnsweredBy": "machine_end_beep"])
            #expect(try await stream.closed() == 1000)
            #expect(stream.heardMs > 300)
            #expect(try await rig.outcome(of: id) == "voicemail_left")
            let detail = try await rig.operate(.GET, "/v1/calls/\(id)")
            #expect(detail.body.contains("Please call us back tomorrow."))
            #expect(!detail.body.contains("Good day."))
        }
    }

    @Test func aMachineWithoutAMessageForItIsHungUpOn() async throws {
        try await withPhone { rig in
            let (id, offer) = try await rig.placed(machineDetection: true)
            let stream = try await rig.carrier.open(offer)
            try await eventually("the stream is up") { rig.metrics.mediaMessages.current >= 5 }
            _ = try await rig.carrier.post(
                "/twilio/machine/\(id)", ["CallSid": offer.callSID, "AnsweredBy": "machine_end_silence"])
            #expect(try await stream.closed() == 1000)
            #expect(stream.heardMs == 0)
            #expect(try await rig.outcome(of: id) == "machine_answered")
        }
    }

    @Test func aFaxIsNoPersonToTalkTo() async throws {
        try await withCaller { rig in
            let (id, offer) = try await rig.placed(machineDetection: true)
            let stream = try await rig.carrier.open(offer)
            try await eventually("the stream is up") { rig.metrics.mediaMessages.current >= 5 }
            _ = try await rig.carrier.post("/twilio/machine/\(id)", ["CallSid": offer.callSID, "AnsweredBy": "fax"])
            #expect(try await rig.outcome(of: id) == "failed")
            #expect(try await stream.closed() != nil)
        }
    }

    @Test func theCarriersAnswerToACallThatIsOverIsToHangUp() async throws {
        try await withCaller { rig in
            let id = try await place(rig)
            _ = try await rig.carrier.post("/twilio/status/\(id)", ["CallStatus": "canceled"])
            let answer = try await rig.carrier.post("/twilio/outbound/\(id)", ["CallSid": "CAout1"])
            #expect(answer.body.contains("<Hangup/>") && !answer.body.contains("<Stream"))
            #expect(try await rig.carrier.post("/twilio/outbound/none", [:]).body.contains("<Hangup/>"))
        }
    }
}
