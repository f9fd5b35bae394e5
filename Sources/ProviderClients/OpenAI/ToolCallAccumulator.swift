import Providers

/// Puts the fragments of an answer's tool calls together, for servers that number them well, badly or not at all.
struct ToolCallAccumulator {
    /// More calls in one answer are a server's fault.
    static let mostCalls = 32

    private struct Pending {
        var index: Int?
        var id = ""
        var name = ""
        var arguments = ""
    }

    private var pending: [Pending] = []

    /// False: there are too many calls.
    mutating func add(_ fragment: ToolCallFragment) -> Bool {
        let place = self.place(of: fragment)
        if place == pending.count {
            guard pending.count < Self.mostCalls else { return false }
            pending.append(Pending(index: fragment.index))
        }
        if pending[place].id.isEmpty { pending[place].id = fragment.id }
        if pending[place].name.isEmpty { pending[place].name = fragment.name }
        pending[place].arguments += fragment.arguments
        return true
    }

    private func place(of fragment: ToolCallFragment) -> Int {
        guard let last = pending.indices.last else { return 0 }
        if let index = fragment.index {
            guard let known = pending.lastIndex(where: { $0.index == index }) else { return pending.count }
            // Servers that number every call 0 begin a new one by a name under another id.
            return isNew(fragment, after: known) ? pending.count : known
        }
        return isNew(fragment, after: last) ? pending.count : last
    }

    private func isNew(_ fragment: ToolCallFragment, after place: Int) -> Bool {
        guard !fragment.name.isEmpty else { return false }
        let known = pending[place]
        if known.name.isEmpty { return false }
        if !fragment.id.isEmpty { return fragment.id != known.id }
        // Without ids: another name, or the same once more after arguments that leave nothing to add.
        return fragment.name != known.name || (!fragment.arguments.isEmpty && JSONScanner.isWhole(known.arguments))
    }

    /// The calls, when no more fragments come. nil: one of them has no name.
    ///
    /// - Parameter taken: Ids that are used in the conversation already.
    func calls(taken: Set<String>) -> [ToolCall]? {
        var taken = taken
        var calls: [ToolCall] = []
        for call in pending {
            if call.name.isEmpty {
                if call.arguments.isEmpty { continue }
                return nil
            }
            var id = call.id
            var number = taken.count
            while id.isEmpty || taken.contains(id) {
                number += 1
                id = "call_\(number)"
            }
            taken.insert(id)
            let isBlank = call.arguments.allSatisfy(\.isWhitespace)
            calls.append(ToolCall(id: id, name: call.name, arguments: isBlank ? "{}" : call.arguments))
        }
        return calls
    }
}
