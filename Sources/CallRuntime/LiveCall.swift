import CallTime
import Codecs
import Conversation
import Providers

/// One call on the wall clock: the engine in an actor, each provider's stream in a task of its own.
///
/// Answers count when they come. An answer's instant is never before the one before it.
///
/// Whoever owns the media drives it in one of two ways, on the executor the call was made with:
/// - a carrier with a queue of its own (`connect(to:)`): `receive` for each payload, `tick` each 20 ms; the call hands
///   the carrier audio ahead of its time, marks, and the order to drop what is queued;
/// - a file or a device: `receive`, and `nextFrame` each 20 ms with the instant of its media clock.
public actor LiveCall {
    private let settings: CallSettings
    private let providers: CallProviders
    private let executor: any SerialExecutor
    private let clock = ContinuousClock()
    /// The wall clock's reading at the first sample of the caller's stream.
    private var began: ContinuousClock.Instant
    private var engine: CallEngine
    private var session: (any SpeechToTextSession)?
    /// What was to be told to the recogniser before its session was there.
    private var untold: [RecogniserCommand] = []
    private var transcripts: Task<Void, Never>?
    private var requests: [Int: Task<Void, Never>] = [:]
    private var segments: [Int: Task<Void, Never>] = [:]
    private var tools: [String: Task<Void, Never>] = [:]
    /// What was run with which arguments: a model that asks again after an interruption gets the first answer.
    private var toolLedger: [String: Task<String, Never>] = [:]
    private var lastInstant = CallInstant.start
    private var line: CarrierLine?
    private var greeted = false
    /// When the caller's last audio came, until its lateness was dealt with; nil: none is due.
    private var lastMedia: CallInstant?

    /// Carriers send each 20 ms, also in silence. Two seconds without are no burst any more, and a caller who waits
    /// longer for a word asks whether anybody is there.
    private static let mediaDeadline = Duration.seconds(2)
    private var onEnd: (@Sendable (CallEnd) -> Void)?

    /// 60 s of frames: what a recogniser that does not come up may miss at most.
    private static let mostUntold = 3_000

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameter executor: where the call lives; an event loop's, for a call whose media comes from a socket.
    public init(settings: CallSettings, providers: CallProviders, executor: (any SerialExecutor)? = nil) throws {
        self.settings = settings
        self.providers = providers
        self.executor = executor ?? QueueExecutor(label: "call")
        engine = try CallEngine(settings)
        began = clock.now
    }

    // MARK: Life

    /// Opens the recogniser. The caller's audio may come at once: what precedes the session is told to it later, whole.
    public func open() {
        began = clock.now
        let (events, continuation) = AsyncStream.makeStream(
            of: TranscriptEvent.self, bufferingPolicy: .bufferingNewest(256))
        let recogniser = providers.speechToText
        for voice in providers.voices { voice.callBegan(settings.callID) }
        providers.languageModel.warmUp()
        transcripts = Task { [weak self] in
            do {
                let session = try await recogniser.open(SpeechToTextConfiguration()) { continuation.yield($0) }
                await self?.opened(session)
            } catch {
                await self?.deliver(.transcript(.failed(ProviderError(error, from: recogniser.name))))
            }
            for await event in events { await self?.deliver(.transcript(event)) }
        }
    }

    /// Lets the agent greet.
    public func greet() {
        guard !greeted else { return }
        greeted = true
        engine.start(at: now())
        performEffects()
    }

    /// Opens the recogniser and lets the agent greet.
    public func start() {
        open()
        greet()
    }

    public func end() async {
        if engine.ended == nil { engine.handle(.callerHungUp, at: now()) }
        performEffects()
        for task in Array(requests.values) + Array(segments.values) + Array(tools.values) { task.cancel() }
        (requests, segments, tools, untold) = ([:], [:], [:], [])
        for voice in providers.voices { voice.callEnded(settings.callID) }
        line = nil
        onEnd = nil
        let session = session
        self.session = nil
        transcripts?.cancel()
        await session?.close()
    }

    /// Something the owner of the call knows: keys, a machine that answered, an order to end.
    public func tell(_ event: OutsideEvent) {
        if case .leaveMessage = event { greeted = true }
        deliver(event)
    }

    // MARK: Media

    public func receive(_ payload: [UInt8], at time: SampleTime) {
        // A frame that is here was spoken: a clock that disagrees started too late.
        let spoken = CallInstant(time, at: .narrowband) + SampleRate.narrowband.duration(of: payload.count)
        let early = spoken - (CallInstant.start + (clock.now - began))
        if early > .zero, early < .seconds(5) { began = began - early }
        let now = now()
        lastMedia = now
        engine.fireTimers(at: now)
        engine.receive(payload.span, at: time, now: now)
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

    // MARK: A carrier

    /// From now on the agent's audio goes to `line`; `onEnd` is called once, when the call has ended by itself.
    public func connect(to line: CarrierLine, onEnd: @escaping @Sendable (CallEnd) -> Void) {
        self.line = line
        self.onEnd = onEnd
    }

    /// Lets fire what has become due, and keeps the carrier's queue filled. To be called each 20 ms in which no audio of
    /// the caller's came, which does the same.
    public func tick() {
        let now = now()
        engine.fireTimers(at: now)
        if let last = lastMedia, now - last > Self.mediaDeadline {
            lastMedia = nil
            engine.mediaIsLate(at: now)
        }
        performEffects()
    }

    /// The carrier says that it has played up to a mark, or dropped it.
    public func markReturned(_ name: String) {
        guard var line else { return }
        let now = now()
        if let delay = line.markReturned(name, at: now) { engine.carrierLags(by: delay, at: now) }
        self.line = line
    }

    private func fillCarrier() {
        guard var line, engine.hasAudio else { return }
        line.fill(from: &engine, at: now())
        self.line = line
    }

    // MARK: What came of it

    public var ended: CallEnd? { engine.ended }
    public var transcript: CallTranscript { engine.transcript }
    public var ledgers: [TurnLedger] { engine.ledgers }
    public var isCallerSpeaking: Bool { engine.isCallerSpeaking }
    public var callerTalk: Duration { engine.callerTalk }
    public var hasGreeted: Bool { greeted }
    public var underrun: Duration { engine.underrun }
    public var history: [Message] { engine.conversation.history }
    public var media: CallMediaCounts { engine.mediaCounts }

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

    private func opened(_ session: any SpeechToTextSession) async {
        guard engine.ended == nil else { return await session.close() }
        self.session = session
        for command in untold { session.perform(command) }
        untold = []
    }

    private func recognise(_ command: RecogniserCommand) {
        if let session {
            session.perform(command)
        } else if untold.count < Self.mostUntold {
            untold.append(command)
        }
    }

    private func performEffects() {
        // Taking audio tells turn-taking what began; it may want something in return.
        repeat {
            performOnce()
            fillCarrier()
        } while engine.hasEffects
    }

    private func performOnce() {
        for effect in engine.takeEffects() {
            switch effect {
            case .recognise(let command): recognise(command)
            case .requestReply(let request, let modelRequest): startReply(request, modelRequest)
            case .cancelReply(let request): requests.removeValue(forKey: request)?.cancel()
            case .synthesize(let segment, let attempt, let request): startSpeech(segment, attempt, request)
            case .cancelSpeech(let segment): segments.removeValue(forKey: segment)?.cancel()
            case .runTool(let call): startTool(call)
            case .clearCarrier: line?.clear()
            case .hangUp(let reason):
                onEnd?(reason)
                onEnd = nil
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
            await self?.forget(request: request)
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
    func startTool(_ call: ToolCall) {
        let context = ToolContext(
            callID: settings.callID, toolCallID: call.id, now: settings.civilTime(at: lastInstant))
        let entry = "\(call.name) \(call.arguments)"
        let isRepeatable = providers.tool(call.name)?.description.isReadOnly ?? true
        let known = isRepeatable ? nil : toolLedger[entry]
        let run = known ?? Task { [providers] in await providers.run(call, context: context) }
        if !isRepeatable { toolLedger[entry] = run }
        tools[call.id] = Task { [weak self] in
            let json = await run.value
            await self?.toolAnswered(call, json, entry)
        }
    }

    private func toolAnswered(_ call: ToolCall, _ json: String, _ entry: String) {
        // A failure may be tried again.
        if json.hasPrefix("{\"error\"") { toolLedger[entry] = nil }
        if call.name == "send_dtmf", let answer = JSONValue(json), answer["sent"] == .bool(true) {
            sendKeys(answer["digits"]?.plainText ?? "")
        }
        deliver(.toolFinished(callID: call.id, json: json))
    }

    /// Keys sound on the line itself, behind what the carrier has queued.
    private func sendKeys(_ digits: String) {
        let tones = KeyTones.muLaw(digits)
        guard !tones.isEmpty, let line else { return }
        line.play(tones)
        engine.carrierPlays(tones.count, at: now())
    }

    /// Returns once every tool that was started has answered.
    func toolsAnswered() async { for task in tools.values { await task.value } }

    private func forget(request: Int) { requests[request] = nil }
}
