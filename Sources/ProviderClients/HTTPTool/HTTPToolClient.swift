import AsyncHTTPClient
import NIOCore

/// The connections of any number of `HTTPTool`s. It follows no redirect, so that an answer cannot send a request to
/// another host, and it keeps idle connections for a few seconds only: a tool is used a few times a call.
///
/// Must be shut down before it is released.
public final class HTTPToolClient: Sendable {
    let client: HTTPClient

    public init() {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        // A refused connection is known at once; the tool decides about another try.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.idleTimeout = .seconds(5)
        configuration.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Ends what still runs.
    public func shutdown() async throws { try await client.shutdown() }
}
