import GRDB
import Providers

/// One call, from when it began to how it ended.
public struct StoredCall: Sendable, Equatable {
    public var id: String
    public var agent: String
    public var started: CivilDateTime
    /// nil where nobody said.
    public var direction: CallDirection?
    /// Who called, and who was called, as the carrier writes them; nil where it did not say.
    public var caller: String?
    public var called: String?
    /// What the carrier calls this call.
    public var carrierID: String?
    /// How it ended, a `CallOutcome` where a server ran it; nil while it runs, or when nobody came to say.
    public var outcome: String?
    /// More about the outcome, for people.
    public var reason: String?
    public var ended: CivilDateTime?
    /// To the millisecond.
    public var duration: Duration?
    /// Its response gaps, as JSON.
    public var latencyJSON: String?
    /// Where its transcript is, as JSON.
    public var transcriptPath: String?
}

/// A caller's wish for a person.
public struct Handoff: Sendable, Equatable {
    /// `h` and the row's number: `h1`.
    public var id: String
    public var reason: String
    /// What the call was about so far; nil where it was not told.
    public var summary: String?
    /// What the person is given of the call, as JSON; nil until it is made.
    public var package: String?
    /// Whether somebody was there to take the call.
    public var isAccepted: Bool
    public var callID: String
    public var toolCallID: String
    public var madeAt: CivilDateTime
}

extension CallStore {
    /// Notes that a call began. A call that is known already is left as it is.
    public func callBegan(
        id: String, agent: String, at started: CivilDateTime, direction: CallDirection? = nil,
        from caller: String? = nil,
        to called: String? = nil, carrierID: String? = nil
    ) async throws(CallStoreError) {
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO call (id, agent, started, direction, caller, called, carrier_id)
                    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
                    """,
                arguments: [id, agent, started.description, direction?.rawValue, caller, called, carrierID])
        }
    }

    /// Notes how a call ended. What is nil is left as it is.
    ///
    /// - Parameters:
    ///   - reason: More about the outcome, for people; becomes one line.
    ///   - duration: Kept to the millisecond.
    ///   - latencyJSON: The call's response gaps, as JSON.
    /// - Returns: false when no such call began.
    @discardableResult
    public func callEnded(
        id: String, outcome: CallOutcome, reason: String? = nil, at ended: CivilDateTime? = nil,
        duration: Duration? = nil, latencyJSON: String? = nil, transcriptPath: String? = nil
    ) async throws(CallStoreError) -> Bool {
        try await end(
            id: id, outcome: outcome.rawValue, reason: reason, at: ended, duration: duration, latencyJSON: latencyJSON,
            transcriptPath: transcriptPath)
    }

    /// As the other `callEnded`, with an outcome in the words of a simulation.
    @discardableResult
    public func callEnded(
        id: String, outcome: String, transcriptPath: String? = nil
    ) async throws(CallStoreError) -> Bool {
        try await end(id: id, outcome: outcome, transcriptPath: transcriptPath)
    }

    private func end(
        id: String, outcome: String, reason: String? = nil, at ended: CivilDateTime? = nil, duration: Duration? = nil,
        latencyJSON: String? = nil, transcriptPath: String?
    ) async throws(CallStoreError) -> Bool {
        let milliseconds = duration.map { max(0, Int64(($0 / .milliseconds(1)).rounded())) }
        return try await write { db in
            try db.execute(
                sql: """
                    UPDATE call SET outcome = ?, reason = coalesce(?, reason), ended = coalesce(?, ended),
                    duration_ms = coalesce(?, duration_ms), latency = coalesce(?, latency),
                    transcript = coalesce(?, transcript) WHERE id = ?
                    """,
                arguments: [
                    outcome, reason?.onOneLine, ended?.description, milliseconds, latencyJSON, transcriptPath, id,
                ])
            return db.changesCount == 1
        }
    }

    /// The call with this id; nil when none began.
    public func call(id: String) async throws(CallStoreError) -> StoredCall? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM call WHERE id = ?", arguments: [id]).map(StoredCall.init)
        }
    }

    /// Every call, oldest first.
    public func calls() async throws(CallStoreError) -> [StoredCall] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM call ORDER BY started, id").map(StoredCall.init)
        }
    }

    // MARK: Requests that may come twice

    /// Claims a request's idempotency key for the call that it is to make.
    ///
    /// Of many claims of one key, by whatever process, the first gets it.
    ///
    /// - Returns: nil when the key is this call's now; else the call it was claimed for before.
    public func claim(
        key: String, callID: String, at madeAt: CivilDateTime
    ) async throws(CallStoreError) -> String? {
        try await write { db in
            let known = try String.fetchOne(
                db, sql: "SELECT call_id FROM idempotency WHERE key = ?", arguments: [key])
            if let known { return known }
            try db.execute(
                sql: "INSERT INTO idempotency (key, call_id, made_at) VALUES (?, ?, ?)",
                arguments: [key, callID, madeAt.description])
            return nil
        }
    }

    // MARK: Handoffs

    /// Stores the wish for a person. The same tool call again gets what it stored the first time, and so does another
    /// one of the same call with the same reason and summary: a model that was interrupted says things twice.
    public func addHandoff(
        reason: String, summary: String? = nil, isAccepted: Bool, context: ToolContext
    ) async throws(CallStoreError) -> Handoff {
        let (reason, summary) = (reason.onOneLine, summary?.onOneLine)
        return try await write { db in
            if let known = try Self.handoff(db, reason: reason, summary: summary, context) { return known }
            try db.execute(
                sql: """
                    INSERT INTO handoff (reason, summary, accepted, call_id, tool_call_id, made_at)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    reason, summary, isAccepted, context.callID, context.toolCallID, context.now.description,
                ])
            guard let made = try Self.handoff(db, reason: reason, summary: summary, context) else {
                preconditionFailure("the row just inserted is there")
            }
            return made
        }
    }

    private static func handoff(
        _ db: Database, reason: String, summary: String?, _ context: ToolContext
    ) throws -> Handoff? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT * FROM handoff WHERE call_id = ? AND (tool_call_id = ? OR (reason = ? AND summary IS ?))
                ORDER BY tool_call_id = ? DESC, id LIMIT 1
                """,
            arguments: [context.callID, context.toolCallID, reason, summary, context.toolCallID]
        ).map(Handoff.init)
    }

    /// Keeps what the person is given of the call with the handoff of this tool call; where the tool call only repeated
    /// an earlier one, with the call's last handoff.
    ///
    /// - Parameter package: JSON.
    /// - Returns: false when the call has no handoff.
    @discardableResult
    public func setHandoffPackage(
        callID: String, toolCallID: String, package: String
    ) async throws(CallStoreError) -> Bool {
        try await write { db in
            try db.execute(
                sql: """
                    UPDATE handoff SET package = ? WHERE id = (
                        SELECT id FROM handoff WHERE call_id = ? ORDER BY tool_call_id = ? DESC, id DESC LIMIT 1)
                    """,
                arguments: [package, callID, toolCallID])
            return db.changesCount == 1
        }
    }

    /// Every wish for a person, in the order they were stored.
    public func handoffs() async throws(CallStoreError) -> [Handoff] {
        try await read { db in try Row.fetchAll(db, sql: "SELECT * FROM handoff ORDER BY id").map(Handoff.init) }
    }
}

extension StoredCall {
    init(_ row: Row) throws {
        let ended: String? = row["ended"]
        let direction: String? = row["direction"]
        let milliseconds: Int64? = row["duration_ms"]
        self.init(
            id: row["id"], agent: row["agent"], started: try CivilDateTime(stored: row["started"]),
            direction: direction.flatMap(CallDirection.init), caller: row["caller"], called: row["called"],
            carrierID: row["carrier_id"], outcome: row["outcome"], reason: row["reason"],
            ended: try ended.map { try CivilDateTime(stored: $0) }, duration: milliseconds.map { .milliseconds($0) },
            latencyJSON: row["latency"], transcriptPath: row["transcript"])
    }
}

extension Handoff {
    init(_ row: Row) throws {
        self.init(
            id: "h\(row["id"] as Int64)", reason: row["reason"], summary: row["summary"], package: row["package"],
            isAccepted: row["accepted"], callID: row["call_id"], toolCallID: row["tool_call_id"],
            madeAt: try CivilDateTime(stored: row["made_at"]))
    }
}
