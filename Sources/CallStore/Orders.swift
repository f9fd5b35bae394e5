import Foundation
import GRDB

/// A table of orders: named columns, one order a row.
public struct OrderSheet: Sendable, Equatable {
    /// The column that callers name an order by; one of `columns`.
    public var key: String
    public var columns: [String]
    /// As many values in each as there are columns.
    public var rows: [[String]]

    /// - Precondition: `key` is one of `columns`, and every row has a value for each.
    public init(key: String, columns: [String], rows: [[String]]) {
        precondition(columns.contains(key), "key \(key) is not one of the columns \(columns)")
        precondition(rows.allSatisfy { $0.count == columns.count }, "every row has \(columns.count) values")
        self.key = key
        self.columns = columns
        self.rows = rows
    }

    /// Reads a CSV file whose first line names the columns.
    ///
    /// - Throws: `badTable` with the line of the first thing that cannot be used.
    public init(csv path: String, key: String) throws(CallStoreError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .unusable(path: path, reason: "cannot be read")
        }
        try self.init(csv: [UInt8](data), path: path, key: key)
    }

    /// As `init(csv:key:)`, from the file's bytes; `path` is for messages.
    public init(csv bytes: [UInt8], path: String, key: String) throws(CallStoreError) {
        var records: [CSV.Record]
        do {
            records = try CSV.records(bytes)
        } catch {
            throw .badTable(path: path, line: error.line, reason: error.reason)
        }
        guard !records.isEmpty else { throw .badTable(path: path, line: 1, reason: "no line that names the columns") }
        let header = records.removeFirst()
        let columns = header.fields.map { $0.trimmingCharacters(in: .whitespaces) }
        guard Set(columns).count == columns.count, !columns.contains("") else {
            throw .badTable(path: path, line: header.line, reason: "every column needs a name of its own")
        }
        guard let keyColumn = columns.firstIndex(of: key) else {
            let names = columns.joined(separator: ", ")
            throw .badTable(path: path, line: header.line, reason: "no column \(key) among \(names)")
        }
        var lines: [String: Int] = [:]
        for record in records {
            guard record.fields.count == columns.count else {
                let reason = "\(record.fields.count) values for \(columns.count) columns"
                throw .badTable(path: path, line: record.line, reason: reason)
            }
            let number = record.fields[keyColumn]
            if let earlier = lines.updateValue(record.line, forKey: number) {
                throw .badTable(path: path, line: record.line, reason: "\(key) \(number) is on line \(earlier) already")
            }
        }
        self.init(key: key, columns: columns, rows: records.map(\.fields))
    }
}

/// One order as its table has it.
public struct Order: Sendable, Equatable {
    public struct Field: Sendable, Equatable, Codable {
        public var column: String
        public var value: String

        public init(column: String, value: String) {
            self.column = column
            self.value = value
        }
    }

    public var number: String
    /// In the table's order of columns.
    public var fields: [Field]
}

extension CallStore {
    /// Puts `sheet` in the place of all orders of `catalogue`. Whoever looks meanwhile sees the old or the new ones whole.
    ///
    /// - Parameter catalogue: Whose orders they are; agents with different names do not see each other's.
    public func replaceOrders(_ sheet: OrderSheet, catalogue: String) async throws(CallStoreError) {
        guard let keyColumn = sheet.columns.firstIndex(of: sheet.key) else {
            preconditionFailure("key \(sheet.key) is not one of the columns \(sheet.columns)")
        }
        try await write { db in
            try db.execute(sql: "DELETE FROM order_row WHERE catalogue = ?", arguments: [catalogue])
            let insert = try db.makeStatement(
                sql: "INSERT INTO order_row (catalogue, place, number, plain, fields) VALUES (?, ?, ?, ?, ?)")
            for (place, row) in sheet.rows.enumerated() {
                let fields = zip(sheet.columns, row).map { Order.Field(column: $0, value: $1) }
                let number = row[keyColumn]
                try insert.execute(arguments: [
                    catalogue, place, number, Self.plain(number), try StoredJSON.text(fields),
                ])
            }
        }
    }

    /// The order with this number.
    ///
    /// Where none has it to the letter, one whose letters and digits are the same is taken, if there is just one:
    /// a caller who says "a b one two" means `AB-12`.
    public func order(number: String, catalogue: String) async throws(CallStoreError) -> Order? {
        let plain = Self.plain(number)
        return try await read { db in
            var rows = try Row.fetchAll(
                db, sql: "SELECT * FROM order_row WHERE catalogue = ? AND number = ?", arguments: [catalogue, number])
            if rows.isEmpty, !plain.isEmpty {
                rows = try Row.fetchAll(
                    db, sql: "SELECT * FROM order_row WHERE catalogue = ? AND plain = ? LIMIT 2",
                    arguments: [catalogue, plain])
            }
            guard rows.count == 1, let row = rows.first else { return nil }
            return Order(number: row["number"], fields: try StoredJSON.value(row["fields"]))
        }
    }

    /// Letters and digits only, in small letters.
    private static func plain(_ number: String) -> String {
        String(number.lowercased().filter { $0.isLetter || $0.isNumber })
    }
}
