/// A table of orders from anyone: reading it ends in records or in trouble, never in a crash.
///
/// It is read as it is and once more with a byte order mark; both must say the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCSV(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // SAFETY: libFuzzer's bytes are readable for this call, and are copied at once.
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    guard !input.starts(with: [0xEF, 0xBB, 0xBF]) else { return 0 }
    let plain = Result { () throws(CSV.Trouble) in try CSV.records(input) }
    let marked = Result { () throws(CSV.Trouble) in try CSV.records([0xEF, 0xBB, 0xBF] + input) }
    precondition(plain == marked, "a byte order mark changed the table")
    if case .success(let records) = plain { checkAgain(records) }
    return 0
}

/// What was read, written with quotes and read again, is the same.
private func checkAgain(_ records: [CSV.Record]) {
    let lines = records.map { record in
        record.fields.map { field in
            "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
        }.joined(separator: ",")
    }
    guard let again = try? CSV.records(Array(lines.joined(separator: "\r\n").utf8)) else {
        preconditionFailure("a table that was written cannot be read")
    }
    // A record of one empty field, written as "", reads as an empty line, which is none.
    precondition(again.map(\.fields) == records.map(\.fields).filter { $0 != [""] }, "a table changed on its way")
}
