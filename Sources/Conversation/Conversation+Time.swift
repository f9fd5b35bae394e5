import CallTime

// What happens when something does not.
extension Conversation {
    mutating func armDeadAir(_ now: CallInstant, _ actions: inout [Action]) {
        let ladder = configuration.deadAirLadder
        let wait = deadAirStep < ladder.count ? ladder[deadAirStep].after : configuration.deadAirGiveUp
        actions.append(.armTimer(.deadAir, at: now + wait))
    }

    mutating func timerFired(_ timer: TimerID, _ now: CallInstant, _ actions: inout [Action]) {
        switch timer {
        case .transcriptDue: transcriptIsLate(now, &actions)
        case .firstTokenDue: firstTokenIsLate(now, &actions)
        case .firstAudioDue: firstAudioIsLate(now, &actions)
        case .playoutDue: playoutIsLate(now, &actions)
        case .toolDue: toolIsLate(now, &actions)
        case .fillerDue: sayFiller(now, &actions)
        case .keysDone: keysAreDone(now, &actions)
        case .bargeInDecision: decideBargeInByTime(now, &actions)
        case .deadAir: nobodySpeaks(now, &actions)
        case .longestCall: wrapUp(configuration.limitGoodbye, ending: .limit, now, &actions)
        }
    }

    private mutating func transcriptIsLate(_ now: CallInstant, _ actions: inout [Action]) {
        guard let current = utterance, current.final == nil else { return }
        actions.append(.note(.late(.transcriptDue, culprit: "speech_to_text")))
        finalTranscript(current.number, current.revision, current.interim, current.interim.isEmpty, now, &actions)
    }

    private mutating func firstTokenIsLate(_ now: CallInstant, _ actions: inout [Action]) {
        guard let current = reply, current.isCommitted, !current.isFinished else { return }
        actions.append(.note(.late(.firstTokenDue, culprit: "language_model")))
        if saidWaitLine {
            replyFailed(current.currentRequest, "no token in time", now, &actions)
        } else {
            saidWaitLine = true
            if current.awaitsFirstToken, !current.hasSegments {
                reply?.chain.append(.init(.firstToken, from: current.stageBegan, to: now))
                reply?.stageBegan = now
                reply?.awaitsFirstToken = false
            }
            for piece in pieces(of: configuration.waitLine) { addSegment(piece, now, &actions) }
            actions.append(.armTimer(.firstTokenDue, at: now + configuration.deadlines.firstToken))
        }
    }

    private mutating func firstAudioIsLate(_ now: CallInstant, _ actions: inout [Action]) {
        guard let waiting = reply?.segments.first(where: { !$0.wasPlayed && !$0.audioHasArrived }) else { return }
        actions.append(.note(.late(.firstAudioDue, culprit: "text_to_speech")))
        voiceFailed(waiting.segment.id, "no audio in time", now, &actions)
    }

    /// Playout said nothing for too long: what has audio counts as played, what has none is asked for again.
    private mutating func playoutIsLate(_ now: CallInstant, _ actions: inout [Action]) {
        guard let current = reply, current.isCommitted, let next = current.segments.first(where: { !$0.wasPlayed })
        else {
            // Everything was played and the model is still at it: its own deadline is armed.
            if let current = reply, current.isCommitted, !current.isFinished {
                firstTokenIsLate(now, &actions)
            }
            return
        }
        if next.audioHasArrived {
            actions.append(.note(.late(.playoutDue, culprit: "playout")))
            playoutFinished(next.segment.id, now, &actions)
        } else {
            firstAudioIsLate(now, &actions)
        }
    }

    // MARK: Silence and length

    private mutating func nobodySpeaks(_ now: CallInstant, _ actions: inout [Action]) {
        guard agent == .listening, caller == .silent else { return }
        guard deadAirStep < configuration.deadAirLadder.count else {
            return sayFixedLine(configuration.deadAirGoodbye, ending: .deadAir, now, &actions)
        }
        let line = configuration.deadAirLadder[deadAirStep].say
        deadAirStep += 1
        actions.append(.note(.deadAirPrompt(number: deadAirStep)))
        sayFixedLine(line, now, &actions)
    }

    /// The call ends now, whoever is speaking: with a last line that nobody talks over.
    mutating func wrapUp(_ line: String, ending: CallEnd, _ now: CallInstant, _ actions: inout [Action]) {
        if reply?.ending != nil, reply?.isProtected == true { return }
        guard !line.isEmpty else { return end(ending, &actions) }
        breakOff(.lastLine(line, ending), now, &actions)
    }

    /// Whatever was being said to the machine's greeting is given up; the message is what it shall record.
    mutating func machineAnswered(_ message: String, _ now: CallInstant, _ actions: inout [Action]) {
        actions.append(.armTimer(.longestCall, at: now + configuration.longestCall))
        actions.append(.disarmTimer(.deadAir))
        wrapUp(message, ending: .voicemail, now, &actions)
    }
}
