import CallTime

// Breaking off what the agent is saying, for good: the history keeps what was heard, and nothing more is made.
extension Conversation {
    /// Why a turn is broken off, and so what comes after it.
    enum BreakingOff: Sendable, Equatable {
        case callerLeft
        case lastLine(String, CallEnd)
    }

    /// Playout that runs is held first: only then is it known how far it came.
    mutating func breakOff(_ reason: BreakingOff, _ now: CallInstant, _ actions: inout [Action]) {
        switch agent {
        case .speaking:
            breakingOff = reason
            agent = .holding(since: now, position: nil)
            actions.append(.holdPlayout)
        case .holding(_, let position): breakOff(reason, heardUpTo: position, now, &actions)
        default: breakOff(reason, heardUpTo: nil, now, &actions)
        }
    }

    mutating func breakOff(
        _ reason: BreakingOff, heardUpTo position: PlayoutPosition?, _ now: CallInstant, _ actions: inout [Action]
    ) {
        breakingOff = nil
        if let current = reply {
            dropReply(&actions)
            if current.hasBecomeAudible {
                reply = current
                let heard = position ?? PlayoutPosition(segment: 0, sample: 0)
                closeReply(heardUpTo: heard, wasInterrupted: true, &actions)
            }
        }
        switch reason {
        case .callerLeft: end(.callerHungUp, &actions)
        case .lastLine(let line, let ending):
            actions.append(.disarmTimer(.bargeInDecision))
            actions.append(.disarmTimer(.transcriptDue))
            sayFixedLine(line, isProtected: true, ending: ending, now, &actions)
        }
    }
}
