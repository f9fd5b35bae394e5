import Foundation
import GRDB
import Providers

extension CivilDateTime {
    /// Reads a date that the store wrote; anything else means that the database was changed by hand.
    init(stored text: String) throws {
        guard let read = CivilDateTime(text) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "not a date: \(text)")
        }
        self = read
    }
}

extension String {
    /// Without line breaks and control characters, which would break a list of one line each.
    var onOneLine: String {
        let spaced = String(
            String.UnicodeScalarView(
                unicodeScalars.map { $0.properties.generalCategory.isBreaking ? " " : $0 }))
        return spaced.split(separator: " ").joined(separator: " ")
    }
}

extension Unicode.GeneralCategory {
    fileprivate var isBreaking: Bool {
        switch self {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

/// Lists and dictionaries as JSON text in one column.
enum StoredJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func value<T: Decodable>(_ text: String, as type: T.Type = T.self) throws -> T {
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "not the JSON that was stored: \(text)")
        }
    }
}
