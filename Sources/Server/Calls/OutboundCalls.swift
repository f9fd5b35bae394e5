import CallRuntime
import CallStore
import CallTime
import Foundation
import Telephony

/// Calls that we place: asked of the carrier, followed through its status reports.
final class OutboundCalls: Sendable {
    /// What somebody wants.
    struct Order: Sendable {
        var to: String
        var agent: String?
        var detectsMachine = false
        var variables: [String: String] = [:]
        var idempotencyKey: String?
    }

    enum Refusal: Error, Sendable, Equatable {
        case badNumber(String)
        case unknownAgent(String)
        case noCallerNumber
        case noPublicURL
        case full
        case carrier(String)
    }

    /// Seconds the callee's telephone rings: four to five rings are 20 to 25 s, voicemail answers before 45.
    private static let ringSeconds = 45

    private let desk: CallDesk
    private let client: TwilioClient

    init(desk: CallDesk, client: TwilioClient) {
        self.desk = desk
        self.client = client
    }

    /// Places a call. An order with a key that was used before gives the call of that time.
    ///
    /// - Returns: the call's id, and whether it was placed by this order.
    func place(_ order: Order) async throws -> (id: String, isNew: Bool) {
        guard Self.isNumber(order.to) else { throw Refusal.badNumber(order.to) }
        let found = order.agent.map { desk.agent(called: "", slug: $0) } ?? desk.agents.first
        guard let agent = found, order.agent != nil || desk.agents.count == 1 else {
            throw Refusal.unknownAgent(order.agent ?? "")
        }
        guard let base = desk.settings.publicURL else { throw Refusal.noPublicURL }
        guard let from = desk.settings.twilio.number ?? agent.file.numbers.first ?? Self.testNumber(desk) else {
            throw Refusal.noCallerNumber
        }
        var id = TwilioRoutes.newID()
        if let key = order.idempotencyKey,
            let earlier = try await desk.store.claim(key: key, callID: id, at: .thisMoment)
        {
            // There is no call where the order found no room: it may come again with its key, under the id it had then.
            if try await isKnown(earlier) { return (earlier, false) }
            id = earlier
        }
        let call = PhoneCall(
            id: id, direction: .outbound, agent: agent, caller: from, called: order.to, phase: .queued,
            variables: order.variables, detectsMachine: order.detectsMachine)
        guard desk.admit(call, carrierID: nil) else {
            // The same order a moment earlier, or no room.
            if order.idempotencyKey != nil, desk.directory.call(id) != nil { return (id, false) }
            throw Refusal.full
        }
        do {
            let answer = try await client.perform(
                .createCall(account: desk.settings.twilio.accountSID, request(call, from, base)))
            if let sid = answer.sid { desk.directory.identify(call, carrierID: sid) }
        } catch {
            desk.finish(call, outcome: .failed, reason: "\(error)")
            throw Refusal.carrier("\(error)")
        }
        return (id, true)
    }

    private func isKnown(_ id: String) async throws -> Bool {
        if desk.directory.call(id) != nil { return true }
        return try await desk.store.call(id: id) != nil
    }

    private func request(_ call: PhoneCall, _ from: String, _ base: String) -> TwilioNewCall {
        var new = TwilioNewCall(to: call.called, from: from, url: "\(base)/twilio/outbound/\(call.id)")
        new.statusCallback = "\(base)\(TwilioPath.status)/\(call.id)"
        new.timeoutSeconds = Self.ringSeconds
        if call.detectsMachine {
            // The end of the greeting is waited for, so that a message is recorded whole; meanwhile the stream is up,
            // so that a person is not kept in silence.
            new.machineDetection = .detectMessageEnd
            new.asyncAMDStatusCallback = "\(base)\(TwilioPath.machine)/\(call.id)"
        }
        return new
    }

    /// E.164: a plus, then 7 to 15 digits.
    static func isNumber(_ text: String) -> Bool {
        text.hasPrefix("+") && (8...16).contains(text.utf8.count)
            && text.utf8.dropFirst().allSatisfy { (48...57).contains($0) }
    }

    /// With an account that is not Twilio's own a number need not exist; Twilio refuses one that is not ours anyway.
    private static func testNumber(_ desk: CallDesk) -> String? {
        desk.settings.twilio.baseURL.contains("api.twilio.com") ? nil : "+15005550006"
    }

    // MARK: Status

    func carrierSays(_ status: TwilioCallStatus, of call: PhoneCall, sipCode: String?) {
        switch status {
        case .ringing, .initiated, .queued:
            call.state.withLock { if $0.phase == .queued { $0.phase = .ringing } }
        case .inProgress:
            call.state.withLock { if $0.phase == .queued || $0.phase == .ringing { $0.phase = .connecting } }
        case .busy: desk.finish(call, outcome: .busy)
        case .noAnswer: desk.finish(call, outcome: .noAnswer)
        case .canceled: desk.finish(call, outcome: .cancelled)
        case .failed:
            desk.finish(
                call, outcome: .failed,
                reason: "the carrier could not place it" + (sipCode.map { " (SIP \($0))" } ?? ""))
        case .completed: completed(call)
        }
    }

    /// The caller has hung up, or a call never got a stream.
    private func completed(_ call: PhoneCall) {
        let isStreaming = call.state.withLock { state in
            if state.end == nil || state.end == .handoff, state.phase == .transferring { state.wasHandedOver = true }
            return state.isStreaming
        }
        // With a stream under way its own end decides, which comes in a moment.
        guard isStreaming else { return desk.finish(call) }
        Task { [desk] in
            try? await Task.sleep(for: .seconds(5))
            desk.finish(call)
        }
    }

    /// Ends a call from outside. A call with a stream says goodbye first.
    func hangUp(_ call: PhoneCall) async {
        let (live, carrierID) = call.state.withLock { state in
            state.isHangingUp = true
            return (state.live, state.carrierID)
        }
        if let live {
            await live.tell(.endRequested(line: ServerLines.operatorEnd, .requested))
        } else if let carrierID {
            _ = try? await client.perform(
                .updateCall(account: desk.settings.twilio.accountSID, sid: carrierID, .complete))
            desk.finish(call, outcome: .cancelled, reason: "ended from outside")
        } else {
            desk.finish(call, outcome: .cancelled, reason: "ended from outside")
        }
    }
}
