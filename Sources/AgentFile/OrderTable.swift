/// Orders from a CSV file: a header line, then one order a line.
public struct OrderTable: Sendable, Equatable {
    /// Where the file was read.
    public var path: String
    /// The column that callers name an order by.
    public var key: String
    public var columns: [String]
    /// As many values in each as there are columns.
    public var rows: [[String]]

    /// 1 MB; a larger shop has a database.
    static let mostBytes = 1_048_576

    struct Trouble: Error {
        var given: String
        var allowed: String
        var isAboutKey = false
    }

    static func load(path: String, key: String) -> Result<OrderTable, Trouble> {
        switch FileBytes.read(path: path, most: mostBytes) {
        case .failure(let trouble): .failure(Trouble(given: trouble.given, allowed: trouble.allowed))
        case .success(let bytes): parse(bytes, path: path, key: key)
        }
    }

    static func parse(_ bytes: [UInt8], path: String, key: String) -> Result<OrderTable, Trouble> {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .failure(Trouble(given: "\(path): bytes that are not UTF-8", allowed: "UTF-8 text"))
        }
        guard var lines = CSV.lines(text), let columns = lines.first?.map(\.trimmed) else {
            return .failure(Trouble(given: "\(path): no table", allowed: "CSV with a header line and closed quotes"))
        }
        lines.removeFirst()
        guard Set(columns).count == columns.count, !columns.contains("") else {
            return .failure(Trouble(given: columns.joined(separator: ","), allowed: "columns named once each"))
        }
        guard let keyColumn = columns.firstIndex(of: key) else {
            return .failure(Trouble(given: key, allowed: columns.joined(separator: ", "), isAboutKey: true))
        }
        var seen = Set<String>()
        for (index, line) in lines.enumerated() {
            let place = "\(path), order \(index + 1)"
            guard line.count == columns.count else {
                return .failure(Trouble(given: "\(place): \(line.count) values", allowed: "\(columns.count) values"))
            }
            guard seen.insert(line[keyColumn]).inserted else {
                return .failure(
                    Trouble(given: "\(place): \(line[keyColumn]) a second time", allowed: "each \(key) once"))
            }
        }
        return .success(OrderTable(path: path, key: key, columns: columns, rows: lines))
    }

    /// The values of the order whose key is `value`, in the order of the columns; nil when there is none.
    public func row(_ value: String) -> [String]? {
        guard let column = columns.firstIndex(of: key) else { return nil }
        return rows.first { $0[column] == value }
    }
}

/// RFC 4180: commas, lines, quotes doubled inside quotes.
enum CSV {
    /// Empty lines are left out; nil when a quote stays open.
    static func lines(_ text: String) -> [[String]]? {
        var lines: [[String]] = []
        var line: [String] = []
        var field = ""
        var isQuoted = false
        var closedQuote = false
        for character in text {
            if isQuoted {
                if character == "\"" {
                    isQuoted = false
                    closedQuote = true
                } else {
                    field.append(character)
                }
            } else if character == "\"", closedQuote {
                // The second quote of a pair: one quote, and still inside.
                field.append(character)
                isQuoted = true
                closedQuote = false
            } else if character == "\"", field.isEmpty {
                isQuoted = true
            } else if character == "," || character.isNewline {
                line.append(field)
                field = ""
                closedQuote = false
                if character != "," {
                    if line != [""] { lines.append(line) }
                    line = []
                }
            } else {
                field.append(character)
            }
        }
        if isQuoted { return nil }
        line.append(field)
        if line != [""] { lines.append(line) }
        return lines
    }
}
