import Providers
import Synchronization

/// A model that says back what it was told last, word by word, or calls the first tool where the caller says "tool".
///
/// `fault` breaks one promise, to see that somebody notices.
public struct ScriptedLanguageModel: LanguageModel {
    public enum Fault: String, Sendable, CaseIterable {
        case finishesTwice, neverFinishes, goesOnAfterFinishing, givesTheWrongReason, callsAnUnknownTool, writesNoJSON
        case repeatsIDs, remembers, saysNothing, throwsItsOwnError, ignoresCancelling, throwsOnNoMessages, hangs
    }

    private enum OwnError: Error { case failed }

    public let name = "scripted-llm"
    public var fault: Fault?
    /// Every reply throws.
    public var isBroken = false
    private let work = Work()

    public init(fault: Fault? = nil, isBroken: Bool = false) {
        self.fault = fault
        self.isBroken = isBroken
    }

    /// Replies that somebody still works on.
    public var running: Int { work.running }

    public func reply(to request: ModelRequest) -> AsyncThrowingStream<ModelEvent, any Error> {
        let events = events(for: request)
        return AsyncThrowingStream { continuation in
            let id = work.begin()
            if fault != .ignoresCancelling { continuation.onTermination = { [work] _ in work.end(id) } }
            if isBroken {
                let error = ProviderError(provider: name, kind: .unavailable, detail: "broken")
                return continuation.finish(throwing: fault == .throwsItsOwnError ? OwnError.failed : error)
            }
            if fault == .throwsOnNoMessages, request.messages.isEmpty {
                return continuation.finish(throwing: ProviderError(provider: name, kind: .rejected, detail: "no text"))
            }
            for event in events { continuation.yield(event) }
            if fault != .hangs { continuation.finish() }
        }
    }

    private func events(for request: ModelRequest) -> [ModelEvent] {
        guard case .caller(let said) = request.messages.last else { return [.text("Hello. "), .finished(.stop)] }
        var events: [ModelEvent] = said.split(separator: " ").map { .text($0 + " ") }
        let reason: ModelEvent.FinishReason
        if said == "tool", let tool = request.tools.first {
            let call = ToolCall(
                id: "t\(request.messages.count)", name: fault == .callsAnUnknownTool ? "unknown" : tool.name,
                arguments: fault == .writesNoJSON ? "now" : "{}")
            events = fault == .repeatsIDs ? [.toolCall(call), .toolCall(call)] : [.toolCall(call)]
            reason = fault == .givesTheWrongReason ? .stop : .toolCalls
        } else {
            reason = fault == .givesTheWrongReason ? .toolCalls : .stop
        }
        if fault == .remembers { events.append(.text("This is request \(work.count).")) }
        if fault == .saysNothing { events = [] }
        if fault != .neverFinishes { events.append(.finished(reason)) }
        if fault == .finishesTwice { events.append(.finished(reason)) }
        if fault == .goesOnAfterFinishing { events.append(.text("And another thing.")) }
        return events
    }
}

/// What is under way, for fakes to tell.
final class Work: Sendable {
    private struct State {
        var count = 0
        var running: Set<Int> = []
    }
    private let state = Mutex(State())

    var running: Int { state.withLock { $0.running.count } }
    /// Pieces of work begun so far.
    var count: Int { state.withLock { $0.count } }

    func begin() -> Int {
        state.withLock { state in
            state.count += 1
            state.running.insert(state.count)
            return state.count
        }
    }
    func end(_ id: Int) { state.withLock { _ = $0.running.remove(id) } }
}
