import Providers

/// What every `CallTool` must do. `violations()` is empty for one that does.
public struct CallToolConformance: Sendable {
    public var tool: any CallTool
    /// Arguments to which an answer is due.
    public var arguments: String
    public var context: ToolContext
    /// The same tool in a state in which it cannot work.
    public var failing: (any CallTool)?
    /// What counts as never, per situation.
    public var limit: Duration = .seconds(60)

    /// - Parameter context: Its `toolCallID` is extended for each use, so that uses do not answer for each other.
    public init(_ tool: any CallTool, arguments: String, context: ToolContext) {
        self.tool = tool
        self.arguments = arguments
        self.context = context
    }

    public func violations() async -> [Violation] {
        var found = await Watchdog.watch(.normal, limit: limit, normal)
        found += await Watchdog.watch(.late, limit: limit, late)
        found += await Watchdog.watch(.empty, limit: limit, empty)
        found += await Watchdog.watch(.doubled, limit: limit, doubled)
        found += await Watchdog.watch(.cancelled, limit: limit, cancelled)
        found += await Watchdog.watch(.outOfOrder, limit: limit, outOfOrder)
        if failing != nil { found += await Watchdog.watch(.failing, limit: limit, fails) }
        return found
    }

    // MARK: Situations

    private func normal() async -> [String] {
        let description = tool.description
        return (description.name.isEmpty ? ["it has no name"] : [])
            + (description.purpose.isEmpty ? ["it has no purpose"] : [])
            + (JSONShape.isObject(description.parametersJSON) ? [] : ["its parameters are no JSON object"])
            + (await use("normal")).problems()
    }

    /// An answer nobody waits for at first is there when it is asked for.
    private func late() async -> [String] {
        async let answer = use("late")
        await Task.yield()
        return await answer.problems()
    }

    /// No arguments, and something that is no JSON: an answer (a refusal is one) or a `ProviderError`.
    private func empty() async -> [String] {
        var found: [String] = []
        for (index, arguments) in ["{}", "", "null", "[", "\"x\""].enumerated() {
            if case .answer(let json) = await use("empty\(index)", arguments), !JSONShape.isObject(json) {
                found.append("\"\(arguments)\" is answered by no JSON object: \(json)")
            }
        }
        return found
    }

    /// The same tool call again, as after a crash: the first answer, whatever the tool changed by it.
    private func doubled() async -> [String] {
        let (first, second) = (await use("doubled"), await use("doubled"))
        return first == second ? [] : ["the same tool call was answered by \(first) and then by \(second)"]
    }

    /// Whoever asked is gone: it ends nonetheless, with an answer or an error.
    private func cancelled() async -> [String] {
        let work = Task { await use("cancelled") }
        work.cancel()
        if case .answer(let json) = await work.value, !JSONShape.isObject(json) { return ["no JSON object: \(json)"] }
        return (await use("after")).problems(mayRefuse: true)
    }

    /// Two calls at once: each gets an answer, and the first one still has its own afterwards.
    private func outOfOrder() async -> [String] {
        async let one = use("one")
        async let two = use("two")
        let (first, second) = await (one, two)
        let again = await use("one")
        return first.problems(mayRefuse: true) + second.problems(mayRefuse: true)
            + (first == again ? [] : ["after another call the first is answered by \(again), before by \(first)"])
    }

    private func fails() async -> [String] {
        guard let failing else { return [] }
        do throws(ProviderError) {
            return ["it failed without an error: \(try await failing.run(arguments, context: context))"]
        } catch {
            return error.detail.isEmpty || error.provider.isEmpty ? ["an error does not say who or what: \(error)"] : []
        }
    }

    // MARK: Parts

    private enum Use: Equatable, Sendable {
        case answer(String)
        case error(ProviderError)

        /// What is wrong where an answer is due.
        func problems(mayRefuse: Bool = false) -> [String] {
            switch self {
            case .answer(let json): JSONShape.isObject(json) ? [] : ["the answer is no JSON object: \(json)"]
            case .error(let error): mayRefuse ? [] : ["it threw \(error)"]
            }
        }
    }

    private func use(_ id: String, _ arguments: String? = nil) async -> Use {
        var context = context
        context.toolCallID += "-" + id
        do throws(ProviderError) {
            return .answer(try await tool.run(arguments ?? self.arguments, context: context))
        } catch {
            return .error(error)
        }
    }
}
