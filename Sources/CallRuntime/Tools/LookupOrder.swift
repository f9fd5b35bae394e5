import CallStore
import Providers

/// `lookup_order`: finds an order by its number.
///
/// Takes `{"number":"..."}`. Answers `{"found":true,"order":{column:value}}`, columns in the table's order, or
/// `{"found":false}`.
public struct LookupOrder: StoreTool {
    let store: CallStore
    let catalogue: String

    /// - Parameter catalogue: Whose orders they are, as given to `CallStore.replaceOrders`.
    public init(store: CallStore, catalogue: String) {
        self.store = store
        self.catalogue = catalogue
    }

    public var description: ToolDescription {
        ToolDescription(
            name: "lookup_order",
            purpose: "Finds an order by the number the caller gave.",
            parametersJSON: """
                {"type":"object","properties":{"number":{"type":"string","description":"The order's number"}},\
                "required":["number"]}
                """, isReadOnly: true)
    }

    func answer(_ arguments: ToolArguments, context: ToolContext) async throws -> JSONValue {
        let number = try arguments.text("number")
        guard let order = try await store.order(number: number, catalogue: catalogue) else {
            return .object(["found": .bool(false)])
        }
        let fields = order.fields.map { JSONValue.Member(name: $0.column, value: .string($0.value)) }
        return .object(["found": .bool(true), "order": .object(fields)])
    }
}
