import CallRuntime
import CallStore
import Foundation
import Telephony

/// The `/v1` interface, health, metrics and the document that describes them.
struct APIRoutes: Sendable {
    let desk: CallDesk
    let outbound: OutboundCalls

    /// nil where the path is none of these.
    func answer(_ request: WebRequest) async -> WebResponse? {
        switch (request.method, request.path) {
        case ("GET", "/health/live"): return .text("live\n")
        case ("GET", "/health/ready"):
            return desk.isDraining ? .text("draining\n", status: 503) : .text("ready\n")
        case ("GET", "/metrics"):
            return WebResponse(
                status: 200, contentType: Metrics.contentType, body: desk.metrics.render())
        case ("GET", "/openapi.json"):
            return WebResponse(status: 200, contentType: "application/json", body: OpenAPIDocument.text)
        default: break
        }
        guard request.path == "/v1/calls" || request.path.hasPrefix("/v1/calls/") else {
            return isKnown(request.path) ? .problem(405, "method_not_allowed", "not with \(request.method)") : nil
        }
        guard isAuthorized(request) else {
            desk.metrics.refused.add(.unauthorized)
            var refusal = WebResponse.problem(401, "unauthorized", "a bearer token is needed")
            refusal.headers = [("WWW-Authenticate", "Bearer")]
            return refusal
        }
        let parts = request.path.split(separator: "/").map(String.init)
        switch (request.method, parts.count) {
        case ("GET", 2): return list(request)
        case ("POST", 2): return await place(request)
        case ("GET", 3): return await detail(parts[2])
        case ("POST", 4) where parts[3] == "hangup": return await hangUp(parts[2])
        case (_, 2), (_, 3),
            (_, 4) where parts[3] == "hangup":
            return .problem(405, "method_not_allowed", "not with \(request.method)")
        default: return nil
        }
    }

    private func isKnown(_ path: String) -> Bool {
        ["/health/live", "/health/ready", "/metrics", "/openapi.json"].contains(path)
    }

    private func isAuthorized(_ request: WebRequest) -> Bool {
        guard let token = desk.settings.apiToken, let given = request.header("authorization"),
            given.lowercased().hasPrefix("bearer ")
        else { return false }
        return TwilioSignature.areEqual(String(given.dropFirst(7)), token)
    }

    // MARK: Calls

    private func list(_ request: WebRequest) -> WebResponse {
        let wanted = request.query["state"]
        let most = request.query["limit"].flatMap { Int($0) }.map { min(500, max(1, $0)) } ?? 100
        let calls = desk.directory.all.filter { wanted == nil || $0.phase.rawValue == wanted }.prefix(most)
        return .json(.object(["calls": .array(calls.map(CallJSON.summary))]))
    }

    private func detail(_ id: String) async -> WebResponse {
        guard let call = desk.directory.call(id) else { return Self.noCall }
        guard let live = call.state.withLock({ $0.live }) else { return .json(CallJSON.detail(call)) }
        let soFar = await (entries: live.transcript.entries, ledgers: live.ledgers)
        return .json(CallJSON.detail(call, live: soFar))
    }

    private static let noCall = WebResponse.problem(404, "no_such_call", "there is no call with this id")

    private func hangUp(_ id: String) async -> WebResponse {
        guard let call = desk.directory.call(id) else { return Self.noCall }
        guard !call.isOver else { return .problem(409, "call_is_over", "the call has ended") }
        await outbound.hangUp(call)
        return .json(CallJSON.summary(call), status: 202)
    }

    // MARK: Placing one

    private func place(_ request: WebRequest) async -> WebResponse {
        let order: OutboundCalls.Order
        switch read(request) {
        case .success(let read): order = read
        case .failure(let problem): return .problem(422, "bad_request", problem.text)
        }
        do {
            let placed = try await outbound.place(order)
            var answer = WebResponse.json(
                desk.directory.call(placed.id).map(CallJSON.summary) ?? .object(["id": .string(placed.id)]),
                status: placed.isNew ? 201 : 200)
            answer.headers = [("Location", "/v1/calls/\(placed.id)")]
            return answer
        } catch let refusal as OutboundCalls.Refusal {
            return Self.problem(refusal)
        } catch {
            return .problem(500, "store", "the order could not be kept")
        }
    }

    private struct BadOrder: Error { var text: String }

    private func read(_ request: WebRequest) -> Result<OutboundCalls.Order, BadOrder> {
        guard let body = JSONValue(String(decoding: request.body, as: UTF8.self)), case .object(let members) = body
        else { return .failure(BadOrder(text: "the body is a JSON object: {\"to\": \"+15550100005\"}")) }
        let known = ["to", "agent", "machine_detection", "variables"]
        if let unknown = members.first(where: { !known.contains($0.name) }) {
            return .failure(BadOrder(text: "\(unknown.name): given, allowed \(known.joined(separator: ", "))"))
        }
        guard case .string(let to) = body["to"] else { return .failure(BadOrder(text: "to: missing")) }
        var order = OutboundCalls.Order(to: to)
        switch body["agent"] {
        case .string(let name): order.agent = name
        case nil, .null: break
        case .some: return .failure(BadOrder(text: "agent: allowed a text"))
        }
        switch body["machine_detection"] {
        case .bool(let wanted): order.detectsMachine = wanted
        case nil, .null: break
        case .some: return .failure(BadOrder(text: "machine_detection: allowed true or false"))
        }
        switch body["variables"] {
        case .object(let variables):
            for variable in variables {
                guard let text = variable.value.plainText, text.utf8.count <= 2_000, variables.count <= 50 else {
                    return .failure(BadOrder(text: "variables: at most 50 texts, numbers or yes/no"))
                }
                order.variables[variable.name] = text
            }
        case nil, .null: break
        case .some: return .failure(BadOrder(text: "variables: allowed an object"))
        }
        order.idempotencyKey = request.header("idempotency-key").map { String($0.prefix(200)) }
        return .success(order)
    }

    private static func problem(_ refusal: OutboundCalls.Refusal) -> WebResponse {
        switch refusal {
        case .badNumber: .problem(422, "bad_number", "to: allowed E.164, as +15550100005")
        case .unknownAgent(let name):
            .problem(
                422, "unknown_agent", name.isEmpty ? "agent: several are served, name one" : "agent: not served here")
        case .noCallerNumber: .problem(409, "no_caller_number", "set twilio.number, or a number of the agent's")
        case .noPublicURL: .problem(409, "no_public_url", "set public_url, where the carrier finds us")
        case .full: .problem(503, "full", "too many calls, or the server is closing")
        case .carrier(let why): .problem(502, "carrier", why)
        }
    }
}
