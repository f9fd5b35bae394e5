import CallTime

// The caller's side: from onsets and endpoints to a transcript that a reply can answer.
extension Conversation {
    mutating func speechStarted(
        _ number: Int, onset: CallInstant, _ now: CallInstant, _ actions: inout [Action]
    ) {
        if agent == .awaitingTranscript {
            // The caller goes on before the last transcript has come: it will join this utterance's.
            lateUtterance = utterance?.number
            agent = .listening
        }
        utterance = Utterance(number: number, onset: onset, lastSpeech: now, probableEnd: now)
        caller = .speaking(utterance: number)
        actions.append(.disarmTimer(.deadAir))
        if agent == .speaking || agent == .awaitingReply { suspectBargeIn(now, &actions) }
    }

    mutating func speechMayHaveEnded(
        _ number: Int, _ lastSpeech: CallInstant, _ now: CallInstant, _ actions: inout [Action]
    ) {
        guard utterance?.number == number else { return }
        utterance?.lastSpeech = lastSpeech
        utterance?.probableEnd = now
        caller = .mayBeDone(utterance: number)
        askForTranscript(now, &actions)
    }

    mutating func speechResumed(_ number: Int, _ now: CallInstant, _ actions: inout [Action]) {
        guard utterance?.number == number else { return }
        caller = .speaking(utterance: number)
        utterance?.final = nil
        actions.append(.disarmTimer(.transcriptDue))
        discardSpeculation("the caller went on", &actions)
        if ignoredUtterance == number { ignoredUtterance = nil }
        if agent == .speaking { suspectBargeIn(now, &actions) }
    }

    mutating func speechEnded(
        _ number: Int, _ lastSpeech: CallInstant, _ now: CallInstant, _ actions: inout [Action]
    ) {
        guard utterance?.number == number else { return }
        let resumedSinceAsked = caller == .speaking(utterance: number)
        utterance?.lastSpeech = lastSpeech
        utterance?.endpoint = now
        caller = .silent
        if utterance?.final != nil {
            settleUtterance(now, &actions)
        } else {
            if resumedSinceAsked { askForTranscript(now, &actions) }
            if agent == .listening { agent = .awaitingTranscript }
        }
    }

    private mutating func askForTranscript(_ now: CallInstant, _ actions: inout [Action]) {
        guard var current = utterance else { return }
        current.revision += 1
        current.final = nil
        utterance = current
        actions.append(
            .finalizeTranscript(
                utterance: current.number, revision: current.revision, lastSpeech: current.lastSpeech))
        actions.append(.armTimer(.transcriptDue, at: now + configuration.deadlines.transcript))
    }

    // MARK: Transcripts

    mutating func interimTranscript(
        _ number: Int, _ text: String, _ now: CallInstant, _ actions: inout [Action]
    ) {
        guard utterance?.number == number else { return }
        utterance?.interim = text
        confirmBargeInByInterimWords(now, &actions)
    }

    mutating func finalTranscript(
        _ number: Int, _ revision: Int, _ text: String, _ wasRejected: Bool, _ now: CallInstant,
        _ actions: inout [Action]
    ) {
        if number == lateUtterance {
            lateUtterance = nil
            if !text.isEmpty { unanswered = joined(unanswered, text) }
            return
        }
        guard let current = utterance, current.number == number, current.revision == revision, current.final == nil,
            caller != .speaking(utterance: number)
        else { return }
        utterance?.final = Utterance.Final(
            revision: revision, text: text, wasRejected: wasRejected, arrived: now)
        actions.append(.disarmTimer(.transcriptDue))
        switch agent {
        case .holding: decideBargeInByTranscript(now, &actions)
        case .speaking: takeTurnBelatedly(now, &actions)
        default: settleUtterance(now, &actions)
        }
    }

    /// The recogniser gave up: the caller is asked to say it again, as if nothing had been understood.
    mutating func transcriptFailed(_ reason: String, _ now: CallInstant, _ actions: inout [Action]) {
        actions.append(.note(.providerFailed("speech_to_text", reason: reason)))
        guard let current = utterance, current.final == nil else { return }
        finalTranscript(current.number, current.revision, "", true, now, &actions)
    }

    // MARK: From transcript to reply

    /// The transcript is there; with it the reply may begin, and once the endpoint is there too it may be heard.
    mutating func settleUtterance(_ now: CallInstant, _ actions: inout [Action]) {
        guard let current = utterance, let final = current.final, ignoredUtterance != current.number else { return }
        switch agent {
        case .listening, .awaitingTranscript: break
        default: return
        }
        if final.text.isEmpty, !final.wasRejected {
            guard current.hasEnded else { return }
            ignoreUtterance(current.number, "nothing was said", now, &actions)
            return
        }
        if reply == nil { requestModelReply(to: current, final, now, &actions) }
        if current.hasEnded { commitReply(now, &actions) }
    }

    private mutating func ignoreUtterance(
        _ number: Int, _ reason: String, _ now: CallInstant, _ actions: inout [Action]
    ) {
        actions.append(.note(.utteranceIgnored(utterance: number, reason: reason)))
        ignoredUtterance = number
        agent = .listening
        if let words = unanswered {
            // What was said before the noise still wants its answer.
            unanswered = nil
            utterance?.final?.text = words
            ignoredUtterance = nil
            settleUtterance(now, &actions)
        } else {
            armDeadAir(now, &actions)
        }
    }

    private mutating func requestModelReply(
        to current: Utterance, _ final: Utterance.Final, _ now: CallInstant, _ actions: inout [Action]
    ) {
        var next = Reply(
            turn: nextTurn(), origin: .model(utterance: current.number, revision: final.revision),
            request: nextRequest())
        next.callerText = withKeys(joined(unanswered, final.text))
        next.keysTold = wantedKeys == nil ? pendingKeys.count : 0
        next.segmenter = replySegmenter
        unanswered = nil
        next.lastSpeech = current.lastSpeech
        next.probableEnd = current.probableEnd
        next.chain = [.init(.transcript, from: current.probableEnd, to: final.arrived)]
        next.stageBegan = now
        reply = next
        if hasOpenTools {
            awaitsTools = true
        } else {
            sendRequest(now, &actions)
        }
    }

    func joined(_ earlier: String?, _ text: String) -> String {
        guard let earlier, !earlier.isEmpty else { return text }
        return text.isEmpty ? earlier : earlier + " " + text
    }
}
