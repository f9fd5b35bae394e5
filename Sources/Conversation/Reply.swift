import CallTime

/// One turn of the agent's, from the request to its last played sample.
struct Reply: Sendable, Equatable {
    enum Origin: Sendable, Equatable {
        /// A line of our own: greeting, dead-air prompt, apology, goodbye.
        case fixed
        /// The model answers this utterance, on this revision of its transcript.
        case model(utterance: Int, revision: Int)
    }

    /// What the model was asked once, and what came of it. A tool call makes a second request in the same turn.
    struct Part: Sendable, Equatable {
        var request: Int
        var segments: [SpokenSegment] = []
        var toolCalls: [ToolRequest] = []
        var results: [String: String] = [:]
        var isFinished = false
    }

    var turn: Int
    var origin: Origin
    var parts: [Part]
    var segmenter = SentenceSegmenter()
    var isCommitted = false
    /// The line itself may not be talked over, whatever its segments allow.
    var isProtected = false
    var hasBecomeAudible = false
    /// The model failed on it once and was asked again.
    var wasAskedAnew = false
    var saidFiller = false
    /// Keys that `callerText` tells of.
    var keysTold = 0
    var expects: String?
    /// Whether the model said what it asks for; otherwise what was expected before stays.
    var namesExpectation = false
    /// What happens after the last sample.
    var ending: CallEnd?
    /// The caller's words this turn answers; they enter the history with the commit.
    var callerText: String?

    // The ledger's milestones.
    var lastSpeech = CallInstant.start
    var probableEnd = CallInstant.start
    var commit = CallInstant.start
    var chain: [TurnLedger.Link] = []
    /// When the stage began whose result is awaited now.
    var stageBegan = CallInstant.start
    var awaitsFirstToken = true
    var toolBegan: CallInstant?

    init(turn: Int, origin: Origin, request: Int) {
        self.turn = turn
        self.origin = origin
        parts = [Part(request: request)]
    }

    var currentRequest: Int { parts[parts.count - 1].request }
    var isFinished: Bool { parts[parts.count - 1].isFinished }
    var hasSegments: Bool { parts.contains { !$0.segments.isEmpty } }
    var segments: [SpokenSegment] { parts.flatMap(\.segments) }
    /// Whether the caller's voice may stop it now: not before its last protected segment was played.
    var mayBeInterrupted: Bool { !isProtected && !segments.contains { $0.isProtected && !$0.wasPlayed } }
    var isModelReply: Bool { origin != .fixed }
    /// Whether a failed reply can be made anew without the caller noticing.
    var mayBeAskedAnew: Bool {
        !wasAskedAnew && !hasBecomeAudible && parts.count == 1 && parts[0].toolCalls.isEmpty && ending == nil
    }

    /// Tools asked for whose result is not there yet.
    var openToolCalls: [ToolRequest] {
        parts.flatMap { part in part.toolCalls.filter { part.results[$0.id] == nil } }
    }

    mutating func updateSegment(_ id: Int, _ change: (inout SpokenSegment) -> Void) {
        for part in parts.indices {
            if let place = parts[part].segments.firstIndex(where: { $0.segment.id == id }) {
                change(&parts[part].segments[place])
            }
        }
    }

    mutating func removeSegment(_ id: Int) {
        for part in parts.indices { parts[part].segments.removeAll { $0.segment.id == id } }
    }

    /// A tool that was asked for but never started leaves no trace: nobody will answer it.
    mutating func forgetUnstartedTools(_ started: Set<String>) {
        for part in parts.indices {
            let results = parts[part].results
            parts[part].toolCalls.removeAll { results[$0.id] == nil && !started.contains($0.id) }
        }
    }

    func segment(_ id: Int) -> SpokenSegment? {
        segments.first { $0.segment.id == id }
    }

    /// The turn as history: each part's words up to `position` (nil: all of them), its tool calls and their results.
    func messages(heardUpTo position: PlayoutPosition?, rate: SampleRate, wasInterrupted: Bool) -> [Message] {
        var messages: [Message] = []
        for part in parts {
            let heard = part.segments.compactMap { spoken -> String? in
                guard let position, !spoken.wasPlayed else { return spoken.segment.text }
                guard spoken.segment.id == position.segment else { return nil }
                let text = spoken.heardText(upTo: position.sample, rate: rate)
                return text.isEmpty ? nil : text
            }
            let text = heard.joined(separator: " ")
            if !text.isEmpty || !part.toolCalls.isEmpty {
                messages.append(.agent(text, toolCalls: part.toolCalls, wasInterrupted: wasInterrupted))
            }
            for call in part.toolCalls {
                messages.append(
                    .toolResult(callID: call.id, name: call.name, json: part.results[call.id] ?? Self.noResult))
            }
        }
        return messages
    }

    /// A history is legal only when every tool call is answered.
    static let noResult = #"{"error":"no result yet"}"#
}
