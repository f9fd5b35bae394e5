import GRDB
import Providers

/// One call, from when it began to how it ended.
public struct StoredCall: Sendable, Equatable {
    public var id: String
    public var agent: String
    public var started: CivilDateTime
    /// How it ended; nil while it runs, or when nobody came to say.
    public var outcome: String?
    /// Where its transcript is, as JSON.
    public var transcriptPath: String?
}

/// A caller's wish for a person.
public struct Handoff: Sendable, Equatable {
    /// `h` and the row's number: `h1`.
    public var id: String
    public var reason: String
    /// Whether somebody was there to take the call.
    public var isAccepted: Bool
    public var callID: String
    public var toolCallID: String
    public var madeAt: CivilDateTime
}

extension CallStore {
    /// Notes that a call began. A call that is known already is left as it is.
    public func callBegan(id: String, agent: String, at started: CivilDateTime) async throws(CallStoreError) {
        try await write { db in
            try db.execute(
                sql: "INSERT INTO call (id, agent, started) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
                arguments: [id, agent, started.description])
        }
    }

    /// Notes how a call ended.
    ///
    /// - Returns: false when no such call began.
    @discardableResult
    public func callEnded(
        id: String, outcome: String, transcriptPath: String? = nil
    ) async throws(CallStoreError) -> Bool {
        try await write { db in
            try db.execute(
                sql: "UPDATE call SET outcome = ?, transcript = ? WHERE id = ?",
                arguments: [outcome, transcriptPath, id])
            return db.changesCount == 1
        }
    }

    /// Every call, oldest first.
    public func calls() async throws(CallStoreError) -> [StoredCall] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM call ORDER BY started, id").map { row in
                StoredCall(
                    id: row["id"], agent: row["agent"], started: try CivilDateTime(stored: row["started"]),
                    outcome: row["outcome"], transcriptPath: row["transcript"])
            }
        }
    }

    /// Stores the wish for a person; the same tool call again gets what it stored the first time.
    public func addHandoff(
        reason: String, isAccepted: Bool, context: ToolContext
    ) async throws(CallStoreError) -> Handoff {
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO handoff (reason, accepted, call_id, tool_call_id, made_at) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (call_id, tool_call_id) DO NOTHING
                    """,
                arguments: [
                    reason.onOneLine, isAccepted, context.callID, context.toolCallID, context.now.description,
                ])
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM handoff WHERE call_id = ? AND tool_call_id = ?",
                arguments: [context.callID, context.toolCallID])
            guard let row else { preconditionFailure("the row just inserted is there") }
            return try Handoff(row)
        }
    }

    /// Every wish for a person, in the order they were stored.
    public func handoffs() async throws(CallStoreError) -> [Handoff] {
        try await read { db in try Row.fetchAll(db, sql: "SELECT * FROM handoff ORDER BY id").map(Handoff.init) }
    }
}

extension Handoff {
    init(_ row: Row) throws {
        self.init(
            id: "h\(row["id"] as Int64)", reason: row["reason"], isAccepted: row["accepted"],
            callID: row["call_id"], toolCallID: row["tool_call_id"],
            madeAt: try CivilDateTime(stored: row["made_at"]))
    }
}
