/// The keys each section of an agent file may have. The loader and the schema's test read the same table.
enum AgentKeys {
    /// Sections by dotted path, `[]` for the items of a list; the root is "".
    static let sections: [(path: String, keys: [String])] = [
        (
            "",
            [
                "name", "language", "voice", "instructions", "greeting", "disclosure", "endpointing", "flow",
                "knowledge", "calendar", "leads", "orders", "tools", "providers", "names", "limits", "goodbye",
                "escalation", "lines", "numbers", "deepgram", "openai", "elevenlabs", "aura", "voicemail", "outbound",
                "http_tools",
            ]
        ),
        ("disclosure", ["policy", "text", "protected"]),
        ("flow", ["starts_on", "steps", "check", "confirm", "complete"]),
        ("flow.steps[]", ["id", "expects", "ask", "ask_again", "endpoint_delay_ms"]),
        ("flow.steps[].expects", ["digits", "choice"]),
        ("flow.check", ["tool", "available", "unavailable", "alternatives", "no_alternatives", "reasons"]),
        ("flow.check.reasons", ["closed", "taken", "past", "off_grid"]),
        ("flow.complete", ["tool", "success", "failure"]),
        ("knowledge[]", ["id", "questions", "answer"]),
        ("calendar", ["opening_hours", "slot_minutes"]),
        ("calendar.opening_hours", weekdays),
        ("leads", ["criteria"]),
        ("leads.criteria[]", ["slot", "equals", "at_least", "at_most", "one_of"]),
        ("orders", ["file", "key"]),
        ("providers", ["speech_to_text", "language_model", "text_to_speech"]),
        ("limits", ["longest_call_s", "most_turns", "repeats", "dead_air", "filler_after_ms"]),
        ("limits.dead_air[]", ["after_s", "say"]),
        ("escalation", ["target", "announce", "reason", "unanswered", "timeout_s"]),
        ("voicemail", ["message"]),
        ("outbound", ["greeting", "hold_greeting_s"]),
        ("deepgram", ["model", "keyterms", "endpointing_ms"]),
        ("openai", ["model", "temperature", "max_tokens", "max_tokens_field", "strict_tools"]),
        ("elevenlabs", ["voice", "model", "transport", "stability", "similarity_boost", "speed"]),
        ("aura", ["model"]),
        (
            "http_tools[]",
            [
                "name", "purpose", "parameters", "method", "url", "headers", "secret_env", "timeout_ms", "idempotent",
                "retries",
            ]
        ),
        (
            "lines",
            [
                "acknowledgements", "starting", "go_on", "not_understood", "not_understood_again", "how_can_i_help",
                "out_of_scope",
                "what_to_change", "yes_or_no", "giving_up", "offer_person", "person_unavailable",
                "tool_trouble", "one_moment", "take_your_time", "cancelled", "anything_else", "what_else",
                "already_done", "filler",
            ]
        ),
    ]

    static let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    static let tools = [
        "check_availability", "book_appointment", "qualify_lead", "lookup_order", "escalate_to_human", "send_dtmf",
        "end_call",
    ]
    static let speechToText = ["deepgram", "pocketsphinx"]
    static let languageModel = ["openai", "scripted"]
    static let textToSpeech = ["elevenlabs", "aura", "flite"]
    static let answers = [
        "yes_no", "digits", "phone_number", "email", "date", "time", "name", "number", "choice", "open",
    ]

    static func keys(of path: String) -> [String] {
        guard let section = sections.first(where: { $0.path == path }) else {
            preconditionFailure("no section \(path) in the table of keys")
        }
        return section.keys
    }

    /// What a message allows instead of `word`: the nearest of `allowed`, if one is near, else all of them.
    static func hint(for word: String, in allowed: [String]) -> String {
        nearest(to: word, in: allowed).map { "\($0) (did you mean that?)" } ?? allowed.joined(separator: ", ")
    }

    /// The allowed word nearest to `word`, if it is near enough to be a slip of the finger.
    static func nearest(to word: String, in allowed: [String]) -> String? {
        let scored = allowed.map { (word: $0, distance: distance(Array(word.lowercased().utf8), Array($0.utf8))) }
        guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, min(3, word.utf8.count / 3)) ? best.word : nil
    }

    /// Levenshtein's, on bytes; words longer than 40 bytes are far from everything.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        guard a.count <= 40, b.count <= 40 else { return .max }
        var row = Array(0...b.count)
        for i in 0..<a.count {
            var diagonal = row[0]
            row[0] = i + 1
            for j in 0..<b.count {
                let substituted = diagonal + (a[i] == b[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[b.count]
    }
}
