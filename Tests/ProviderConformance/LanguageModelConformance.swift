import Providers

/// What every `LanguageModel` must do. `violations()` is empty for one that does.
public struct LanguageModelConformance: Sendable {
    public var model: any LanguageModel
    /// A conversation to which a text or a tool call is due.
    public var request: ModelRequest
    /// Another one, to which something else is due.
    public var other: ModelRequest
    /// The same kind of model in a state in which it cannot work.
    public var failing: (any LanguageModel)?
    /// Whether the same request must give the same events; false for a model that rolls dice.
    public var isRepeatable = true
    /// Where it is known, a request whose reader has left must end; nil: this is not looked at.
    public var running: RunningCount?
    /// How long a request may go on after its reader has left.
    public var stopLimit: Duration = .seconds(20)
    /// What counts as never, per situation.
    public var limit: Duration = .seconds(60)

    public init(_ model: any LanguageModel, request: ModelRequest, other: ModelRequest) {
        self.model = model
        self.request = request
        self.other = other
    }

    public func violations() async -> [Violation] {
        var found = await Watchdog.watch(.normal, limit: limit) { await normal(request) + normal(other) }
        found += await Watchdog.watch(.late, limit: limit, late)
        found += await Watchdog.watch(.empty, limit: limit, empty)
        found += await Watchdog.watch(.doubled, limit: limit, doubled)
        found += await Watchdog.watch(.outOfOrder, limit: limit, outOfOrder)
        found += await Watchdog.watch(.cancelled, limit: limit, cancelled)
        if let failing {
            found += await Watchdog.watch(.failing, limit: limit) {
                await StreamReading(failing.reply(to: request)).failureProblems(from: failing.name)
            }
        }
        return found
    }

    // MARK: Situations

    private func normal(_ request: ModelRequest) async -> [String] {
        let reading = await StreamReading(model.reply(to: request))
        return Self.problems(of: reading, request) + (Self.saysAnything(reading.events) ? [] : ["the reply is empty"])
    }

    /// The reader comes when the reply may be long complete: nothing of it is lost.
    private func late() async -> [String] {
        let stream = model.reply(to: request)
        let meanwhile = await StreamReading(model.reply(to: request))
        let reading = await StreamReading(stream)
        return Self.problems(of: reading, request) + differences(reading, meanwhile, "a late reader")
    }

    /// Nothing has been said yet: a greeting, or nothing, but an end.
    private func empty() async -> [String] {
        var request = request
        request.messages = []
        return Self.problems(of: await StreamReading(model.reply(to: request)), request)
    }

    private func doubled() async -> [String] {
        async let one = StreamReading(model.reply(to: request))
        async let two = StreamReading(model.reply(to: request))
        let (first, second) = await (one, two)
        return Self.problems(of: first, request) + Self.problems(of: second, request)
            + differences(first, second, "the same request at the same time")
    }

    /// A request after another one is answered as if it were the first: nothing is kept in between.
    private func outOfOrder() async -> [String] {
        let first = await StreamReading(model.reply(to: request))
        let early = model.reply(to: other)
        let second = await StreamReading(model.reply(to: request))
        let crossed = await StreamReading(early)
        return Self.problems(of: crossed, other) + differences(first, second, "another request in between")
    }

    /// Also, the next request does not suffer.
    private func cancelled() async -> [String] {
        let leaving = await problemsOfLeaving({ model.reply(to: request) }, running: running, limit: stopLimit)
        return leaving + Self.problems(of: await StreamReading(model.reply(to: other)), other)
    }

    // MARK: Parts

    private func differences(
        _ one: StreamReading<ModelEvent>, _ other: StreamReading<ModelEvent>, _ cause: String
    ) -> [String] {
        guard isRepeatable, one.events != other.events else { return [] }
        return ["\(cause) changed the reply: \(one.events) and \(other.events)"]
    }

    private static func saysAnything(_ events: [ModelEvent]) -> Bool {
        events.contains { event in
            switch event {
            case .text(let text): text.contains { !$0.isWhitespace }
            case .toolCall: true
            case .expects, .finished, .fellBack: false
            }
        }
    }

    private static func problems(of reading: StreamReading<ModelEvent>, _ request: ModelRequest) -> [String] {
        var found = reading.endProblems()
        var reasons: [ModelEvent.FinishReason] = []
        var calls: [ToolCall] = []
        for (index, event) in reading.events.enumerated() {
            switch event {
            case .finished(let reason):
                reasons.append(reason)
                if index != reading.events.count - 1 { found.append("something came after .finished") }
            case .toolCall(let call): calls.append(call)
            case .text, .expects, .fellBack: break
            }
        }
        if reasons.count != 1, reading.error == nil { found.append(".finished came \(reasons.count) times") }
        if calls.isEmpty == (reasons.last == .toolCalls) {
            found.append("\(calls.count) tool calls, and .finished(\(reasons.last.map(\.rawValue) ?? "none"))")
        }
        if Set(calls.map(\.id)).count != calls.count { found.append("two tool calls bear one id") }
        for call in calls {
            if call.id.isEmpty { found.append("a tool call has no id") }
            let isKnown = request.tools.contains { $0.name == call.name }
            if !isKnown { found.append("no tool is named \(call.name)") }
            if !JSONShape.isObject(call.arguments) { found.append("arguments are no JSON object: \(call.arguments)") }
        }
        return found
    }
}
