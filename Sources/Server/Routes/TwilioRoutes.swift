import CallStore
import Foundation
import Telephony

/// What Twilio asks of us by HTTP. Every request is checked for its signature first.
struct TwilioRoutes: Sendable {
    let desk: CallDesk
    let outbound: OutboundCalls

    /// nil where the path is none of these.
    func answer(_ request: WebRequest) -> WebResponse? {
        guard request.path.hasPrefix("/twilio/") else { return nil }
        if request.path == TwilioPath.media {
            var refusal = WebResponse.problem(426, "upgrade_required", "this is a WebSocket")
            refusal.headers = [("Upgrade", "websocket"), ("Connection", "Upgrade")]
            return refusal
        }
        guard request.method == "POST" else { return .problem(405, "method_not_allowed", "Twilio posts") }
        guard let form = try? FormFields(parsing: request.body.span) else {
            desk.metrics.refused.add(.badMessage)
            return .problem(400, "bad_form", "the body is not a form")
        }
        guard isSigned(request, form) else {
            desk.metrics.refused.add(.signature)
            desk.logger.notice("request without a valid signature", metadata: ["path": "\(request.path)"])
            return .problem(403, "bad_signature", "X-Twilio-Signature does not fit this request")
        }
        let parts = request.path.split(separator: "/").map(String.init)
        switch parts.dropFirst().first {
        case "voice" where parts.count <= 3: return voice(form, slug: parts.count == 3 ? parts[2] : nil, request)
        case "outbound" where parts.count == 3: return outboundAnswered(parts[2], form, request)
        case "status" where parts.count <= 3: return status(form, parts.count == 3 ? parts[2] : nil)
        case "machine" where parts.count <= 3: return machine(form, parts.count == 3 ? parts[2] : nil)
        case "stream-status": return streamStatus(form)
        case "after-stream": return afterStream(form, request)
        default: return nil
        }
    }

    // MARK: Who asks

    private func isSigned(_ request: WebRequest, _ form: FormFields) -> Bool {
        guard desk.settings.checksSignatures else { return true }
        return TwilioSignature.isValid(
            header: request.header(TwilioSignature.headerName), url: base(request) + request.target, parameters: form,
            token: desk.settings.twilio.authToken)
    }

    private func base(_ request: WebRequest) -> String {
        desk.settings.address(
            isSecure: request.isSecure, remoteAddress: request.remoteAddress, header: { request.header($0) })
    }

    // MARK: A call comes in

    private func voice(_ form: FormFields, slug: String?, _ request: WebRequest) -> WebResponse {
        guard let sid = form["CallSid"], !sid.isEmpty, sid.utf8.count <= 64 else {
            return .problem(400, "bad_form", "CallSid is missing")
        }
        // The same call again: the first answer was lost on the way.
        if let known = desk.directory.call(carrierID: sid), !known.isOver {
            return .twiML(desk.connect(known, base: base(request)))
        }
        let called = form["To"] ?? ""
        guard let agent = desk.agent(called: called, slug: slug) else {
            desk.metrics.refused.add(.noAgent)
            return .twiML(TwiML(.say(ServerLines.noAgent), .hangup))
        }
        let call = PhoneCall(
            id: Self.newID(), direction: .inbound, agent: agent, caller: form["From"] ?? "", called: called,
            phase: .connecting)
        guard desk.admit(call, carrierID: sid) else { return .twiML(TwiML(.say(ServerLines.busy), .hangup)) }
        return .twiML(desk.connect(call, base: base(request)))
    }

    static func newID() -> String {
        var generator = SystemRandomNumberGenerator()
        let text = String(generator.next(), radix: 36) + String(generator.next(), radix: 36)
        return "call-" + text.prefix(20)
    }

    // MARK: A call of ours

    private func outboundAnswered(_ id: String, _ form: FormFields, _ request: WebRequest) -> WebResponse {
        guard let call = desk.directory.call(id), !call.isOver else { return .twiML(TwiML(.hangup)) }
        if let sid = form["CallSid"] { desk.directory.identify(call, carrierID: sid) }
        if let verdict = form["AnsweredBy"] { note(verdict, call) }
        return .twiML(desk.connect(call, base: base(request)))
    }

    private func status(_ form: FormFields, _ id: String?) -> WebResponse {
        guard let call = find(id, form), let status = form["CallStatus"].flatMap(TwilioCallStatus.init(rawValue:))
        else { return .nothing }
        desk.log(call, "carrier status", ["status": "\(status.rawValue)"])
        outbound.carrierSays(status, of: call, sipCode: form["SipResponseCode"])
        return .nothing
    }

    private func machine(_ form: FormFields, _ id: String?) -> WebResponse {
        guard let call = find(id, form), let verdict = form["AnsweredBy"] else { return .nothing }
        note(verdict, call)
        return .nothing
    }

    private func note(_ verdict: String, _ call: PhoneCall) {
        desk.log(call, "answered by", ["verdict": "\(verdict)"])
        let live = call.state.withLock { state in
            state.answeredBy = verdict
            return state.live
        }
        guard let answered = AnsweredBy(rawValue: verdict) else { return }
        if answered.isEndOfGreeting, let live {
            let message = call.agent.file.voicemail ?? ""
            Task { await live.tell(.leaveMessage(message)) }
        } else if answered == .fax {
            call.state.withLock { ($0.outcome, $0.reason) = (.failed, "a fax machine answered") }
            Task { [desk] in
                if let live { await live.tell(.leaveMessage("")) }
                desk.finish(call)
            }
        }
    }

    private func find(_ id: String?, _ form: FormFields) -> PhoneCall? {
        if let id, let call = desk.directory.call(id) { return call }
        return form["CallSid"].flatMap { desk.directory.call(carrierID: $0) }
    }

    // MARK: Around the stream

    private func streamStatus(_ form: FormFields) -> WebResponse {
        if let call = find(nil, form), form["StreamEvent"] == "stream-error" {
            desk.log(call, "stream error", ["error": "\(form["StreamError"] ?? "")"])
            desk.metrics.refused.add(.streamError)
        }
        return .nothing
    }

    /// The stream is over, or the person it was handed to: what next?
    private func afterStream(_ form: FormFields, _ request: WebRequest) -> WebResponse {
        guard let call = find(nil, form), !call.isOver else { return .twiML(TwiML(.hangup)) }
        if let dialled = form["DialCallStatus"] { return afterDial(dialled, form, call, request) }
        let (phase, end) = call.state.withLock { ($0.phase, $0.end) }
        if phase == .transferring || end == .handoff { return dial(call, request) }
        if end != nil { return .twiML(TwiML(.hangup)) }
        // Our socket broke and the caller is still there.
        return .twiML(desk.connect(call, base: base(request)))
    }

    private func dial(_ call: PhoneCall, _ request: WebRequest) -> WebResponse {
        guard let escalation = call.agent.file.script.escalation else { return .twiML(TwiML(.hangup)) }
        call.state.withLock { $0.phase = .transferring }
        desk.log(call, "handing over")
        return .twiML(
            TwiML(
                .dial(
                    number: escalation.target, action: base(request) + TwilioPath.afterStream,
                    timeoutSeconds: Int(escalation.timeout.components.seconds))))
    }

    private func afterDial(
        _ dialled: String, _ form: FormFields, _ call: PhoneCall, _ request: WebRequest
    ) -> WebResponse {
        let wasTaken = ["completed", "answered"].contains(dialled) && form["DialBridged"] != "false"
        desk.log(call, wasTaken ? "handed over" : "nobody took the call", ["dial": "\(dialled)"])
        guard wasTaken else {
            call.state.withLock { state in
                state.phase = .connecting
                state.end = nil
            }
            desk.finishIfForgotten(call)
            return .twiML(desk.connect(call, base: base(request)))
        }
        call.state.withLock { $0.wasHandedOver = true }
        desk.finish(call)
        return .twiML(TwiML(.hangup))
    }
}

extension ServerSettings {
    /// Our address as Twilio sees it, without a trailing slash: as configured, otherwise from a request, where a proxy is
    /// believed only if it was named.
    func address(isSecure: Bool, remoteAddress: String?, header: (String) -> String?) -> String {
        if let publicURL { return publicURL }
        var scheme = isSecure ? "https" : "http"
        var host = header("host") ?? "\(self.host):\(port)"
        if let remoteAddress, trustedProxies.contains(remoteAddress) {
            func first(_ name: String) -> String? {
                header(name)?.split(separator: ",").first.map { $0.trimmingCharacters(in: .whitespaces) }
            }
            scheme = first("x-forwarded-proto") ?? scheme
            host = first("x-forwarded-host") ?? host
        }
        return "\(scheme)://\(host)"
    }
}
