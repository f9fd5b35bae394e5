import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Telephony

/// Performs requests to Twilio's REST interface.
///
/// - Deadline: each try has one, the whole answer included.
/// - Tries: a 429 was not processed and is sent again, at most twice, after `Retry-After` where it is given and at most
///   10 s; a connection that fails is tried once more if the request may be done twice.
public struct TwilioClient: Sendable {
    public static let defaultBaseURL = "https://api.twilio.com"

    private static let mostRetriesWhenBusy = 2
    /// Longer than this nobody on a telephone waits.
    private static let mostRetryAfter: Duration = .seconds(10)
    private static let mostAnswerBytes = 65_536

    private let accountSID: String
    private let authToken: String
    /// Without a slash at its end; nil when it is no address.
    private let baseURL: String?
    private let deadline: Duration
    private let client: HTTPClient

    /// - Parameters:
    ///   - baseURL: `http` or `https`; `ws` and `wss` mean the same. A path is kept.
    ///   - deadline: of each try.
    public init(
        accountSID: String, authToken: String, baseURL: String = defaultBaseURL, deadline: Duration = .seconds(5),
        client: HTTPClient = .shared
    ) {
        self.accountSID = accountSID
        self.authToken = authToken
        self.baseURL = Self.address(baseURL)
        self.deadline = deadline
        self.client = client
    }

    public func perform(_ request: TwilioRequest) async throws(TwilioClientError) -> TwilioResponse {
        var retriesWhenBusy = 0
        var hasReconnected = false
        while true {
            do throws(TwilioClientError) {
                let answer = try await attempt(request)
                guard answer.status == 429, retriesWhenBusy < Self.mostRetriesWhenBusy,
                    let wait = Self.wait(answer.retryAfter, retry: retriesWhenBusy)
                else { return try response(answer, to: request) }
                retriesWhenBusy += 1
                do { try await Task.sleep(for: wait) } catch { throw .cancelled }
            } catch TwilioClientError.unreachable where request.isIdempotent && !hasReconnected {
                hasReconnected = true
            }
        }
    }

    // MARK: One try

    private struct Answer: Sendable {
        var status: Int
        var retryAfter: String?
        var body: [UInt8]
    }

    private func attempt(_ request: TwilioRequest) async throws(TwilioClientError) -> Answer {
        guard let baseURL else { throw .unreachable }
        var http = HTTPClientRequest(url: baseURL + request.path)
        http.method = HTTPMethod(rawValue: request.method.rawValue)
        let credentials = Data("\(accountSID):\(authToken)".utf8).base64EncodedString()
        http.headers.add(name: "authorization", value: "Basic \(credentials)")
        http.headers.add(name: "accept", value: "application/json")
        if let form = request.form {
            http.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
            http.body = .bytes(ByteBuffer(string: form.encoded))
        }
        do {
            return try await withDeadline { [client, http, deadline] in
                let response = try await client.execute(http, timeout: TimeAmount(deadline))
                let body = try await response.body.collect(upTo: Self.mostAnswerBytes)
                return Answer(
                    status: Int(response.status.code), retryAfter: response.headers.first(name: "retry-after"),
                    body: Array(body.readableBytesView))
            }
        } catch let error as TwilioClientError {
            throw error
        } catch is CancellationError {
            throw .cancelled
        } catch let error as HTTPClientError {
            switch error {
            case .deadlineExceeded, .readTimeout, .connectTimeout: throw .timedOut
            case .cancelled: throw .cancelled
            default: throw .unreachable
            }
        } catch is NIOTooManyBytesError {
            throw .malformed(status: 200)
        } catch {
            throw .unreachable
        }
    }

    /// The client's own deadline ends with the answer's head; this one with its body.
    private func withDeadline(_ body: @escaping @Sendable () async throws -> Answer) async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer.self) { group in
            group.addTask { try await body() }
            group.addTask { [deadline] in
                try await Task.sleep(for: deadline)
                throw TwilioClientError.timedOut
            }
            defer { group.cancelAll() }
            return try await group.next()!
        }
    }

    // MARK: What the answer says

    private func response(_ answer: Answer, to request: TwilioRequest) throws(TwilioClientError) -> TwilioResponse {
        let parsed = try? TwilioResponse(parsing: answer.body.span)
        guard 200..<300 ~= answer.status else {
            // 20404: no such call in progress; 21220: the call is not in progress.
            if request.isUpdateOfCall, parsed?.errorCode == 20_404 || parsed?.errorCode == 21_220 { throw .callIsOver }
            throw .rejected(
                status: answer.status, code: parsed?.errorCode, message: withoutCredentials(parsed?.message ?? ""))
        }
        guard let parsed else { throw .malformed(status: answer.status) }
        return parsed
    }

    private func withoutCredentials(_ message: String) -> String {
        let clean = authToken.isEmpty ? message : message.replacing(authToken, with: "…")
        return String(clean.prefix(300))
    }

    /// How long to wait before a busy Twilio is asked again; nil when that is too long.
    static func wait(_ retryAfter: String?, retry: Int) -> Duration? {
        if let seconds = retryAfter.flatMap({ Int($0) }) {
            return 0...Int(mostRetryAfter.components.seconds) ~= seconds ? .seconds(seconds) : nil
        }
        // Half a second, then one, spread so that callers do not come back together.
        return .milliseconds(Int(Double(500 << retry) * Double.random(in: 0.75...1.25)))
    }

    static func address(_ text: String) -> String? {
        let pieces = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard pieces.count == 2 else { return nil }
        let scheme: String
        switch pieces[0].lowercased() {
        case "https", "wss": scheme = "https"
        case "http", "ws": scheme = "http"
        default: return nil
        }
        var rest = pieces[1]
        while rest.last == "/" { rest.removeLast() }
        guard !rest.isEmpty, !rest.hasPrefix("/"), !rest.contains(where: { " @?#".contains($0) }) else { return nil }
        return "\(scheme)://\(rest)"
    }
}
