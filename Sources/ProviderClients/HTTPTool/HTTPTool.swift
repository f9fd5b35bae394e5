import AsyncHTTPClient
import CallTime
import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import Providers

/// A tool that is an HTTP endpoint: the arguments go there, its answer goes to the model.
///
/// - Arguments are checked against the top level of the schema first; a complaint is an answer, and nothing is sent. Those
///   that fill the address are percent-encoded and not sent again; the others are the JSON body of POST, PUT and PATCH,
///   and the query of GET and DELETE.
/// - Every request carries `Idempotency-Key: CALL/TOOLCALL` and `X-Parley-Timestamp`, seconds since 1970. With a key it
///   carries `X-Parley-Signature: sha256=` and the hexadecimal HMAC-SHA256 of the timestamp, a full stop and the body.
/// - A status 2xx: a JSON object is answered as it is, other JSON and text as `{"result":...}`, 64 KiB at most. Any other
///   status is answered as `{"error":"HTTP 404"}`; 4xx with the first 200 bytes of a text body as `detail`.
/// - One try takes at most `timeout`. A failed connection, 429 and 5xx are tried again `retries` times, 100 ms apart,
///   where the tool is idempotent.
/// - Throws `unavailable` when it cannot be reached, `timedOut`, `malformed` for an answer that is too long or no text, and
///   `cancelled`. No error shows a header's value, the key or the address.
public struct HTTPTool: CallTool {
    /// The longest answer that is taken.
    public static let mostAnswerBytes = 65_536
    /// How much of a refusal's body the model is told.
    public static let mostDetailBytes = 200
    private static let pause: Duration = .milliseconds(100)

    public let description: ToolDescription
    private let configuration: Configuration
    private let schema: HTTPToolSchema
    private let address: HTTPToolAddress
    private let client: HTTPToolClient
    private let unixSeconds: @Sendable () -> Int

    /// - Parameters:
    ///   - client: Shared by any number of tools; shut down by whoever made it, after the last use.
    ///   - unixSeconds: The clock of the signatures.
    public init(
        _ configuration: Configuration, client: HTTPToolClient,
        unixSeconds: @escaping @Sendable () -> Int = { Int(Date().timeIntervalSince1970) }
    ) throws(ConfigurationError) {
        guard configuration.timeout > .zero else {
            throw ConfigurationError(field: "timeout", given: "\(configuration.timeout)", allowed: "more than 0")
        }
        guard (0...10).contains(configuration.retries) else {
            throw ConfigurationError(field: "retries", given: "\(configuration.retries)", allowed: "0...10")
        }
        for header in configuration.headers {
            let isUsable = header.value.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !header.value.isEmpty
            guard isUsable else {
                throw ConfigurationError(
                    field: "headers.\(header.name)", given: "a value that no header can have",
                    allowed: "ASCII text without line breaks")
            }
        }
        guard configuration.secret?.isEmpty != true else {
            throw ConfigurationError(field: "secret", given: "an empty key", allowed: "at least one byte")
        }
        self.configuration = configuration
        schema = try HTTPToolSchema(configuration.parametersJSON)
        address = try HTTPToolAddress(configuration.url)
        self.client = client
        self.unixSeconds = unixSeconds
        description = ToolDescription(
            name: configuration.name, purpose: configuration.purpose, parametersJSON: configuration.parametersJSON)
    }

    public func run(_ arguments: String, context: ToolContext) async throws(ProviderError) -> String {
        let parts: Parts
        do throws(HTTPToolComplaint) {
            parts = try self.parts(try schema.arguments(arguments))
        } catch {
            return error.json
        }
        let tries = configuration.isIdempotent ? 1 + configuration.retries : 1
        for attempt in 1...tries {
            let isLast = attempt == tries
            do throws(ProviderError) {
                let answer = try await once(request(parts, context: context))
                if isLast || !answer.mayImprove { return try text(of: answer) }
            } catch {
                if isLast || error.kind != .unavailable { throw error }
            }
            do {
                try await Task.sleep(for: Self.pause)
            } catch {
                throw trouble(.cancelled, "cancelled")
            }
        }
        preconditionFailure("the last try answers or throws")
    }

    // MARK: The request

    private struct Parts: Sendable {
        var url: String
        var body: [UInt8]
    }

    private func parts(_ arguments: [String: HTTPToolJSON]) throws(HTTPToolComplaint) -> Parts {
        let placed = address.placeholders
        let others = arguments.filter { !placed.contains($0.key) }
        let query = others.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value.plainText) }
        let hasBody = configuration.method.hasBody
        return Parts(
            url: try address.filled(with: arguments, query: hasBody ? [] : query),
            body: hasBody ? Array(HTTPToolJSON.object(others).text.utf8) : [])
    }

    private func request(_ parts: Parts, context: ToolContext) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: parts.url)
        request.method = HTTPMethod(rawValue: configuration.method.rawValue)
        for header in configuration.headers { request.headers.replaceOrAdd(name: header.name, value: header.value) }
        request.headers.replaceOrAdd(name: "Accept", value: "application/json, text/plain")
        if configuration.method.hasBody {
            request.headers.replaceOrAdd(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: parts.body))
        }
        let key = context.callID + "/" + context.toolCallID
        request.headers.replaceOrAdd(name: "Idempotency-Key", value: HTTPToolAddress.encoded(key, keeping: "/:@+="))
        let timestamp = "\(unixSeconds())"
        request.headers.replaceOrAdd(name: "X-Parley-Timestamp", value: timestamp)
        if let secret = configuration.secret {
            let signed = Array(timestamp.utf8) + [UInt8(ascii: ".")] + parts.body
            let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: secret))
            let hex = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            request.headers.replaceOrAdd(name: "X-Parley-Signature", value: "sha256=" + hex)
        }
        return request
    }

    // MARK: One try

    private struct Answer: Sendable {
        var status: Int
        /// nil: more than `mostAnswerBytes`.
        var body: [UInt8]?

        /// Whether another try may get a better one.
        var mayImprove: Bool { status == 429 || (500...599).contains(status) }
    }

    /// Whoever of the exchange and the clock is first decides; the other one is cancelled.
    private func once(_ request: HTTPClientRequest) async throws(ProviderError) -> Answer {
        let (client, timeout) = (client.client, configuration.timeout)
        do {
            return try await withThrowingTaskGroup(of: Answer.self) { group in
                group.addTask { try await Self.exchange(request, client) }
                group.addTask {
                    try await Task.sleep(for: timeout)
                    throw Late()
                }
                defer { group.cancelAll() }
                guard let first = try await group.next() else { throw CancellationError() }
                return first
            }
        } catch {
            throw translated(error)
        }
    }

    private struct Late: Error {}

    private static func exchange(_ request: HTTPClientRequest, _ client: HTTPClient) async throws -> Answer {
        // The clock beside it is the deadline; AsyncHTTPClient's own one ends with the head.
        let response = try await client.execute(request, deadline: .distantFuture)
        var body: [UInt8] = []
        for try await part in response.body {
            guard body.count + part.readableBytes <= mostAnswerBytes else {
                return Answer(status: Int(response.status.code), body: nil)
            }
            body += part.readableBytesView
        }
        return Answer(status: Int(response.status.code), body: body)
    }

    /// In our own words: those of libraries may hold what we sent.
    private func translated(_ error: any Error) -> ProviderError {
        if error is Late { return trouble(.timedOut, "no answer within \(configuration.timeout)") }
        if error is CancellationError || Task.isCancelled { return trouble(.cancelled, "cancelled") }
        switch error as? HTTPClientError {
        case .connectTimeout?, .deadlineExceeded?: return trouble(.timedOut, "no connection in time")
        case .cancelled?: return trouble(.cancelled, "cancelled")
        case .remoteConnectionClosed?: return trouble(.unavailable, "the connection was closed before an answer")
        case .some: return trouble(.unavailable, "the request could not be made")
        case nil: return trouble(.unavailable, "it cannot be reached")
        }
    }

    private func trouble(_ kind: ProviderError.Kind, _ detail: String) -> ProviderError {
        ProviderError(
            provider: configuration.name, kind: kind, detail: detail,
            isRetryable: configuration.isIdempotent && (kind == .unavailable || kind == .timedOut))
    }

    // MARK: The answer

    private func text(of answer: Answer) throws(ProviderError) -> String {
        guard (200...299).contains(answer.status) else {
            var refusal: [String: HTTPToolJSON] = ["error": .string("HTTP \(answer.status)")]
            if let detail = detail(of: answer) { refusal["detail"] = .string(detail) }
            return HTTPToolJSON.object(refusal).text
        }
        guard let body = answer.body else {
            throw trouble(.malformed, "an answer of more than \(Self.mostAnswerBytes) bytes")
        }
        guard let text = String(validating: body, as: UTF8.self) else {
            throw trouble(.malformed, "an answer that is no text")
        }
        switch HTTPToolJSON(body) {
        case .object?: return text
        case let other?: return HTTPToolJSON.object(["result": other]).text
        case nil: return HTTPToolJSON.object(["result": .string(text)]).text
        }
    }

    /// The beginning of what a 4xx says. What the server itself broke on is of no use to a model, and a page that repeats
    /// one of our headers is not passed on at all.
    private func detail(of answer: Answer) -> String? {
        guard (400...499).contains(answer.status), let body = answer.body, !body.isEmpty,
            let text = String(validating: body, as: UTF8.self)
        else { return nil }
        let ours = configuration.headers.flatMap { header in
            [header.value] + header.value.split(separator: " ").filter { $0.utf8.count >= 6 }.map(String.init)
        }
        let secret = configuration.secret.map { String(decoding: $0, as: UTF8.self) }
        if (ours + [secret].compactMap(\.self)).contains(where: text.contains) { return nil }
        var cut = ""
        for character in text {
            if cut.utf8.count + character.utf8.count > Self.mostDetailBytes { break }
            cut.append(character)
        }
        return cut
    }
}
