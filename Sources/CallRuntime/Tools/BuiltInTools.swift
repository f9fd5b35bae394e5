import AgentFile
import CallStore
import Providers

/// The tools an agent's file asks for.
public enum BuiltInTools {
    /// Makes the agent's tools and takes its orders into the store. The agent's name is its calendar and its catalogue.
    ///
    /// `end_call` is not among them: it is the runtime's. Nor are the file's tools over HTTP, which need a client.
    public static func make(for agent: AgentFile, store: CallStore) async throws(CallStoreError) -> [any CallTool] {
        if let orders = agent.orders {
            let sheet = OrderSheet(key: orders.key, columns: orders.columns, rows: orders.rows)
            try await store.replaceOrders(sheet, catalogue: agent.name)
        }
        return agent.tools.compactMap { tool(named: $0, of: agent, store: store) }
    }

    private static func tool(named name: String, of agent: AgentFile, store: CallStore) -> (any CallTool)? {
        switch name {
        case "check_availability": book(of: agent, store: store).map(CheckAvailability.init)
        case "book_appointment": book(of: agent, store: store).map(BookAppointment.init)
        case "qualify_lead": QualifyLead(store: store, agent: agent.name, criteria: agent.leadCriteria)
        case "lookup_order": LookupOrder(store: store, catalogue: agent.name)
        case "escalate_to_human": EscalateToHuman(store: store, isSomeoneThere: agent.script.escalation != nil)
        case "send_dtmf": SendDTMF()
        default: nil
        }
    }

    private static func book(of agent: AgentFile, store: CallStore) -> AppointmentBook? {
        agent.calendar.map {
            AppointmentBook(
                store: store, calendar: agent.name, openingHours: $0.openingHours, slotMinutes: $0.slotMinutes)
        }
    }
}
