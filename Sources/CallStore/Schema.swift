import GRDB

/// The tables, as steps from one version to the next. A step that was released never changes.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: bookings, leads, calls, orders, handoffs") { db in
            for statement in first { try db.execute(sql: statement) }
        }
        migrator.registerMigration("2: parties and ends of calls, packages of handoffs, keys of requests") { db in
            for statement in second { try db.execute(sql: statement) }
        }
        return migrator
    }

    // Dates are YYYY-MM-DD and instants YYYY-MM-DDTHH:MM:SS, which sort as text. AUTOINCREMENT: an id is never
    // given twice, also when a row was deleted.
    private static let first = [
        """
        CREATE TABLE booking (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            calendar TEXT NOT NULL,
            date TEXT NOT NULL,
            minute INTEGER NOT NULL CHECK (minute BETWEEN 0 AND 1439),
            minutes INTEGER NOT NULL CHECK (minutes > 0),
            name TEXT NOT NULL,
            call_id TEXT NOT NULL,
            tool_call_id TEXT NOT NULL,
            made_at TEXT NOT NULL,
            UNIQUE (calendar, date, minute),
            UNIQUE (call_id, tool_call_id)
        ) STRICT
        """,
        """
        CREATE TABLE lead (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            agent TEXT NOT NULL,
            qualified INTEGER NOT NULL CHECK (qualified IN (0, 1)),
            name TEXT NOT NULL,
            answers TEXT NOT NULL,
            reasons TEXT NOT NULL,
            call_id TEXT NOT NULL,
            tool_call_id TEXT NOT NULL,
            made_at TEXT NOT NULL,
            UNIQUE (call_id, tool_call_id)
        ) STRICT
        """,
        """
        CREATE TABLE call (
            id TEXT PRIMARY KEY,
            agent TEXT NOT NULL,
            started TEXT NOT NULL,
            outcome TEXT,
            transcript TEXT
        ) STRICT
        """,
        """
        CREATE TABLE order_row (
            catalogue TEXT NOT NULL,
            place INTEGER NOT NULL,
            number TEXT NOT NULL,
            plain TEXT NOT NULL,
            fields TEXT NOT NULL,
            PRIMARY KEY (catalogue, number)
        ) STRICT
        """,
        "CREATE INDEX order_row_plain ON order_row (catalogue, plain)",
        """
        CREATE TABLE handoff (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            reason TEXT NOT NULL,
            accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)),
            call_id TEXT NOT NULL,
            tool_call_id TEXT NOT NULL,
            made_at TEXT NOT NULL,
            UNIQUE (call_id, tool_call_id)
        ) STRICT
        """,
    ]

    private static let second = [
        "ALTER TABLE call ADD COLUMN direction TEXT CHECK (direction IN ('inbound', 'outbound'))",
        "ALTER TABLE call ADD COLUMN caller TEXT",
        "ALTER TABLE call ADD COLUMN called TEXT",
        "ALTER TABLE call ADD COLUMN carrier_id TEXT",
        "ALTER TABLE call ADD COLUMN ended TEXT",
        "ALTER TABLE call ADD COLUMN duration_ms INTEGER CHECK (duration_ms >= 0)",
        "ALTER TABLE call ADD COLUMN latency TEXT",
        "ALTER TABLE call ADD COLUMN reason TEXT",
        "ALTER TABLE handoff ADD COLUMN summary TEXT",
        "ALTER TABLE handoff ADD COLUMN package TEXT",
        """
        CREATE TABLE idempotency (
            key TEXT PRIMARY KEY,
            call_id TEXT NOT NULL,
            made_at TEXT NOT NULL
        ) STRICT
        """,
    ]
}
