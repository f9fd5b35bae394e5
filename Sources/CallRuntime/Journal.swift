import CallTime

/// One line of a call's journal: when, what, and the particulars.
public struct JournalRecord: Sendable, Equatable {
    /// The layout of the lines below; a reader refuses what it does not know.
    public static let version = 1

    public var at: CallInstant
    /// Where it comes from: `outside` (an answer, the caller), `decision` (turn-taking), `media` (endpointer, playout),
    /// `call` (its frame).
    public var source: String
    public var event: String
    public var fields: [JSONValue.Member]

    public init(_ at: CallInstant, _ source: String, _ event: String, _ fields: KeyValuePairs<String, JSONValue> = [:])
    {
        self.at = at
        self.source = source
        self.event = event
        self.fields = fields.map { JSONValue.Member(name: $0.key, value: $0.value) }
    }

    public subscript(field: String) -> JSONValue? { fields.first { $0.name == field }?.value }

    /// One JSON object on one line, its members always in this order, so that equal calls have equal bytes.
    /// `at_us` is microseconds of the call.
    public var line: String {
        let frame = [
            JSONValue.Member(name: "at_us", value: .microseconds(at)),
            JSONValue.Member(name: "source", value: .string(source)),
            JSONValue.Member(name: "event", value: .string(event)),
        ]
        return JSONValue.object(frame + fields).text
    }
}
