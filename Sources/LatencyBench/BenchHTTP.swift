import AsyncHTTPClient

/// Requests of the bench itself. A refused connection is said at once, as it would be to a carrier.
enum BenchHTTP {
    /// Of the process, and never released: a client must be shut down before.
    static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(5)
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// Why a request got no answer.
    static func words(_ error: any Error) -> String {
        (error as? HTTPClientError)?.shortDescription.lowercased() ?? "no connection"
    }
}
