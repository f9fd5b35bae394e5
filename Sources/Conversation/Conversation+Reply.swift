import CallTime

// The agent's side: a reply from its request to its last played sample.
extension Conversation {
    // MARK: Requests

    /// Asks the model for the next part of the reply in `reply`.
    mutating func sendRequest(_ now: CallInstant, _ actions: inout [Action]) {
        guard let current = reply else { return }
        awaitsTools = false
        reply?.stageBegan = now
        let soFar = current.messages(heardUpTo: nil, rate: configuration.playoutRate, wasInterrupted: false)
        actions.append(
            .requestReply(
                request: current.currentRequest, messages: history + callerMessage(current) + soFar,
                isSpeculative: !current.isCommitted))
        if current.isCommitted {
            actions.append(.armTimer(.firstTokenDue, at: now + configuration.deadlines.firstToken))
        }
    }

    func callerMessage(_ reply: Reply) -> [Message] {
        reply.callerText.map { [.caller($0)] } ?? []
    }

    /// The endpoint has come: the reply counts, may act and may be heard.
    mutating func commitReply(_ now: CallInstant, _ actions: inout [Action]) {
        guard var current = reply, !current.isCommitted, let utterance else { return }
        turnsTaken += 1
        guard turnsTaken <= configuration.mostTurns else {
            dropReply(&actions)
            return sayFixedLine(configuration.limitGoodbye, isProtected: true, ending: .limit, now, &actions)
        }
        current.isCommitted = true
        current.lastSpeech = utterance.lastSpeech
        current.commit = utterance.endpoint ?? now
        reply = current
        agent = .awaitingReply
        deadAirStep = 0
        saidWaitLine = false
        actions.append(.note(.callerTurn(utterance: utterance.number, text: current.callerText ?? "")))
        actions.append(
            .note(.replyCommitted(turn: current.turn, endpointDelay: current.commit - utterance.lastSpeech)))
        for call in current.openToolCalls { runTool(call, now, &actions) }
        actions.append(.startPlayout(turn: current.turn))
        if current.segments.contains(where: \.audioHasArrived) {
            actions.append(.armTimer(.playoutDue, at: now + configuration.deadlines.playout))
        } else if current.hasSegments {
            actions.append(.armTimer(.firstAudioDue, at: now + configuration.deadlines.firstAudio))
        } else if !awaitsTools {
            actions.append(.armTimer(.firstTokenDue, at: now + configuration.deadlines.firstToken))
        }
        completePartIfDone(now, &actions)
    }

    mutating func discardSpeculation(_ reason: String, _ actions: inout [Action]) {
        guard let current = reply, !current.isCommitted else { return }
        actions.append(.note(.speculationDiscarded(request: current.currentRequest, reason: reason)))
        unanswered = nil
        dropReply(&actions)
    }

    /// Cancels whatever is being made for the reply and empties playout.
    mutating func dropReply(_ actions: inout [Action]) {
        guard let current = reply else { return }
        if !current.isFinished { actions.append(.cancelReply(request: current.currentRequest)) }
        actions.append(.flushPlayout)
        for timer in [TimerID.firstTokenDue, .firstAudioDue, .playoutDue] { actions.append(.disarmTimer(timer)) }
        awaitsTools = false
        reply = nil
    }

    // MARK: What the model streams

    mutating func replyText(_ request: Int, _ text: String, _ now: CallInstant, _ actions: inout [Action]) {
        guard reply?.currentRequest == request else { return }
        noteFirstToken(now, &actions)
        var pieces: [String] = []
        reply?.segmenter.append(text) { pieces.append($0) }
        for piece in pieces { addSegment(piece, now, &actions) }
    }

    mutating func replyToolCall(
        _ request: Int, _ call: ToolRequest, _ now: CallInstant, _ actions: inout [Action]
    ) {
        guard let current = reply, current.currentRequest == request else { return }
        noteFirstToken(now, &actions)
        guard !current.parts.contains(where: { $0.toolCalls.contains { $0.id == call.id } }) else { return }
        let part = current.parts.count - 1
        reply?.parts[part].toolCalls.append(call)
        if call.name == ToolRequest.endCall {
            reply?.parts[part].results[call.id] = "{}"
            reply?.ending = .goodbye
        } else if current.isCommitted {
            runTool(call, now, &actions)
        }
    }

    mutating func replyExpects(_ request: Int, step: String?, _ actions: inout [Action]) {
        guard let current = reply, current.currentRequest == request else { return }
        reply?.expects = step
        reply?.namesExpectation = true
        // Before it is heard, the question is not asked; once some of it is, the answer may come.
        if current.hasBecomeAudible { expectAnswer(step, &actions) }
    }

    mutating func replyFinished(_ request: Int, _ now: CallInstant, _ actions: inout [Action]) {
        guard let current = reply, current.currentRequest == request, !current.isFinished else { return }
        actions.append(.disarmTimer(.firstTokenDue))
        var pieces: [String] = []
        reply?.segmenter.finish { pieces.append($0) }
        for piece in pieces { addSegment(piece, now, &actions) }
        reply?.parts[current.parts.count - 1].isFinished = true
        completePartIfDone(now, &actions)
    }

    mutating func replyFailed(_ request: Int, _ reason: String, _ now: CallInstant, _ actions: inout [Action]) {
        guard let current = reply, current.currentRequest == request, !current.isFinished else { return }
        actions.append(.note(.providerFailed("language_model", reason: reason)))
        failuresInARow += 1
        guard current.isCommitted else {
            // The endpoint will ask again, aloud if need be.
            unanswered = nil
            dropReply(&actions)
            return
        }
        actions.append(.cancelReply(request: request))
        actions.append(.disarmTimer(.firstTokenDue))
        sayInstead(now, &actions)
    }

    /// The model cannot go on with this reply: an apology takes its place, after a second failure the goodbye.
    private mutating func sayInstead(_ now: CallInstant, _ actions: inout [Action]) {
        guard let current = reply else { return }
        let part = current.parts.count - 1
        reply?.segmenter = SentenceSegmenter()
        if failuresInARow >= 2 { reply?.ending = .failure }
        let line = failuresInARow >= 2 ? configuration.failureGoodbye : configuration.apology
        for piece in pieces(of: line) { addSegment(piece, now, &actions) }
        reply?.parts[part].isFinished = true
        completePartIfDone(now, &actions)
    }

    private mutating func noteFirstToken(_ now: CallInstant, _ actions: inout [Action]) {
        actions.append(.disarmTimer(.firstTokenDue))
        guard let current = reply, current.awaitsFirstToken else { return }
        reply?.chain.append(.init(.firstToken, from: current.stageBegan, to: now))
        reply?.stageBegan = now
        reply?.awaitsFirstToken = false
    }

    // MARK: Speech

    mutating func addSegment(_ text: String, _ now: CallInstant, _ actions: inout [Action]) {
        guard let current = reply else { return }
        if !current.hasSegments, current.isModelReply {
            reply?.chain.append(.init(.firstClause, from: current.stageBegan, to: now))
            reply?.stageBegan = now
        }
        let segment = Segment(id: nextSegment(), turn: current.turn, text: text)
        reply?.parts[current.parts.count - 1].segments.append(SpokenSegment(segment: segment))
        actions.append(.speak(segment))
        if current.isCommitted, !current.hasSegments {
            actions.append(.armTimer(.firstAudioDue, at: now + configuration.deadlines.firstAudio))
        }
    }

    func pieces(of line: String) -> [String] {
        var segmenter = SentenceSegmenter(.wholeSentences)
        var pieces: [String] = []
        segmenter.append(line) { pieces.append($0) }
        segmenter.finish { pieces.append($0) }
        return pieces
    }

    /// Says one of our own lines as a turn of its own.
    mutating func sayFixedLine(
        _ line: String, isProtected: Bool = false, ending: CallEnd? = nil, _ now: CallInstant,
        _ actions: inout [Action]
    ) {
        sayFixedLines([.init(text: line)], isProtected: isProtected, ending: ending, now, &actions)
    }

    mutating func sayFixedLines(
        _ lines: [DialogueScript.OpeningLine], isProtected: Bool = false, ending: CallEnd? = nil, _ now: CallInstant,
        _ actions: inout [Action]
    ) {
        var next = Reply(turn: nextTurn(), origin: .fixed, request: nextRequest())
        next.isCommitted = true
        next.isProtected = isProtected
        next.ending = ending
        next.parts[0].isFinished = true
        reply = next
        agent = .awaitingReply
        for line in lines {
            for piece in pieces(of: line.text) {
                addSegment(piece, now, &actions)
                let last = reply?.segments.last?.segment.id ?? 0
                reply?.updateSegment(last) {
                    $0.isProtected = line.isProtected
                    $0.isDisclosure = line.isDisclosure
                }
            }
        }
        actions.append(.startPlayout(turn: next.turn))
    }

    mutating func audioArrived(_ id: Int, _ now: CallInstant, _ actions: inout [Action]) {
        guard let current = reply, let spoken = current.segment(id), !spoken.audioHasArrived else { return }
        if current.isModelReply, !current.segments.contains(where: \.audioHasArrived) {
            reply?.chain.append(.init(.firstAudio, from: current.stageBegan, to: now))
        }
        reply?.updateSegment(id) { $0.audioHasArrived = true }
        actions.append(.disarmTimer(.firstAudioDue))
        if agent == .awaitingReply {
            actions.append(.armTimer(.playoutDue, at: now + configuration.deadlines.playout))
        }
    }

    mutating func audioFinished(_ id: Int, _ samples: Int, _ now: CallInstant, _ actions: inout [Action]) {
        guard let spoken = reply?.segment(id) else { return }
        if samples == 0, !spoken.audioHasArrived {
            voiceFailed(id, "no audio", now, &actions)
        } else {
            reply?.updateSegment(id) { $0.sampleCount = samples }
        }
    }

    /// A voice that fails is tried once more (the runtime takes the next in line); then the segment is given up.
    mutating func voiceFailed(_ id: Int, _ reason: String, _ now: CallInstant, _ actions: inout [Action]) {
        guard let spoken = reply?.segment(id), !spoken.wasPlayed else { return }
        actions.append(.note(.providerFailed("text_to_speech", reason: reason)))
        if spoken.audioHasArrived {
            // What has come is played; the rest is lost.
            return
        }
        if !spoken.wasRetried {
            reply?.updateSegment(id) { $0.wasRetried = true }
            actions.append(.speak(spoken.segment))
            if reply?.isCommitted == true {
                actions.append(.armTimer(.firstAudioDue, at: now + configuration.deadlines.firstAudio))
            }
            return
        }
        reply?.removeSegment(id)
        failuresInARow += 1
        if failuresInARow >= 3 {
            dropReply(&actions)
            end(.failure, &actions)
        } else {
            finishTurnIfDone(now, &actions)
        }
    }

    // MARK: Playout

    mutating func playoutStarted(
        _ id: Int, _ audible: CallInstant, _ now: CallInstant, _ actions: inout [Action]
    ) {
        guard let current = reply, current.segment(id) != nil else { return }
        actions.append(.disarmTimer(.playoutDue))
        if agent == .awaitingReply { agent = .speaking }
        guard !current.hasBecomeAudible else { return }
        reply?.hasBecomeAudible = true
        failuresInARow = 0
        if current.isModelReply {
            actions.append(
                .turnMeasured(
                    TurnLedger(
                        turn: current.turn, lastSpeech: current.lastSpeech, probableEnd: current.probableEnd,
                        commit: current.commit, chain: current.chain, audible: audible)))
        }
        if current.namesExpectation { expectAnswer(current.expects, &actions) }
    }

    private mutating func expectAnswer(_ step: String?, _ actions: inout [Action]) {
        let delay = step.flatMap { configuration.flow.step($0)?.endpointDelay }
        actions.append(.expectAnswer(step: step, endpointDelay: delay))
    }

    mutating func playoutFinished(_ id: Int, _ now: CallInstant, _ actions: inout [Action]) {
        guard let spoken = reply?.segment(id), !spoken.wasPlayed else { return }
        reply?.updateSegment(id) { $0.wasPlayed = true }
        if spoken.isDisclosure, reply?.segments.contains(where: { $0.isDisclosure && !$0.wasPlayed }) == false {
            actions.append(.note(.disclosureHeard))
        }
        if case .holding = agent { return }
        finishTurnIfDone(now, &actions)
    }

    /// The turn is over once the model has finished, its tools have answered and its last sample was played.
    mutating func finishTurnIfDone(_ now: CallInstant, _ actions: inout [Action]) {
        guard let current = reply, current.isCommitted else { return }
        guard current.isFinished, current.openToolCalls.isEmpty, current.segments.allSatisfy(\.wasPlayed) else {
            actions.append(.armTimer(.playoutDue, at: now + configuration.deadlines.playout))
            return
        }
        actions.append(.disarmTimer(.playoutDue))
        closeReply(heardUpTo: nil, wasInterrupted: false, &actions)
        if let ending = current.ending { return end(ending, &actions) }
        agent = .listening
        if let waiting = utterance, waiting.final != nil, caller == .silent, ignoredUtterance != waiting.number,
            waiting.number > answeredUtterance
        {
            settleUtterance(now, &actions)
        } else if caller == .silent {
            armDeadAir(now, &actions)
        }
    }

    /// Moves the turn into the history, as it was heard.
    mutating func closeReply(
        heardUpTo position: PlayoutPosition?, wasInterrupted: Bool, _ actions: inout [Action]
    ) {
        guard let current = reply else { return }
        let said = current.messages(
            heardUpTo: position, rate: configuration.playoutRate, wasInterrupted: wasInterrupted)
        history += callerMessage(current) + said
        if case .model(let number, _) = current.origin { answeredUtterance = number }
        let text = said.compactMap { message -> String? in
            if case .agent(let text, _, _) = message, !text.isEmpty { text } else { nil }
        }
        actions.append(
            .note(
                .agentTurn(turn: current.turn, text: text.joined(separator: " "), wasInterrupted: wasInterrupted)))
        reply = nil
    }
}
