import GRDB
import Providers

/// What a caller answered, and whether that makes a good lead.
public struct Lead: Sendable, Equatable {
    /// `l` and the row's number: `l1`.
    public var id: String
    public var agent: String
    public var isQualified: Bool
    /// Empty when it was not told.
    public var name: String
    /// What was said, per slot.
    public var answers: [String: String]
    /// Why not, one a criterion; empty for a qualified lead.
    public var reasons: [String]
    public var callID: String
    public var toolCallID: String
    public var madeAt: CivilDateTime
}

extension CallStore {
    /// Stores a lead and answers with it. The same tool call again gets the lead it stored the first time, and so does
    /// another one of the same call with the same name and answers: a model that was interrupted says things twice.
    public func addLead(
        agent: String, isQualified: Bool, name: String, answers: [String: String], reasons: [String],
        context: ToolContext
    ) async throws(CallStoreError) -> Lead {
        try await write { db in
            let (answers, name) = (try StoredJSON.text(answers), name.onOneLine)
            if let known = try Self.lead(db, agent: agent, name: name, answers: answers, context) { return known }
            try db.execute(
                sql: """
                    INSERT INTO lead (agent, qualified, name, answers, reasons, call_id, tool_call_id, made_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    agent, isQualified, name, answers, try StoredJSON.text(reasons), context.callID,
                    context.toolCallID, context.now.description,
                ])
            guard let made = try Self.lead(db, agent: agent, name: name, answers: answers, context) else {
                preconditionFailure("the row just inserted is there")
            }
            return made
        }
    }

    private static func lead(
        _ db: Database, agent: String, name: String, answers: String, _ context: ToolContext
    ) throws -> Lead? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT * FROM lead WHERE call_id = ? AND (tool_call_id = ? OR (agent = ? AND name = ? AND answers = ?))
                ORDER BY tool_call_id = ? DESC, id LIMIT 1
                """,
            arguments: [context.callID, context.toolCallID, agent, name, answers, context.toolCallID]
        ).map(Lead.init)
    }

    /// Every lead, in the order they were stored.
    public func leads() async throws(CallStoreError) -> [Lead] {
        try await read { db in try Row.fetchAll(db, sql: "SELECT * FROM lead ORDER BY id").map(Lead.init) }
    }
}

extension Lead {
    init(_ row: Row) throws {
        self.init(
            id: "l\(row["id"] as Int64)", agent: row["agent"], isQualified: row["qualified"], name: row["name"],
            answers: try StoredJSON.value(row["answers"]), reasons: try StoredJSON.value(row["reasons"]),
            callID: row["call_id"], toolCallID: row["tool_call_id"],
            madeAt: try CivilDateTime(stored: row["made_at"]))
    }
}
