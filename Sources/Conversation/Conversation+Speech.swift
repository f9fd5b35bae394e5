import CallTime

// From words to sound: segments to the voice, and what playout reports of them.
extension Conversation {
    // MARK: The voice

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

    mutating func expectAnswer(_ step: String?, _ actions: inout [Action]) {
        expectedStep = step
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
        if keysAreWhole { return answerKeys(now, &actions) }
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
