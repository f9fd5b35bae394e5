import NIOCore
import NIOPosix

/// A client that speaks bytes: what it sends is what it is told, well formed or not.
final class ListenerClient: Sendable {
    struct TimedOut: Error {}

    private let channel: any Channel
    private let inbox: NIOLoopBoundBox<Inbox>

    /// What has come and not been taken, and who waits for more.
    private struct Inbox {
        var bytes: [UInt8] = []
        var isClosed = false
        var waiter: (isEnough: ([UInt8]) -> Int?, promise: EventLoopPromise<[UInt8]>)?

        /// Gives the waiter its bytes when they are all there, or all that ever came at the end.
        mutating func serve() {
            guard let (isEnough, promise) = waiter else { return }
            if let count = isEnough(bytes) {
                waiter = nil
                promise.succeed(Array(bytes.prefix(count)))
                bytes.removeFirst(count)
            } else if isClosed {
                waiter = nil
                promise.succeed(bytes)
                bytes = []
            }
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let inbox: NIOLoopBoundBox<Inbox>

        init(_ inbox: NIOLoopBoundBox<Inbox>) { self.inbox = inbox }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            inbox.value.bytes += Array(Self.unwrapInboundIn(data).readableBytesView)
            inbox.value.serve()
        }

        func channelInactive(context: ChannelHandlerContext) {
            inbox.value.isClosed = true
            inbox.value.serve()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    /// - Parameter prepare: adds handlers below ours, such as TLS.
    init(port: Int, prepare: @escaping @Sendable (any Channel) throws -> Void = { _ in }) async throws {
        (channel, inbox) = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(5))
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let inbox = NIOLoopBoundBox(Inbox(), eventLoop: channel.eventLoop)
                    try prepare(channel)
                    try channel.pipeline.syncOperations.addHandler(Handler(inbox))
                    return (channel, inbox)
                }
            }
    }

    deinit { channel.close(promise: nil) }

    /// Sends bytes; that the peer closed meanwhile is no error.
    func send(_ bytes: [UInt8]) async { try? await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get() }

    func send(_ text: String) async { await send(Array(text.utf8)) }

    /// Takes the first bytes that are enough; at the connection's end, all there are.
    ///
    /// - Parameter isEnough: how many bytes to take of those that came; nil when more are needed.
    func take(within deadline: TimeAmount = .seconds(5), _ isEnough: @escaping @Sendable ([UInt8]) -> Int?) async throws
        -> [UInt8]
    {
        let (inbox, loop) = (inbox, channel.eventLoop)
        let promise = loop.makePromise(of: [UInt8].self)
        let timer = loop.scheduleTask(in: deadline) {
            inbox.value.waiter = nil
            promise.fail(TimedOut())
        }
        loop.execute {
            inbox.value.waiter = (isEnough, promise)
            inbox.value.serve()
        }
        defer { timer.cancel() }
        return try await promise.futureResult.get()
    }

    /// All that comes until the connection ends.
    func takeAll(within deadline: TimeAmount = .seconds(5)) async throws -> String {
        String(decoding: try await take(within: deadline) { _ in nil }, as: UTF8.self)
    }

    /// A response's head, up to the empty line.
    func takeHead() async throws -> String {
        let bytes = try await take { bytes in
            (3..<max(3, bytes.count)).first { bytes[($0 - 3)...$0].elementsEqual([13, 10, 13, 10]) }.map { $0 + 1 }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The next frame of a socket: its first byte and its payload. Nil at the end.
    func takeFrame(within deadline: TimeAmount = .seconds(5)) async throws -> Frame? {
        let bytes = try await take(within: deadline) { bytes in
            guard bytes.count >= 2 else { return nil }
            let (header, length) = Self.lengths(bytes)
            return bytes.count >= header + length ? header + length : nil
        }
        guard bytes.count >= 2 else { return nil }
        return Frame(first: bytes[0], payload: Array(bytes[Self.lengths(bytes).header...]))
    }

    struct Frame: Equatable {
        var first: UInt8
        var payload: [UInt8]

        var text: String { String(decoding: payload, as: UTF8.self) }
        /// Of a close frame that has one.
        var closeCode: Int? { first == 0x88 && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil }
    }

    private static func lengths(_ bytes: [UInt8]) -> (header: Int, length: Int) {
        switch bytes[1] {
        case 126: bytes.count < 4 ? (4, .max / 2) : (4, Int(bytes[2]) << 8 | Int(bytes[3]))
        case 127: bytes.count < 10 ? (10, .max / 2) : (10, bytes[2..<10].reduce(0) { $0 << 8 | Int($1) })
        case let length: (2, Int(length))
        }
    }

    func setReading(_ isReading: Bool) async throws { try await channel.setOption(.autoRead, value: isReading).get() }

    func close() { channel.close(promise: nil) }

    // MARK: What clients send

    /// A client's frame, masked.
    static func frame(_ opcode: UInt8, _ payload: [UInt8], fin: Bool = true, rsv: UInt8 = 0, masked: Bool = true)
        -> [UInt8]
    {
        var bytes = [(fin ? 0x80 : 0) | rsv | opcode]
        let mask: UInt8 = masked ? 0x80 : 0
        switch payload.count {
        case ..<126: bytes.append(mask | UInt8(payload.count))
        case ..<65_536: bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default: bytes += [mask | 127] + (0..<8).map { UInt8(payload.count >> (56 - 8 * $0) & 255) }
        }
        guard masked else { return bytes + payload }
        let key: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        bytes += key
        for (place, byte) in payload.enumerated() { bytes.append(byte ^ key[place & 3]) }
        return bytes
    }

    static func text(_ text: String) -> [UInt8] { frame(1, Array(text.utf8)) }

    static func close(_ code: Int, _ reason: String = "") -> [UInt8] {
        frame(8, [UInt8(code >> 8), UInt8(code & 255)] + Array(reason.utf8))
    }

    /// A request for a socket.
    static func upgrade(_ path: String) -> String {
        "GET \(path) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nX-Test: 1\r\n\r\n"
    }
}
