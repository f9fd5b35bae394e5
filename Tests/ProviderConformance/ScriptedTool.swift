import Providers
import Synchronization

/// A tool that counts how often it was really used, and remembers what it answered to each tool call.
public final class ScriptedTool: CallTool {
    public enum Fault: String, Sendable, CaseIterable {
        case runsAgain, answersNoObject, mixesAnswers, hasNoName, hasNoPurpose, hasNoSchema, saysNothingOfItsError
        case echoesArguments, refusesAll, isSpoiltByCancelling, hangs
    }

    public let description: ToolDescription
    private let fault: Fault?
    private let isBroken: Bool
    private let answers = Mutex<[String: String]>([:])
    private let uses = Mutex(0)

    public init(fault: Fault? = nil, isBroken: Bool = false) {
        self.fault = fault
        self.isBroken = isBroken
        description = ToolDescription(
            name: fault == .hasNoName ? "" : "count", purpose: fault == .hasNoPurpose ? "" : "Counts its uses.",
            parametersJSON: fault == .hasNoSchema ? "none" : #"{"type": "object"}"#)
    }

    public func run(_ arguments: String, context: ToolContext) async throws(ProviderError) -> String {
        if isBroken || fault == .refusesAll {
            throw ProviderError(
                provider: "count", kind: .unavailable, detail: fault == .saysNothingOfItsError ? "" : "broken")
        }
        if fault == .hangs { await AsyncStream<Void> { _ in }.first { _ in true } }
        if fault == .isSpoiltByCancelling, context.toolCallID.hasSuffix("-cancelled") {
            while !Task.isCancelled { await Task.yield() }
            return ""
        }
        if fault == .echoesArguments { return arguments }
        if fault == .answersNoObject { return "1" }
        let key = context.toolCallID
        let known = answers.withLock { $0[key] == nil ? nil : $0[fault == .mixesAnswers ? "" : key] }
        if fault != .runsAgain, let known { return known }
        let use = uses.withLock { uses in
            uses += 1
            return uses
        }
        let answer = #"{"use": \#(use), "for": "\#(key)"}"#
        answers.withLock { $0.merge([key: answer, "": answer]) { $1 } }
        return answer
    }
}
