import CallTime
import Codecs
import Conversation
import MediaPipeline
import Providers

// Performing what turn-taking decides.
extension CallEngine {
    mutating func apply(_ event: Event, at now: CallInstant) {
        guard ended == nil else { return }
        var actions: [Action] = []
        conversation.handle(event, at: now, into: &actions)
        for action in actions { perform(action, now) }
    }

    private mutating func perform(_ action: Action, _ now: CallInstant) {
        journalAction(action, now)
        switch action {
        case .finalizeTranscript(let utterance, let revision, let last):
            effects.append(
                .recognise(.finalize(utterance, revision: revision, lastSpeech: last.sampleTime(at: inbound.rate))))
        case .expectAnswer(let step, let delay):
            inbound.endpointDelay = delay ?? settings.endpointDelay
            effects.append(.recognise(.expect(step: step)))
        case .requestReply(let request, let messages, _):
            effects.append(.requestReply(request: request, modelRequest(messages, now)))
        case .cancelReply(let request):
            effects.append(.cancelReply(request: request))
        case .runTool(let call):
            effects.append(.runTool(ToolCall(id: call.id, name: call.name, arguments: call.arguments)))
        case .speak(let segment):
            enqueue(segment, now)
        case .startPlayout(let turn):
            playout.start(turn: turn)
        case .holdPlayout:
            let position = playout.hold(unheard: takeBackUnheard(now))
            apply(.playoutHeld(position.map { PlayoutPosition(segment: $0.segment, sample: $0.sample) }), at: now)
        case .resumePlayout(let position):
            playout.resume(at: position.map { Playout.Position(segment: $0.segment, sample: $0.sample) })
        case .flushPlayout:
            flush(now)
        case .armTimer(let timer, let at):
            timers.arm(timer, at: max(at, now))
        case .disarmTimer(let timer):
            timers.disarm(timer)
        case .hangUp(let reason):
            finish(reason, now)
        case .turnMeasured(let ledger):
            ledgers.append(ledger)
        case .note(let note):
            transcript.note(note, at: now)
        }
    }

    private func modelRequest(_ messages: [Message], _ now: CallInstant) -> ModelRequest {
        let told: [ModelMessage] = messages.map { message in
            switch message {
            case .caller(let text): .caller(text: text)
            case .agent(let text, let calls, let wasInterrupted):
                .agent(
                    text: text, toolCalls: calls.map { ToolCall(id: $0.id, name: $0.name, arguments: $0.arguments) },
                    wasInterrupted: wasInterrupted)
            case .toolResult(let id, let name, let json): .toolResult(callID: id, name: name, json: json)
            }
        }
        return ModelRequest(
            instructions: settings.instructions, messages: told, tools: settings.tools,
            now: settings.civilTime(at: now))
    }

    private mutating func finish(_ reason: CallEnd, _ now: CallInstant) {
        ended = reason
        playout.flush()
        waitingSegments = []
        if let open = voicing { effects.append(.cancelSpeech(segment: open.segment.id)) }
        voicing = nil
        effects.append(.hangUp(reason))
    }

    // MARK: The voice

    private mutating func enqueue(_ segment: Segment, _ now: CallInstant) {
        attempts[segment.id, default: 0] += 1
        transcript.segmentPlanned(segment)
        if attempts[segment.id] == 1 {
            waitingSegments.append(segment)
        } else {
            // A second try keeps its place: nothing was played after it.
            if voicing?.segment.id == segment.id {
                effects.append(.cancelSpeech(segment: segment.id))
                voicing = nil
            }
            waitingSegments.insert(segment, at: 0)
        }
        feedVoice(now)
    }

    /// Gives the voice its next segment when it is free and playout has room.
    mutating func feedVoice(_ now: CallInstant) {
        guard voicing == nil, !waitingSegments.isEmpty,
            playout.queued < playout.rate.samples(in: Self.mostQueuedAudio)
        else { return }
        let segment = waitingSegments.removeFirst()
        voicing = Voicing(segment: segment)
        effects.append(
            .synthesize(
                segment: segment.id, attempt: attempts[segment.id] ?? 1,
                SpeechRequest(
                    text: segment.text, voice: settings.voice, sampleRate: playout.rate, callID: settings.callID)))
    }

    mutating func handleSpeech(_ id: Int, _ event: SpeechEvent, _ now: CallInstant) {
        guard var current = voicing, current.segment.id == id else { return }
        switch event {
        case .fellBack: break
        case .words(let words):
            current.learn(words)
            voicing = current
            apply(.wordTimes(segment: id, current.words), at: now)
        case .audio(let payload):
            if !current.hasBegun {
                guard playout.begin(segment: id, turn: current.segment.turn) else {
                    return voiceFailed(id, "too many segments wait for playout", now)
                }
                current.hasBegun = true
            }
            current.samples += payload.sampleCount
            append(payload)
            let isAudible = !current.announced && playout.isReady(turn: current.segment.turn)
            current.announced = current.announced || isAudible
            voicing = current
            if isAudible { apply(.audioArrived(segment: id), at: now) }
        }
    }

    private mutating func append(_ payload: AudioPayload) {
        switch payload {
        case .linear16(let samples): droppedSpeech += samples.count - playout.append(samples.span)
        case .muLaw(let bytes):
            let samples = bytes.map { MuLaw.decode16($0) }
            droppedSpeech += samples.count - playout.append(samples.span)
        }
    }

    mutating func voiceEnded(_ id: Int, _ now: CallInstant) {
        guard let current = voicing, current.segment.id == id else { return }
        voicing = nil
        if current.hasBegun { playout.complete() }
        if current.hasBegun, !current.announced { apply(.audioArrived(segment: id), at: now) }
        apply(.audioFinished(segment: id, samples: current.samples), at: now)
        feedVoice(now)
    }

    mutating func voiceFailed(_ id: Int, _ reason: String, _ now: CallInstant) {
        guard let current = voicing, current.segment.id == id else { return }
        voicing = nil
        if current.hasBegun { playout.complete() }
        apply(.voiceFailed(segment: id, reason: reason), at: now)
        feedVoice(now)
    }

    private mutating func flush(_ now: CallInstant) {
        _ = takeBackUnheard(now)
        playout.flush()
        waitingSegments = []
        if let current = voicing { effects.append(.cancelSpeech(segment: current.segment.id)) }
        voicing = nil
        transcript.flushed(at: now)
    }

    // MARK: Recogniser and model

    mutating func handleTranscript(_ event: TranscriptEvent, _ now: CallInstant) {
        switch event {
        case .interim(let transcript):
            apply(.interimTranscript(utterance: transcript.utterance, text: transcript.text), at: now)
        case .final(let transcript):
            apply(
                .finalTranscript(
                    utterance: transcript.utterance, revision: transcript.revision, text: transcript.text,
                    wasRejected: transcript.wasRejected), at: now)
        case .failed(let error):
            apply(.transcriptFailed(reason: error.description), at: now)
        case .fellBack: break
        }
    }

    mutating func handleModel(_ request: Int, _ event: ModelEvent, _ now: CallInstant) {
        switch event {
        case .text(let text): apply(.replyText(request: request, text), at: now)
        case .toolCall(let call):
            apply(
                .replyToolCall(
                    request: request, ToolRequest(id: call.id, name: call.name, arguments: call.arguments)), at: now)
        case .expects(let step): apply(.replyExpects(request: request, step: step), at: now)
        case .finished: apply(.replyFinished(request: request), at: now)
        case .fellBack: break
        }
    }
}
