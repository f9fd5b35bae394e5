import NIOCore
import Synchronization

/// What the stand-ins were asked: a server that fell back to something else left them alone.
public final class StandInCounts: Sendable {
    public struct Values: Sendable, Equatable {
        /// Final results of the recogniser that hold words.
        public var transcripts = 0
        public var replies = 0
        /// Texts spoken by the voice.
        public var texts = 0
    }

    private let state = Mutex(Values())

    public var values: Values { state.withLock { $0 } }

    func add(_ count: WritableKeyPath<Values, Int> & Sendable) { state.withLock { $0[keyPath: count] += 1 } }
}

/// The three vendors' stand-ins, each on a port of its own.
public struct StandIns: Sendable {
    public let counts = StandInCounts()
    private let recogniser: StandInServer
    private let model: StandInServer
    private let voice: StandInServer

    public init(_ delays: VendorDelays, on group: any EventLoopGroup) async throws {
        let counts = counts
        recogniser = try await StandInServer(on: group, accept: { RecogniserStandIn($0, delays, counts) })
        let model = ModelStandIn(delays: delays, counts: counts)
        self.model = try await StandInServer(on: group, serve: { model.serve($0, $1, $2) })
        voice = try await StandInServer(on: group, accept: { VoiceStandIn($0, delays, counts) })
    }

    /// What a server's environment says to find them.
    public var environment: [String: String] {
        [
            "DEEPGRAM_BASE_URL": "http://127.0.0.1:\(recogniser.port)", "DEEPGRAM_API_KEY": "bench",
            "OPENAI_BASE_URL": "http://127.0.0.1:\(model.port)/v1", "OPENAI_API_KEY": "bench",
            "ELEVENLABS_BASE_URL": "http://127.0.0.1:\(voice.port)", "ELEVENLABS_API_KEY": "bench",
        ]
    }

    public func stop() async {
        await recogniser.stop()
        await model.stop()
        await voice.stop()
    }
}
