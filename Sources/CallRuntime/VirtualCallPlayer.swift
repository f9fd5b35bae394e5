import CallTime
import Codecs
import Conversation
import Providers
import Synchronization

/// One virtual call under way: the engine, the queue of what is going to happen, the recording.
struct VirtualCallPlayer: ~Copyable {
    private static let frame = 160

    private let call: VirtualCall
    private let caller: [UInt8]
    private let session: any SpeechToTextSession
    private let heard: Mailbox
    private var engine: CallEngine
    private var queue = EventQueue<OutsideEvent>()
    private var journal: [JournalRecord] = []
    private var callerAudio: [Int16] = []
    private var agentAudio: [Int16] = []
    private var reported = 0
    /// When the last `finalize` was asked for, by utterance and revision.
    private var asked: [(utterance: Int, revision: Int, at: CallInstant)] = []

    init(_ call: VirtualCall, caller: [UInt8], session: any SpeechToTextSession, heard: Mailbox) throws {
        engine = try CallEngine(call.settings)
        self.call = call
        self.caller = caller
        self.session = session
        self.heard = heard
    }

    /// Frame by frame: what was due before it, the caller's frame, the agent's frame.
    mutating func play(_ onEntry: (CallTranscript.Entry) -> Void) async -> VirtualCall.Outcome {
        engine.start(at: .start)
        await performEffects(at: .start)
        let most = caller.count + SampleRate.narrowband.samples(in: call.options.mostSilenceAfterRecording)
        var position = 0
        while engine.ended == nil, position < most {
            let begin = CallInstant(SampleTime(position), at: .narrowband)
            let end = CallInstant(SampleTime(position + Self.frame), at: .narrowband)
            await playAgentFrame(at: begin)
            await runUntil(end)
            await receiveFrame(position, at: end)
            report(onEntry)
            position += Self.frame
        }
        if engine.ended == nil {
            engine.handle(.callerHungUp, at: CallInstant(SampleTime(position), at: .narrowband))
        }
        await session.close()
        report(onEntry)
        journal += engine.takeJournal()
        return VirtualCall.Outcome(
            end: engine.ended, duration: SampleRate.narrowband.duration(of: agentAudio.count),
            transcript: engine.transcript, ledgers: engine.ledgers, journal: journal, callerAudio: callerAudio,
            agentAudio: agentAudio)
    }

    // MARK: One frame

    private mutating func playAgentFrame(at now: CallInstant) async {
        var frame = [Int16](repeating: 0, count: Self.frame)
        var span = frame.mutableSpan
        engine.nextFrame(into: &span, at: now)
        // What the caller hears went over the line as mu-law.
        for sample in frame { agentAudio.append(MuLaw.decode16(MuLaw.encode(sample))) }
        await performEffects(at: now)
    }

    private mutating func receiveFrame(_ position: Int, at now: CallInstant) async {
        var bytes = [UInt8](repeating: MuLaw.silence, count: Self.frame)
        for place in 0..<Self.frame where position + place < caller.count { bytes[place] = caller[position + place] }
        for byte in bytes { callerAudio.append(MuLaw.decode16(byte)) }
        if engine.ended == nil {
            engine.receive(bytes.span, at: SampleTime(position), now: now)
            await performEffects(at: now)
        }
    }

    /// Everything that happens before `end`: answers and timers, earliest first; an answer before a timer.
    private mutating func runUntil(_ end: CallInstant) async {
        while engine.ended == nil {
            let answer = queue.next ?? end
            let timer = engine.nextTimer ?? end
            if answer < end, answer <= timer, let next = queue.popFirst() {
                engine.handle(next.element, at: next.at)
                await performEffects(at: next.at)
            } else if timer < end {
                engine.fireTimers(at: timer)
                await performEffects(at: timer)
            } else {
                return
            }
        }
    }

    private mutating func report(_ onEntry: (CallTranscript.Entry) -> Void) {
        journal += engine.takeJournal()
        let entries = engine.transcript.entries
        for entry in entries[reported...] { onEntry(entry) }
        reported = entries.count
    }

    // MARK: Effects

    private mutating func performEffects(at now: CallInstant) async {
        var told = false
        for effect in engine.takeEffects() {
            switch effect {
            case .recognise(let command):
                if case .finalize(let utterance, let revision, _) = command {
                    asked.append((utterance, revision, now))
                }
                session.perform(command)
                told = true
            case .requestReply(let request, let modelRequest): await reply(to: modelRequest, request, now)
            case .cancelReply(let request): queue.removeAll { $0.isModelAnswer(to: request) }
            case .synthesize(let segment, let attempt, let request):
                await synthesize(segment, attempt, request, now)
            case .cancelSpeech(let segment): queue.removeAll { $0.isSpeech(of: segment) }
            case .runTool(let tool): await run(tool, now)
            case .clearCarrier, .hangUp: break
            }
        }
        if told { await collectTranscripts(now) }
    }

    private mutating func collectTranscripts(_ now: CallInstant) async {
        await session.drained()
        let delays = call.options.delays
        for event in heard.take() {
            var at = now + delays.interimTranscript
            if case .final(let transcript) = event {
                let request = asked.last { $0.utterance == transcript.utterance && $0.revision == transcript.revision }
                at = max(now, (request?.at ?? now) + delays.finalTranscript)
            }
            queue.insert(.transcript(event), at: at)
        }
    }

    private mutating func reply(to modelRequest: ModelRequest, _ request: Int, _ now: CallInstant) async {
        let delays = call.options.delays
        let model = call.providers.languageModel
        var at = now + delays.firstToken
        do {
            for try await event in model.reply(to: modelRequest) {
                queue.insert(.model(request: request, event), at: at)
                if case .text = event { at = at + delays.token }
            }
        } catch {
            queue.insert(.modelFailed(request: request, ProviderError(error, from: model.name)), at: at)
        }
    }

    private mutating func synthesize(
        _ segment: Int, _ attempt: Int, _ request: SpeechRequest, _ now: CallInstant
    ) async {
        let delays = call.options.delays
        let voice = call.providers.voice(attempt: attempt)
        var at = now + delays.firstAudio
        do {
            for try await event in voice.synthesize(request) {
                queue.insert(.speech(segment: segment, event), at: at)
                if case .audio(let audio) = event {
                    at = at + request.sampleRate.duration(of: audio.sampleCount / delays.speechRate)
                }
            }
            queue.insert(.speechEnded(segment: segment), at: at)
        } catch {
            queue.insert(.speechFailed(segment: segment, ProviderError(error, from: voice.name)), at: at)
        }
    }

    private mutating func run(_ tool: ToolCall, _ now: CallInstant) async {
        let context = ToolContext(
            callID: call.settings.callID, toolCallID: tool.id, now: call.settings.civilTime(at: now))
        let json = await call.providers.run(tool, context: context)
        queue.insert(.toolFinished(callID: tool.id, json: json), at: now + call.options.delays.tool)
    }
}

/// Takes the recogniser's events from its thread.
final class Mailbox: Sendable {
    private let events = Mutex<[TranscriptEvent]>([])

    func put(_ event: TranscriptEvent) { events.withLock { $0.append(event) } }

    func take() -> [TranscriptEvent] {
        events.withLock { events in
            defer { events = [] }
            return events
        }
    }
}

extension OutsideEvent {
    func isModelAnswer(to asked: Int) -> Bool {
        switch self {
        case .model(let request, _), .modelFailed(let request, _): request == asked
        default: false
        }
    }

    func isSpeech(of asked: Int) -> Bool {
        switch self {
        case .speech(let segment, _), .speechEnded(let segment), .speechFailed(let segment, _): segment == asked
        default: false
        }
    }
}
