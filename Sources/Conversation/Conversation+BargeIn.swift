import CallTime

// Barge-in: hold at once, then find out. One rule set for greeting, prompt and reply alike.
extension Conversation {
    mutating func suspectBargeIn(_ now: CallInstant, _ actions: inout [Action]) {
        guard let current = reply, current.mayBeInterrupted, let utterance else { return }
        agent = .holding(since: now, position: nil)
        actions.append(.note(.bargeInSuspected(utterance: utterance.number)))
        actions.append(.disarmTimer(.playoutDue))
        let confirmed = max(now, utterance.onset + configuration.bargeIn.confirmingSpeech)
        actions.append(.armTimer(.bargeInDecision, at: confirmed))
        // Last: its answer comes at once, and may decide.
        actions.append(.holdPlayout)
    }

    mutating func playoutHeld(_ position: PlayoutPosition?, _ now: CallInstant, _ actions: inout [Action]) {
        guard case .holding(let since, _) = agent else { return }
        agent = .holding(since: since, position: position)
        if let reason = breakingOff { return breakOff(reason, heardUpTo: position, now, &actions) }
        if utterance?.final != nil { decideBargeInByTranscript(now, &actions) }
    }

    // MARK: Deciding

    mutating func confirmBargeInByInterimWords(_ now: CallInstant, _ actions: inout [Action]) {
        guard case .holding = agent, let utterance else { return }
        let words = utterance.interim.split(separator: " ").count
        guard words >= configuration.bargeIn.confirmingWords, !isBackchannel(utterance.interim) else { return }
        confirmBargeIn("words: \(utterance.interim)", now, &actions)
    }

    mutating func decideBargeInByTranscript(_ now: CallInstant, _ actions: inout [Action]) {
        guard let utterance, let final = utterance.final else { return }
        let length = utterance.lastSpeech - utterance.onset
        if !final.text.isEmpty {
            if isBackchannel(final.text) {
                dismissBargeIn("backchannel: \(final.text)", now, &actions)
            } else {
                confirmBargeIn("words: \(final.text)", now, &actions)
            }
        } else if final.wasRejected, length >= configuration.bargeIn.confirmingLength {
            confirmBargeIn("speech of \(Int(length.milliseconds)) ms", now, &actions)
        } else {
            dismissBargeIn("no words", now, &actions)
        }
    }

    /// The timer's turn: long speech takes the turn; silence without words gives it back.
    mutating func decideBargeInByTime(_ now: CallInstant, _ actions: inout [Action]) {
        guard case .holding(let since, _) = agent, let utterance else { return }
        let settings = configuration.bargeIn
        let speechGoesOn = caller == .speaking(utterance: utterance.number)
        if speechGoesOn, now - utterance.onset >= settings.confirmingSpeech {
            let patience = since + settings.decision + settings.decision
            if utterance.interim.isEmpty || !isBackchannel(utterance.interim) || now >= patience {
                confirmBargeIn("speech of \(Int((now - utterance.onset).milliseconds)) ms", now, &actions)
            } else {
                actions.append(.armTimer(.bargeInDecision, at: min(now + .milliseconds(100), patience)))
            }
        } else if now >= since + settings.decision {
            if speechGoesOn {
                actions.append(.armTimer(.bargeInDecision, at: utterance.onset + settings.confirmingSpeech))
            } else {
                dismissBargeIn("no words in time", now, &actions)
            }
        } else {
            actions.append(.armTimer(.bargeInDecision, at: since + settings.decision))
        }
    }

    /// Playout went on after a hold, and now the words turn out to take the turn after all.
    mutating func takeTurnBelatedly(_ now: CallInstant, _ actions: inout [Action]) {
        guard let current = reply, current.mayBeInterrupted, let utterance, let final = utterance.final,
            !final.text.isEmpty, !isBackchannel(final.text)
        else { return }
        ignoredUtterance = nil
        suspectBargeIn(now, &actions)
    }

    // MARK: Acting on it

    /// Where playout stands while it is held.
    var heldPosition: PlayoutPosition? {
        if case .holding(_, let position) = agent { position } else { nil }
    }

    /// The caller has the turn: everything that was not heard is dropped, and the history keeps what was.
    private mutating func confirmBargeIn(_ reason: String, _ now: CallInstant, _ actions: inout [Action]) {
        guard let current = reply, let utterance else { return }
        let position = heldPosition ?? PlayoutPosition(segment: 0, sample: 0)
        actions.append(.disarmTimer(.bargeInDecision))
        actions.append(.note(.bargeInConfirmed(utterance: utterance.number, reason: reason)))
        let nothingHappened = !current.hasBecomeAudible && current.parts.allSatisfy { $0.toolCalls.isEmpty }
        if nothingHappened {
            // Unheard and without effect: as if it had never been; the caller's words wait for the rest of them.
            unanswered = current.callerText
            dropReply(&actions)
        } else {
            var kept = current
            kept.forgetUnstartedTools(startedTools)
            dropReply(&actions)
            reply = kept
            closeReply(heardUpTo: position, wasInterrupted: true, &actions)
        }
        agent = .listening
        if utterance.final != nil {
            settleUtterance(now, &actions)
        } else if utterance.hasEnded {
            agent = .awaitingTranscript
        }
    }

    private mutating func dismissBargeIn(_ reason: String, _ now: CallInstant, _ actions: inout [Action]) {
        guard case .holding(_, let position) = agent, let current = reply, let utterance else { return }
        actions.append(.disarmTimer(.bargeInDecision))
        actions.append(.note(.bargeInDismissed(utterance: utterance.number, reason: reason)))
        ignoredUtterance = utterance.number
        agent = current.hasBecomeAudible ? .speaking : .awaitingReply
        var resumeAt = position
        if let held = position, let spoken = current.segment(held.segment) {
            resumeAt?.sample = spoken.resumeSample(from: held.sample, rate: configuration.playoutRate)
        }
        actions.append(.resumePlayout(at: resumeAt))
        finishTurnIfDone(now, &actions)
    }

    // MARK: Backchannels

    /// Whether these words take no turn: "mm-hm" never does, "yes" only when we have asked.
    func isBackchannel(_ text: String) -> Bool {
        let words = text.lowercased().filter { $0.isLetter || $0 == "-" || $0 == " " || $0 == "'" }
        let phrase = words.split(separator: " ").joined(separator: " ")
        if phrase.isEmpty { return false }
        let settings = configuration.bargeIn
        func isOne(_ phrase: String) -> Bool {
            settings.backchannels.contains(phrase)
                || (!isAskingNow && settings.acknowledgements.contains(phrase))
        }
        return isOne(phrase) || phrase.split(separator: " ").allSatisfy { isOne(String($0)) }
    }

    /// Whether the sentence that was being said when playout was held is a question.
    private var isAskingNow: Bool {
        guard let segments = reply?.segments else { return false }
        let current = heldPosition.flatMap { held in segments.firstIndex { $0.segment.id == held.segment } }
        let first = current ?? segments.lastIndex(where: \.wasPlayed) ?? segments.startIndex
        let end = segments[first...].lazy.compactMap(\.segment.text.last).first { ".?!".contains($0) }
        return end == "?"
    }
}
