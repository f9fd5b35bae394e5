import CallTime
import Codecs
import Conversation
import Providers

/// One call on the wall clock: the engine in an actor, each provider's stream in a task of its own.
///
/// Answers count when they come. Whoever owns the media calls `receive` and `nextFrame` each 20 ms, with the instant
/// of its media clock; both also let fire what has become due. An answer's instant is never before the one before it.
public actor LiveCall {
    private let settings: CallSettings
    private let providers: CallProviders
    private let clock = ContinuousClock()
    private let began: ContinuousClock.Instant
    private var engine: CallEngine
    private var session: (any SpeechToTextSession)?
    private var transcripts: Task<Void, Never>?
    private var requests: [Int: Task<Void, Never>] = [:]
    private var segments: [Int: Task<Void, Never>] = [:]
    private var tools: [String: Task<Void, Never>] = [:]
    private var lastInstant = CallInstant.start

    public init(settings: CallSettings, providers: CallProviders) throws {
        self.settings = settings
        self.providers = providers
        engine = try CallEngine(settings)
        began = clock.now
    }

    // MARK: Life

    /// Opens the recogniser and lets the agent greet.
    public func start() async throws {
        let (events, continuation) = AsyncStream.makeStream(
            of: TranscriptEvent.self, bufferingPolicy: .bufferingNewest(256))
        session = try await providers.speechToText.open(SpeechToTextConfiguration()) { continuation.yield($0) }
        transcripts = Task { [weak self] in
            for await event in events { await self?.deliver(.transcript(event)) }
        }
        engine.start(at: now())
        performEffects()
    }

    public func end() async {
        if engine.ended == nil { engine.handle(.callerHungUp, at: now()) }
        performEffects()
        for task in Array(requests.values) + Array(segments.values) + Array(tools.values) { task.cancel() }
        await session?.close()
        transcripts?.cancel()
    }

    // MARK: Media

    public func receive(_ payload: [UInt8], at time: SampleTime) {
        engine.receive(payload.span, at: time, now: now())
        performEffects()
    }

    /// The agent's next samples; the first sounds at `instant` of the call's media clock.
    public func nextFrame(_ count: Int, at instant: CallInstant) -> [Int16] {
        engine.fireTimers(at: now())
        var frame = [Int16](repeating: 0, count: count)
        var span = frame.mutableSpan
        engine.nextFrame(into: &span, at: instant)
        performEffects()
        return frame
    }

    // MARK: What came of it

    public var ended: CallEnd? { engine.ended }
    public var transcript: CallTranscript { engine.transcript }
    public var ledgers: [TurnLedger] { engine.ledgers }

    public func takeJournal() -> [JournalRecord] { engine.takeJournal() }

    // MARK: Effects

    /// Time since the call began, never going back.
    private func now() -> CallInstant {
        lastInstant = max(lastInstant, CallInstant.start + (clock.now - began))
        return lastInstant
    }

    private func deliver(_ event: OutsideEvent) {
        engine.handle(event, at: now())
        performEffects()
    }

    private func performEffects() {
        for effect in engine.takeEffects() {
            switch effect {
            case .recognise(let command): session?.perform(command)
            case .requestReply(let request, let modelRequest): startReply(request, modelRequest)
            case .cancelReply(let request): requests.removeValue(forKey: request)?.cancel()
            case .synthesize(let segment, let attempt, let request): startSpeech(segment, attempt, request)
            case .cancelSpeech(let segment): segments.removeValue(forKey: segment)?.cancel()
            case .runTool(let call): startTool(call)
            case .hangUp: break
            }
        }
    }

    private func startReply(_ request: Int, _ modelRequest: ModelRequest) {
        let model = providers.languageModel
        requests[request] = Task { [weak self] in
            do {
                for try await event in model.reply(to: modelRequest) {
                    await self?.deliver(.model(request: request, event))
                }
            } catch {
                await self?.deliver(.modelFailed(request: request, ProviderError(error, from: model.name)))
            }
        }
    }

    private func startSpeech(_ segment: Int, _ attempt: Int, _ request: SpeechRequest) {
        let voice = providers.voice(attempt: attempt)
        segments[segment] = Task { [weak self] in
            do {
                for try await event in voice.synthesize(request) {
                    await self?.deliver(.speech(segment: segment, event))
                }
                await self?.deliver(.speechEnded(segment: segment))
            } catch {
                await self?.deliver(.speechFailed(segment: segment, ProviderError(error, from: voice.name)))
            }
        }
    }

    /// A tool that has begun is never cancelled: what it does is done.
    private func startTool(_ call: ToolCall) {
        let context = ToolContext(
            callID: settings.callID, toolCallID: call.id, now: settings.civilTime(at: lastInstant))
        tools[call.id] = Task { [weak self, providers] in
            let json = await providers.run(call, context: context)
            await self?.deliver(.toolFinished(callID: call.id, json: json))
        }
    }
}
