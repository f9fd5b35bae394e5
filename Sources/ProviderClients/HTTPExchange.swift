import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Providers

/// Reads one answer as it comes. It lives on one event loop and is never called from elsewhere.
protocol HTTPAnswerReader: AnyObject {
    /// More of a successful answer's body.
    func read(_ bytes: [UInt8]) throws(ProviderError) -> HTTPAnswerProgress
    /// The body has ended as it should. The reader has told its listener everything when this returns.
    func end() throws(ProviderError)
    /// Nothing more comes. Called at most once, and not after `.complete` or an `end` that did not throw.
    func fail(_ error: ProviderError)
}

enum HTTPAnswerProgress {
    /// Nothing of worth yet: the deadline of the first piece still runs.
    case waiting
    /// The answer has begun: from now on the deadline between two pieces runs.
    case answering
    /// All is said but the formal end, which is waited for this long; then `end` is called.
    case settling(Duration)
    /// The listener has everything; what may follow is read and dropped, for the connection's sake.
    case complete
}

/// One HTTP request whose answer is read as it comes, with its deadlines.
///
/// - Threads: `start` and `cancel` may be called from any thread, `cancel` after `start`.
/// - Deadlines: one timer, moved by writing down when it is next due, so that a piece of an answer costs no timer.
final class HTTPExchange: Sendable {
    struct Deadlines: Sendable {
        /// From the start to the answer's first piece of worth, connecting included.
        var first: Duration
        /// Between two pieces.
        var between: Duration
        /// For all of it: bounds a peer that sends little and often.
        var whole: Duration = .seconds(60)
    }

    /// Who is asked, as errors tell it.
    struct Peer: Sendable {
        var name: String
        /// What the first piece is called in an error: `first token`.
        var first: String
        var secret: String
    }

    private let client: HTTPClient
    private let loop: any EventLoop
    private let core: NIOLoopBoundBox<HTTPExchangeCore?>

    init(client: HTTPClient) {
        self.client = client
        loop = client.eventLoopGroup.next()
        core = .makeEmptyBox(valueType: HTTPExchangeCore.self, eventLoop: loop)
    }

    /// - Parameter reader: Made on the event loop on which it is used.
    func start(
        _ request: HTTPClient.Request, to peer: Peer, deadlines: Deadlines,
        reader: @escaping @Sendable () -> any HTTPAnswerReader
    ) {
        loop.execute { [self] in
            let core = HTTPExchangeCore(peer: peer, deadlines: deadlines, reader: reader(), loop: loop)
            self.core.value = core
            let delegate = HTTPExchangeDelegate(core: NIOLoopBound(core, eventLoop: loop))
            core.begin(
                client.execute(request: request, delegate: delegate, eventLoop: .delegate(on: loop), logger: nil))
        }
    }

    /// Closes the connection, unless the answer was complete. Nothing is told to the reader any more.
    func cancel() {
        loop.execute { [self] in
            core.value?.cancel()
            core.value = nil
        }
    }
}

/// Connections of the provider clients, shared by the process and never shut down.
enum ProviderHTTP {
    static let client = HTTPClient(
        eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration())

    static func configuration() -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .milliseconds(1_500)),
            connectionPool: .init(idleTimeout: .seconds(60), concurrentHTTP1ConnectionsPerHostSoftLimit: 4_096))
        configuration.httpVersion = .http1Only
        // A refused connection is known at once; trying again until the connect timeout costs the caller's patience.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }
}

private final class HTTPExchangeDelegate: HTTPClientResponseDelegate {
    typealias Response = Void
    private let core: NIOLoopBound<HTTPExchangeCore>

    init(core: NIOLoopBound<HTTPExchangeCore>) { self.core = core }

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        core.value.receive(head)
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        core.value.receive(buffer)
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) { core.value.receive(error) }
    func didFinishRequest(task: HTTPClient.Task<Void>) { core.value.receiveEnd() }
}

final class HTTPExchangeCore {
    private enum Phase { case waiting, answering, settling, draining, over }

    /// How long a peer may take to end a body of which everything is known.
    private static let drainLimit = TimeAmount.seconds(1)

    private let peer: HTTPExchange.Peer
    private let deadlines: HTTPExchange.Deadlines
    private let reader: any HTTPAnswerReader
    private let loop: any EventLoop
    private var task: HTTPClient.Task<Void>?
    private var phase = Phase.waiting
    private var refusal: HTTPResponseHead?
    private var refusalBody: [UInt8] = []
    private var due = NIODeadline.now()
    private var wholeDue = NIODeadline.now()
    private lazy var alarm = MovableAlarm(on: loop) { [weak self] in self?.fire() }

    init(peer: HTTPExchange.Peer, deadlines: HTTPExchange.Deadlines, reader: any HTTPAnswerReader, loop: any EventLoop)
    {
        self.peer = peer
        self.deadlines = deadlines
        self.reader = reader
        self.loop = loop
    }

    func begin(_ task: HTTPClient.Task<Void>) {
        self.task = task
        wholeDue = .now() + TimeAmount(deadlines.whole)
        arm(.now() + TimeAmount(deadlines.first))
        // A client that is shut down fails the task without a word to its delegate.
        let core = NIOLoopBound(self, eventLoop: loop)
        task.futureResult.whenFailure { core.value.receive($0) }
    }

    func cancel() {
        guard phase != .draining else { return }
        stop(cancelling: true)
    }

    // MARK: What the peer does

    func receive(_ head: HTTPResponseHead) {
        if !(200..<300).contains(head.status.code) { refusal = head }
    }

    func receive(_ buffer: ByteBuffer) {
        if refusal != nil {
            guard phase != .over else { return }
            refusalBody += buffer.readableBytesView.prefix(HTTPStatusError.mostBodyBytes - refusalBody.count)
            if refusalBody.count == HTTPStatusError.mostBodyBytes { fail(refused()) }
            return
        }
        guard phase != .draining, phase != .over else { return }
        do throws(ProviderError) {
            switch try reader.read(Array(buffer.readableBytesView)) {
            case .waiting: if phase == .answering { arm(.now() + TimeAmount(deadlines.between)) }
            case .answering:
                phase = .answering
                arm(.now() + TimeAmount(deadlines.between))
            case .settling(let duration):
                phase = .settling
                arm(.now() + TimeAmount(duration))
            case .complete: drain()
            }
        } catch {
            fail(error)
        }
    }

    func receiveEnd() {
        if refusal != nil, phase != .over { return fail(refused()) }
        if phase != .draining, phase != .over { end() }
        stop(cancelling: false)
    }

    func receive(_ error: any Error) {
        guard phase != .over else { return }
        if phase == .settling { end() }
        guard phase != .draining else { return stop(cancelling: false) }
        fail(refusal != nil ? refused() : described(error))
    }

    // MARK: Ends

    private func end() {
        do throws(ProviderError) {
            try reader.end()
            phase = .draining
        } catch {
            fail(error)
        }
    }

    private func drain() {
        phase = .draining
        arm(.now() + Self.drainLimit)
    }

    private func fail(_ error: ProviderError) {
        stop(cancelling: true)
        reader.fail(error)
    }

    private func stop(cancelling: Bool) {
        guard phase != .over else { return }
        phase = .over
        alarm.stop()
        if cancelling { task?.cancel() }
        task = nil
    }

    private func refused() -> ProviderError {
        HTTPStatusError.error(
            provider: peer.name, status: Int(refusal?.status.code ?? 0), headers: refusal?.headers ?? [:],
            body: refusalBody, secret: peer.secret)
    }

    private func described(_ error: any Error) -> ProviderError {
        let hasBegun = phase == .answering
        switch error as? HTTPClientError {
        case .connectTimeout, .deadlineExceeded, .readTimeout, .tlsHandshakeTimeout:
            return ProviderError(
                provider: peer.name, kind: .timedOut, detail: "no connection within its deadline", isRetryable: true)
        case let known:
            // The type says enough, and unlike the text it holds nothing of the request.
            let reason = known?.shortDescription ?? "\(type(of: error))"
            return ProviderError(
                provider: peer.name, kind: .unavailable,
                detail: (hasBegun ? "the answer broke off: " : "no answer: ") + reason, isRetryable: true)
        }
    }

    // MARK: The timer

    private func arm(_ instant: NIODeadline) {
        due = min(instant, wholeDue)
        alarm.set(at: due)
    }

    private func fire() {
        switch phase {
        case .draining: stop(cancelling: true)
        case .settling:
            end()
            if phase == .draining { drain() }
        case .waiting where refusal != nil: fail(refused())
        case .waiting, .answering, .over:
            let what = due == wholeDue ? "no end" : phase == .waiting ? "no \(peer.first)" : "nothing more"
            let limit =
                due == wholeDue ? deadlines.whole : phase == .waiting ? deadlines.first : deadlines.between
            fail(
                ProviderError(
                    provider: peer.name, kind: .timedOut, detail: "\(what) within \(limit)", isRetryable: true))
        }
    }
}
