import CallTime

// The agent's side: a reply from its request to the last thing the model said for it.
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
        pendingKeys.removeFirst(min(current.keysTold, pendingKeys.count))
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
        guard current.isCommitted else {
            failuresInARow += 1
            // The endpoint will ask again, aloud if need be.
            unanswered = nil
            dropReply(&actions)
            return
        }
        actions.append(.cancelReply(request: request))
        actions.append(.disarmTimer(.firstTokenDue))
        if current.mayBeAskedAnew {
            askAnew(now, &actions)
        } else {
            failuresInARow += 1
            sayInstead(now, &actions)
        }
    }

    /// Nothing of the reply was heard and nothing was done for it: the model may word it again.
    private mutating func askAnew(_ now: CallInstant, _ actions: inout [Action]) {
        guard let current = reply else { return }
        let request = nextRequest()
        actions.append(.flushPlayout)
        reply?.parts[current.parts.count - 1] = Reply.Part(request: request)
        let segmenter = replySegmenter
        reply?.segmenter = segmenter
        reply?.wasAskedAnew = true
        reply?.awaitsFirstToken = true
        sendRequest(now, &actions)
        actions.append(.startPlayout(turn: current.turn))
    }

    var replySegmenter: SentenceSegmenter {
        var settings = SentenceSegmenter.Configuration()
        settings.firstClauseWords = configuration.firstClauseWords
        return SentenceSegmenter(settings)
    }

    /// The model cannot go on with this reply: an apology takes its place, after a second failure the goodbye.
    private mutating func sayInstead(_ now: CallInstant, _ actions: inout [Action]) {
        guard let current = reply else { return }
        let part = current.parts.count - 1
        let segmenter = replySegmenter
        reply?.segmenter = segmenter
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
}
