import Foundation
import NIOHTTP1
import Testing

@testable import Server

@Suite struct InterfaceTests {
    // MARK: Who may ask

    @Test(arguments: [nil, "Bearer wrong", "Bearer ", "Basic operator-api-token-51bc", "operator-api-token-51bc"])
    func withoutTheTokenNothingIsSaid(_ authorization: String?) async throws {
        try await withPhone { rig in
            let headers = authorization.map { [("Authorization", $0)] } ?? []
            for (method, path) in [(HTTPMethod.GET, "/v1/calls"), (.POST, "/v1/calls"), (.GET, "/v1/calls/x")] {
                let answer = try await ask(method, path, port: rig.port, headers: headers)
                #expect(answer.status == 401)
                #expect(answer.headers.first(name: "www-authenticate") == "Bearer")
            }
            #expect(rig.metrics.refused.current(.unauthorized) == 3)
        }
    }

    @Test func withoutATokenInTheSettingsTheInterfaceIsClosed() async throws {
        try await withPhone(environment: ["PARLEY_API_TOKEN": ""]) { rig async throws in
            #expect(
                try await ask(.GET, "/v1/calls", port: rig.port, headers: [("Authorization", "Bearer ")]).status == 401)
            #expect(try await rig.operate(.GET, "/v1/calls").status == 401)
        }
    }

    // MARK: Looking

    @Test func callsAreListedNewestFirstAndByState() async throws {
        try await withPhone { rig in
            _ = try await rig.carrier.ring("CA1")
            _ = try await rig.carrier.ring("CA2")
            _ = try await rig.carrier.post("/twilio/status", ["CallSid": "CA1", "CallStatus": "completed"])
            func carrierIDs(_ query: String) async throws -> [String?] {
                let list = try await rig.operate(.GET, "/v1/calls" + query).json?["calls"] as? [[String: Any]]
                return (list ?? []).map { $0["carrier_id"] as? String }
            }
            #expect(try await carrierIDs("") == ["CA2", "CA1"])
            #expect(try await carrierIDs("?state=ended") == ["CA1"])
            #expect(try await carrierIDs("?state=connecting") == ["CA2"])
            #expect(try await carrierIDs("?limit=1") == ["CA2"])
            #expect(try await carrierIDs("?state=nothing") == [])
        }
    }

    @Test func aRunningCallShowsTheGreetingOnceItWasHeard() async throws {
        try await withPhone { rig in
            let offer = try await rig.carrier.ring("CA1")
            let id = try rig.onlyCall.id
            let before = try await rig.operate(.GET, "/v1/calls/\(id)")
            #expect(before.json?["state"] as? String == "connecting")
            #expect((before.json?["transcript"] as? [Any])?.isEmpty == true)
            let stream = try await rig.carrier.open(offer)
            try await eventually("the greeting in the transcript") {
                try await rig.operate(.GET, "/v1/calls/\(id)").body.contains("Hello from the desk.")
            }
            #expect(try await rig.operate(.GET, "/v1/calls/\(id)").json?["state"] as? String == "in_progress")
            #expect(!stream.now.isClosed)
        }
    }

    // MARK: Ending

    @Test func hangingUpSaysGoodbyeAndEndsTheCallAsCancelled() async throws {
        try await withPhone { rig in
            let stream = try await rig.carrier.call("CA1")
            try await stream.heard(100)
            let id = try rig.onlyCall.id
            let answer = try await rig.operate(.POST, "/v1/calls/\(id)/hangup")
            #expect(answer.status == 202)
            #expect(answer.json?["id"] as? String == id)
            #expect(try await stream.closed() == 1000)
            #expect(try await rig.outcome(of: id) == "cancelled")
            let detail = try await rig.operate(.GET, "/v1/calls/\(id)")
            #expect(detail.body.contains("Goodbye."))
            #expect(try await rig.operate(.POST, "/v1/calls/\(id)/hangup").status == 409)
            #expect(try await rig.carrier.afterStream("CA1").body.contains("<Hangup/>"))
        }
    }

    @Test func hangingUpACallThatStillRingsEndsItAtTheCarrier() async throws {
        try await withPhone { rig in
            let placed = try await rig.operate(.POST, "/v1/calls", body: #"{"to": "+15550100009"}"#)
            let id = try #require(placed.json?["id"] as? String)
            #expect(try await rig.operate(.POST, "/v1/calls/\(id)/hangup").status == 202)
            #expect(try await rig.outcome(of: id) == "cancelled")
            let update = rig.rest.seen.last
            #expect(update?.path == "/2010-04-01/Accounts/AC1/Calls/CAout1.json")
        }
    }

    // MARK: Paths and methods

    @Test func unknownCallsAndPathsAreNotFound() async throws {
        try await withPhone { rig async throws in
            for path in ["/v1/calls/none", "/v1/none", "/none", "/", "/v1/calls/none/other"] {
                #expect(try await rig.operate(.GET, path).status == 404, "\(path)")
            }
            #expect(try await rig.operate(.POST, "/v1/calls/none/hangup").problem == "no_such_call")
        }
    }

    @Test(arguments: [
        (HTTPMethod.DELETE, "/v1/calls"), (.PUT, "/v1/calls"), (.POST, "/v1/calls/x"), (.PATCH, "/v1/calls/x"),
        (.GET, "/v1/calls/x/hangup"), (.POST, "/metrics"), (.DELETE, "/health/ready"), (.POST, "/openapi.json"),
    ])
    func otherMethodsAreRefused(_ method: HTTPMethod, _ path: String) async throws {
        try await withPhone { rig in
            let answer = try await rig.operate(method, path)
            #expect(answer.status == 405)
            #expect(answer.problem == "method_not_allowed")
        }
    }

    // MARK: Placing

    @Test(arguments: [
        ("", "JSON object"), ("[]", "JSON object"), ("{", "JSON object"), ("{}", "to"), (#"{"to": 5}"#, "to"),
        (#"{"to": "0155"}"#, "to"), (#"{"to": "+1555010000x"}"#, "to"),
        (#"{"to": "+15550100009", "agent": 1}"#, "agent"),
        (#"{"to": "+15550100009", "agent": "nobody"}"#, "agent"),
        (#"{"to": "+15550100009", "machine_detection": "yes"}"#, "machine_detection"),
        (#"{"to": "+15550100009", "variables": []}"#, "variables"),
        (#"{"to": "+15550100009", "variables": {"a": {}}}"#, "variables"),
        (#"{"to": "+15550100009", "from": "x"}"#, "from"),
    ])
    func aBadOrderIsRefusedWithTheFieldNamed(_ body: String, _ field: String) async throws {
        try await withPhone { rig in
            let answer = try await rig.operate(.POST, "/v1/calls", body: body)
            #expect(answer.status == 422)
            #expect(answer.problemText?.contains(field) == true, "\(answer.body)")
            #expect(rig.rest.creates.isEmpty)
            #expect(rig.desk.directory.all.isEmpty)
        }
    }

    @Test func aPlacedCallHasALocation() async throws {
        try await withPhone { rig in
            let answer = try await rig.operate(
                .POST, "/v1/calls", body: #"{"to": "+15550100009", "agent": "test-desk"}"#)
            #expect(answer.status == 201)
            let id = try #require(answer.json?["id"] as? String)
            #expect(answer.headers.first(name: "location") == "/v1/calls/\(id)")
            #expect(answer.json?["state"] as? String == "queued")
            #expect(answer.json?["carrier_id"] as? String == "CAout1")
        }
    }

    @Test func theSameKeyPlacesOneCall() async throws {
        try await withPhone { rig in
            func place(_ key: String) async throws -> HTTPAnswer {
                try await rig.operate(
                    .POST, "/v1/calls", headers: [("Idempotency-Key", key)], body: #"{"to": "+15550100009"}"#)
            }
            let answers = try await [place("a"), place("a"), place("b")]
            #expect(answers.map(\.status) == [201, 200, 201])
            let ids = answers.map { $0.json?["id"] as? String }
            #expect(ids[0] == ids[1] && ids[0] != ids[2])
            #expect(rig.rest.creates.count == 2)
        }
    }

    @Test func anOrderRefusedForWantOfRoomMayComeAgainWithItsKey() async throws {
        try await withPhone(flags: ["most-calls": "1"]) { rig in
            _ = try await rig.carrier.ring("CA1")
            func place() async throws -> HTTPAnswer {
                try await rig.operate(
                    .POST, "/v1/calls", headers: [("Idempotency-Key", "k")], body: #"{"to": "+15550100009"}"#)
            }
            #expect(try await place().status == 503)
            _ = try await rig.carrier.post("/twilio/status", ["CallSid": "CA1", "CallStatus": "completed"])
            let again = try await place()
            #expect(again.status == 201)
            #expect(rig.rest.creates.count == 1)
        }
    }

    @Test func withoutAPublicAddressNoCallCanBePlaced() async throws {
        try await withPhone(isPublic: false) { rig in
            let answer = try await rig.operate(.POST, "/v1/calls", body: #"{"to": "+15550100009"}"#)
            #expect(answer.status == 409)
            #expect(answer.problem == "no_public_url")
        }
    }

    @Test func theCarriersRefusalIsPassedOnWithoutCredentials() async throws {
        try await withPhone { rig in
            rig.rest.refuse(with: 401)
            let answer = try await rig.operate(.POST, "/v1/calls", body: #"{"to": "+15550100009"}"#)
            #expect(answer.status == 502)
            #expect(answer.problem == "carrier")
            #expect(!answer.body.contains(PhoneRig.authToken))
            #expect(try await rig.outcome(of: rig.onlyCall.id) == "failed")
        }
    }
}
