import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Telephony

/// Why a call did not come about or broke off, in words.
public struct BenchFailure: Error, Sendable, Equatable, CustomStringConvertible {
    public var description: String

    public init(_ description: String) { self.description = description }
}

/// Asks a server's voice webhook what to do with a call, as the carrier does.
public struct VoiceWebhook: Sendable {
    /// `https://host/twilio/voice`
    public var url: String
    /// Signs the requests; nil: they are not signed.
    public var authToken: String?

    public init(url: String, authToken: String? = nil) {
        self.url = url
        self.authToken = authToken
    }

    /// The stream a call is connected to.
    struct Stream: Sendable {
        /// As the server wrote it, without a query, which the carrier drops: what its signature is of.
        var url: String
        /// Where it is dialled.
        var address: String
        var parameters: [StreamTwiML.Parameter]
    }

    static let accountSID = "AC" + String(repeating: "0", count: 32)
    static let from = "+15005550006"
    static let to = "+15005550010"
    /// The carrier waits no longer.
    private static let deadline = TimeAmount.seconds(15)

    /// - Parameter dialsOwnHost: Whether the stream is dialled where the webhook is, whatever host its URL names.
    /// - Throws: `BenchFailure`.
    func answer(callSID: String, dialsOwnHost: Bool) async throws -> Stream {
        let form: FormFields = [
            "CallSid": callSID, "AccountSid": Self.accountSID, "From": Self.from, "To": Self.to,
            "CallStatus": "ringing", "Direction": "inbound", "ApiVersion": "2010-04-01",
        ]
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded; charset=UTF-8")
        request.headers.add(name: "Accept", value: "*/*")
        if let authToken {
            let signature = TwilioSignature.sign(url: url, parameters: form, token: authToken)
            request.headers.add(name: TwilioSignature.headerName, value: signature)
        }
        request.body = .bytes(ByteBuffer(string: form.encoded))
        let bytes: [UInt8]
        do {
            let response = try await BenchHTTP.client.execute(request, timeout: Self.deadline)
            guard (200..<300).contains(response.status.code) else {
                throw BenchFailure("the webhook answered \(response.status.code)")
            }
            bytes = [UInt8](buffer: try await response.body.collect(upTo: StreamTwiML.mostBytes))
        } catch let failure as BenchFailure {
            throw failure
        } catch {
            throw BenchFailure("the webhook cannot be asked: \(BenchHTTP.words(error))")
        }
        do {
            return try stream(StreamTwiML(parsing: bytes), dialsOwnHost: dialsOwnHost)
        } catch let failure as StreamTwiML.Failure {
            throw BenchFailure("the webhook's answer: \(failure)")
        }
    }

    func stream(_ twiML: StreamTwiML, dialsOwnHost: Bool) throws -> Stream {
        guard let webhook = URLComponents(string: url), let host = webhook.host, let scheme = webhook.scheme,
            let named = URLComponents(string: twiML.url)
        else { throw BenchFailure("the stream's URL cannot be read") }
        var own = URLComponents()
        own.scheme = scheme == "https" ? "wss" : "ws"
        own.host = host
        own.port = webhook.port
        own.percentEncodedPath = named.percentEncodedPath
        var announced = named
        if named.scheme == nil { announced = own }
        announced.query = nil
        announced.fragment = nil
        guard announced.scheme == "wss" || announced.scheme == "ws", let text = announced.string else {
            throw BenchFailure("the stream's URL is not one of a WebSocket")
        }
        return Stream(
            url: text, address: dialsOwnHost ? own.string ?? text : text, parameters: twiML.parameters)
    }
}
