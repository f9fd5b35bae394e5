import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import Telephony

/// Brings requests from the listener to the routes, and their answers back.
struct WebRouter: Sendable {
    let twilio: TwilioRoutes
    let api: APIRoutes
    let mostBodyBytes: Int
    let isSecure: Bool

    func router() -> Router<ListenerContext> {
        let router = Router(context: ListenerContext.self)
        for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete, .head] {
            router.on("**", method: method) { request, context in try await handle(request, context) }
            router.on("/", method: method) { request, context in try await handle(request, context) }
        }
        return router
    }

    private func handle(_ request: Request, _ context: ListenerContext) async throws -> Response {
        let body = try await request.body.collect(upTo: mostBodyBytes)
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        if let authority = request.head.authority { headers["host"] = authority }
        let asked = WebRequest(
            method: request.method.rawValue, path: request.uri.path, target: request.head.path ?? "/",
            headers: headers, body: [UInt8](buffer: body), remoteAddress: context.remoteAddress, isSecure: isSecure)
        if let answer = twilio.answer(asked) { return response(answer) }
        if let answer = await api.answer(asked) { return response(answer) }
        return response(.problem(404, "not_found", "there is nothing here"))
    }

    private func response(_ answer: WebResponse) -> Response {
        var headers: HTTPFields = [.contentType: answer.contentType]
        for (name, value) in answer.headers { if let name = HTTPField.Name(name) { headers[name] = value } }
        return Response(
            status: .init(code: answer.status), headers: headers,
            body: answer.body.isEmpty ? .init() : .init(byteBuffer: ByteBuffer(string: answer.body)))
    }
}

/// Which WebSocket handshakes are taken: the carrier's, where a signature that was sent fits.
struct MediaDoor: Sendable {
    let desk: CallDesk

    func answer(_ request: UpgradeRequest) -> UpgradeAnswer {
        guard request.path == TwilioPath.media else { return .refuse(status: 404) }
        guard isSigned(request) else {
            desk.metrics.refused.add(.signature)
            return .refuse(status: 403)
        }
        guard desk.directory.active > 0 else {
            // Nobody was told to come.
            desk.metrics.refused.add(.token)
            return .refuse(status: 403)
        }
        return .accept(MediaSession(desk: desk))
    }

    /// Not every handshake of the carrier's is known to carry a signature; the token in its first message is what lets
    /// it in. One that is sent must fit the address that was announced.
    private func isSigned(_ request: UpgradeRequest) -> Bool {
        guard desk.settings.checksSignatures, let header = request.header(TwilioSignature.headerName) else {
            return true
        }
        let base = desk.settings.address(
            isSecure: desk.settings.certificatePath != nil, remoteAddress: request.remoteAddress,
            header: { request.header($0) })
        let socket = base.hasPrefix("https://") ? "wss://" + base.dropFirst(8) : "ws://" + base.dropFirst(7)
        return TwilioSignature.isValid(
            header: header, url: socket + TwilioPath.media, token: desk.settings.twilio.authToken)
    }
}
