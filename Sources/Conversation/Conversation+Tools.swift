import CallTime

// Tools: run once, only for a committed turn, and always answered.
extension Conversation {
    /// One reply may go back to the model this often; a model that calls tools in a circle is stopped.
    private static let mostParts = 6

    mutating func runTool(_ call: ToolRequest, _ now: CallInstant, _ actions: inout [Action]) {
        guard startedTools.insert(call.id).inserted else { return }
        reply?.toolBegan = now
        actions.append(.runTool(call))
        actions.append(.armTimer(.toolDue, at: now + configuration.deadlines.tool))
        if !configuration.fillerLine.isEmpty {
            actions.append(.armTimer(.fillerDue, at: now + configuration.fillerAfter))
        }
    }

    /// A tool is still running: the caller hears that something is being done, unless something is being said already.
    mutating func sayFiller(_ now: CallInstant, _ actions: inout [Action]) {
        guard let current = reply, current.isCommitted, !current.saidFiller, !current.openToolCalls.isEmpty,
            current.segments.allSatisfy(\.wasPlayed)
        else { return }
        if !current.hasSegments, let began = current.toolBegan {
            reply?.chain.append(.init(.tool, from: began, to: now))
            reply?.stageBegan = now
        }
        reply?.saidFiller = true
        for piece in pieces(of: configuration.fillerLine) { addSegment(piece, now, &actions) }
    }

    var hasOpenTools: Bool {
        history.contains { message in
            if case .toolResult(let id, _, let json) = message {
                json == Reply.noResult && startedTools.contains(id)
            } else {
                false
            }
        }
    }

    mutating func toolFinished(_ id: String, _ json: String, _ now: CallInstant, _ actions: inout [Action]) {
        if let part = reply?.parts.firstIndex(where: { $0.toolCalls.contains { $0.id == id } }) {
            guard reply?.parts[part].results[id] == nil else { return }
            reply?.parts[part].results[id] = json
            if let name = reply?.parts[part].toolCalls.first(where: { $0.id == id })?.name,
                name == ToolRequest.escalate, json.contains(#""accepted":true"#)
            {
                reply?.ending = .handoff
            }
            noteToolDone(now)
            if reply?.openToolCalls.isEmpty == true {
                actions.append(.disarmTimer(.toolDue))
                actions.append(.disarmTimer(.fillerDue))
            }
            completePartIfDone(now, &actions)
        } else {
            answerInHistory(id, json, now, &actions)
        }
    }

    /// The turn that called the tool was interrupted: its result takes its place in the history, told once.
    private mutating func answerInHistory(
        _ id: String, _ json: String, _ now: CallInstant, _ actions: inout [Action]
    ) {
        for place in history.indices {
            guard case .toolResult(id, let name, Reply.noResult) = history[place] else { continue }
            history[place] = .toolResult(callID: id, name: name, json: json)
        }
        guard !hasOpenTools else { return }
        actions.append(.disarmTimer(.toolDue))
        if awaitsTools { sendRequest(now, &actions) }
    }

    private mutating func noteToolDone(_ now: CallInstant) {
        // A tool behind words that are on their way keeps nobody waiting.
        guard let current = reply, !current.hasSegments, let began = current.toolBegan, current.openToolCalls.isEmpty
        else { return }
        reply?.chain.append(.init(.tool, from: began, to: now))
    }

    /// A finished part whose tools have all answered goes back to the model; one without tools ends the reply.
    mutating func completePartIfDone(_ now: CallInstant, _ actions: inout [Action]) {
        guard let current = reply, current.isCommitted, current.isFinished, current.openToolCalls.isEmpty,
            let part = current.parts.last
        else { return }
        if current.ending == .handoff, !configuration.handoffLine.isEmpty {
            if !current.hasSegments {
                for piece in pieces(of: configuration.handoffLine) { addSegment(piece, now, &actions) }
            }
            return finishTurnIfDone(now, &actions)
        }
        let answered = part.toolCalls.filter { $0.name != ToolRequest.endCall }
        guard answered.isEmpty else {
            guard current.parts.count < Self.mostParts else {
                return giveUpOnReply("too many tool steps", now, &actions)
            }
            let request = nextRequest()
            reply?.parts.append(Reply.Part(request: request))
            reply?.awaitsFirstToken = !current.hasSegments
            return sendRequest(now, &actions)
        }
        if !current.hasSegments, current.ending == nil {
            return giveUpOnReply("an empty reply", now, &actions)
        }
        finishTurnIfDone(now, &actions)
    }

    private mutating func giveUpOnReply(_ reason: String, _ now: CallInstant, _ actions: inout [Action]) {
        let request = nextRequest()
        reply?.parts.append(Reply.Part(request: request))
        replyFailed(request, reason, now, &actions)
    }

    mutating func toolIsLate(_ now: CallInstant, _ actions: inout [Action]) {
        let open = reply?.openToolCalls.filter { startedTools.contains($0.id) } ?? []
        for call in open {
            actions.append(.note(.late(.toolDue, culprit: call.name)))
            toolFinished(call.id, #"{"error":"it took too long"}"#, now, &actions)
        }
        for message in history {
            guard case .toolResult(let id, let name, Reply.noResult) = message, startedTools.contains(id) else {
                continue
            }
            actions.append(.note(.late(.toolDue, culprit: name)))
            toolFinished(id, #"{"error":"it took too long"}"#, now, &actions)
        }
    }
}
