import Providers

/// Language models in the order of preference: the next is asked when one fails before it has said anything.
///
/// The first is asked twice when its failure may pass: a lost request costs less than another model's manners. The last
/// in line should be one that cannot fail. A failure after the first event is passed on: another model would word the
/// rest differently.
public struct ModelChain: LanguageModel {
    public struct Link: Sendable {
        public var model: any LanguageModel
        public var breaker: CircuitBreaker
        /// Request → first event.
        public var firstEvent: Duration
        /// How often it is asked for one reply.
        public var tries: Int

        public init(
            _ model: any LanguageModel, breaker: CircuitBreaker = CircuitBreaker(),
            firstEvent: Duration = .milliseconds(1_200), tries: Int = 2
        ) {
            self.model = model
            self.breaker = breaker
            self.firstEvent = firstEvent
            self.tries = tries
        }
    }

    private let links: [Link]
    public let name: String

    public init(_ links: [Link]) {
        precondition(!links.isEmpty, "a chain has at least one model")
        self.links = links
        name = links.map(\.model.name).joined(separator: ", ")
    }

    public func warmUp() { for link in links { link.model.warmUp() } }

    public func reply(to request: ModelRequest) -> AsyncThrowingStream<ModelEvent, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    try await ask(request) { continuation.yield($0) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private func ask(_ request: ModelRequest, _ emit: @escaping @Sendable (ModelEvent) -> Void) async throws {
        var last = ProviderError(provider: name, kind: .unavailable, detail: "no model is available", isRetryable: true)
        for link in links {
            for _ in 0..<link.tries {
                guard link.breaker.mayTry() else { break }
                let outcome = await Attempt.run(
                    link.model.reply(to: request), provider: link.model.name, firstWithin: link.firstEvent, emit)
                switch outcome {
                case .done: return link.breaker.succeeded()
                case .cancelled:
                    link.breaker.abandoned()
                    throw CancellationError()
                case .failed(let error, let hadBegun):
                    link.breaker.failed(error)
                    if hadBegun { throw error }
                    last = error
                    emit(.fellBack(error))
                }
                if !last.isRetryable { break }
            }
        }
        throw last
    }
}
