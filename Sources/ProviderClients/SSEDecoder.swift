/// Server-sent events out of bytes that are cut anywhere.
///
/// - Input: the body's bytes in order, in pieces of any size. A line ends at LF, CR LF or CR.
/// - Output: one event for each blank line after a `data` field; several `data` lines are joined by LF.
/// - Bounds: a line, and an event's data, of at most `mostLineBytes`.
/// - Source: the event stream format of the HTML standard. An event that the end of the body cuts off before its blank
///   line is given by `finish`, where the standard drops it.
struct ServerSentEvents {
    struct Event: Equatable {
        /// Empty where the stream gives none.
        var name = ""
        var data: [UInt8] = []
    }

    /// A line, or an event's data, is longer than allowed.
    struct TooLong: Error {}

    static let mostLineBytes = 256 * 1_024

    private var line: [UInt8] = []
    private var event = Event()
    private var hasData = false
    private var sawCarriageReturn = false
    private var isFirstLine = true

    mutating func append(_ bytes: [UInt8], into events: inout [Event]) throws(TooLong) {
        var start = 0
        for (index, byte) in bytes.enumerated() where byte == 0x0A || byte == 0x0D {
            // CR LF is one end of a line, also when a read ends between the two.
            let isSecondHalf = byte == 0x0A && sawCarriageReturn && index == start && line.isEmpty
            sawCarriageReturn = byte == 0x0D
            if !isSecondHalf {
                if line.isEmpty {
                    try take(bytes[start..<index], into: &events)
                } else {
                    try hold(bytes[start..<index])
                    let whole = line
                    line.removeAll(keepingCapacity: true)
                    try take(whole[...], into: &events)
                }
            }
            start = index + 1
        }
        if start < bytes.count {
            try hold(bytes[start...])
            sawCarriageReturn = false
        }
    }

    /// The body has ended: what was collected is the last event.
    mutating func finish(into events: inout [Event]) throws(TooLong) {
        let rest = line
        line = []
        if !rest.isEmpty { try take(rest[...], into: &events) }
        dispatch(into: &events)
    }

    // MARK: Lines

    private mutating func hold(_ bytes: ArraySlice<UInt8>) throws(TooLong) {
        guard line.count + bytes.count <= Self.mostLineBytes else { throw TooLong() }
        line += bytes
    }

    private mutating func take(_ line: ArraySlice<UInt8>, into events: inout [Event]) throws(TooLong) {
        var line = line
        guard line.count <= Self.mostLineBytes else { throw TooLong() }
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
        }
        if line.isEmpty { return dispatch(into: &events) }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        if colon == line.startIndex { return }
        let field = line[..<colon]
        var value = line[colon...].dropFirst()
        if value.first == 0x20 { value = value.dropFirst() }
        if field.elementsEqual("data".utf8) {
            guard event.data.count + value.count <= Self.mostLineBytes else { throw TooLong() }
            if hasData { event.data.append(0x0A) }
            event.data += value
            hasData = true
        } else if field.elementsEqual("event".utf8) {
            event.name = String(decoding: value, as: UTF8.self)
        }
    }

    private mutating func dispatch(into events: inout [Event]) {
        if hasData { events.append(event) }
        event = Event()
        hasData = false
    }
}
