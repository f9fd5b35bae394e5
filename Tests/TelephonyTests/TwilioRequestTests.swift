import Telephony
import Testing

@Suite struct TwilioRequestTests {
    @Test func aCallIsCreatedWithEveryFieldUnderTwiliosName() {
        var call = TwilioNewCall(to: "+15005550010", from: "+15005550006", url: "https://a/answer?x=1")
        call.statusCallback = "https://a/status"
        call.timeoutSeconds = 25
        call.timeLimitSeconds = 600
        call.machineDetection = .detectMessageEnd
        call.machineDetectionTimeoutSeconds = 20
        call.asyncAMDStatusCallback = "https://a/amd"
        call.sendDigits = "ww1"
        let request = TwilioRequest.createCall(account: "AC1", call)
        #expect(request.method == .post)
        #expect(request.path == "/2010-04-01/Accounts/AC1/Calls.json")
        #expect(!request.isIdempotent)
        #expect(
            request.form == [
                "To": "+15005550010", "From": "+15005550006", "Url": "https://a/answer?x=1",
                "StatusCallback": "https://a/status", "StatusCallbackEvent": "initiated",
                "StatusCallbackEvent": "ringing", "StatusCallbackEvent": "answered", "StatusCallbackEvent": "completed",
                "Timeout": "25", "TimeLimit": "600", "SendDigits": "ww1", "MachineDetection": "DetectMessageEnd",
                "MachineDetectionTimeout": "20", "AsyncAmd": "true", "AsyncAmdStatusCallback": "https://a/amd",
            ])
    }

    @Test func aPlainCallSendsNoFieldThatWasNotAskedFor() {
        let request = TwilioRequest.createCall(account: "AC1", TwilioNewCall(to: "a", from: "b", url: "c"))
        #expect(request.form == ["To": "a", "From": "b", "Url": "c"])
    }

    @Test func aLiveCallIsRedirectedOrEnded() {
        let updates: [(TwilioCallUpdate, FormFields, Bool)] = [
            (.twiML(TwiML(.hangup)), ["Twiml": TwiML(.hangup).text], false),
            (.url("https://a/b"), ["Url": "https://a/b"], false),
            (.complete, ["Status": "completed"], true),
            (.cancel, ["Status": "canceled"], true),
        ]
        for (update, form, isIdempotent) in updates {
            let request = TwilioRequest.updateCall(account: "AC1", sid: "CA1", update)
            #expect(request.path == "/2010-04-01/Accounts/AC1/Calls/CA1.json")
            #expect(request.form == form)
            #expect(request.isIdempotent == isIdempotent)
            #expect(request.isUpdateOfCall)
        }
    }

    @Test func callsAndAccountsAreFetched() {
        let call = TwilioRequest.fetchCall(account: "AC1", sid: "CA1")
        #expect(call.method == .get && call.form == nil)
        #expect(call.path == "/2010-04-01/Accounts/AC1/Calls/CA1.json")
        #expect(TwilioRequest.fetchAccount(account: "AC1").path == "/2010-04-01/Accounts/AC1.json")
    }

    @Test func anIdentifierCannotLeaveItsPlaceInThePath() {
        let path = TwilioRequest.fetchCall(account: "AC1", sid: "../../x?y#z").path
        #expect(path == "/2010-04-01/Accounts/AC1/Calls/%2E%2E%2F%2E%2E%2Fx%3Fy%23z.json")
    }

    @Test func anAnswerAboutACallIsRead() throws {
        let text =
            #"{"sid":"CA1","status":"in-progress","answered_by":"machine_start","price":null,"#
            + #""subresource_uris":{"a":["b"]},"queue_time":"0"}"#
        let response = try TwilioResponse(parsing: Array(text.utf8).span)
        #expect(response.sid == "CA1")
        #expect(response.callStatus == .inProgress)
        #expect(response.answeredBy == .machineStart)
        #expect(response.errorCode == nil)
    }

    @Test func anErrorOfTwilioIsRead() throws {
        let text = #"{"code":20404,"message":"not here","more_info":"https:\/\/x","status":404}"#
        let response = try TwilioResponse(parsing: Array(text.utf8).span)
        #expect(response.errorCode == 20_404)
        #expect(response.message == "not here")
        #expect(response.callStatus == nil)
    }

    @Test func anAnswerThatIsNoObjectIsAnError() {
        for text in ["", "<html>", "[]", "{\"sid\":{}}", "{\"code\":\"x\"}"] {
            #expect(throws: TwilioMessageError.self, "\(text)") { try TwilioResponse(parsing: Array(text.utf8).span) }
        }
    }

    @Test func statusesAreThoseTwilioWrites() {
        #expect(
            TwilioCallStatus.allCases.map(\.rawValue) == [
                "queued", "initiated", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled",
            ])
        #expect(TwilioCallStatus.allCases.filter(\.isOver) == [.completed, .busy, .failed, .noAnswer, .canceled])
        #expect(AnsweredBy(rawValue: "machine_end_beep") == .machineEndBeep)
        #expect(AnsweredBy.allCases.filter(\.isEndOfGreeting).count == 3)
        #expect(DialStatus(rawValue: "no-answer") == .noAnswer)
    }
}
