import Conversation

extension AgentReader {
    func lines(_ root: Fields) -> DialogueLines {
        var lines = DialogueLines()
        guard let fields = root.section("lines", section: "lines") else { return lines }
        if let words = fields.strings("acknowledgements", most: 20), !words.isEmpty { lines.acknowledgements = words }
        for (key, line) in Self.linesByKey {
            if let text = fields.string(key) { lines[keyPath: line] = text }
        }
        // The one line that may be empty: nothing is said then.
        if fields.node("filler")?.plain?.trimmed.isEmpty == true {
            lines.filler = ""
        } else if let text = fields.string("filler") {
            lines.filler = text
        }
        return lines
    }

    private static var linesByKey: [(String, WritableKeyPath<DialogueLines, String>)] {
        [
            ("starting", \.starting), ("not_understood", \.notUnderstood),
            ("not_understood_again", \.notUnderstoodAgain),
            ("how_can_i_help", \.howCanIHelp), ("out_of_scope", \.outOfScope), ("what_to_change", \.whatToChange),
            ("yes_or_no", \.yesOrNo), ("giving_up", \.givingUp), ("offer_person", \.offerPerson),
            ("person_unavailable", \.personUnavailable),
            ("tool_trouble", \.toolTrouble), ("one_moment", \.oneMoment), ("take_your_time", \.takeYourTime),
            ("go_on", \.goOn),
            ("cancelled", \.cancelled), ("anything_else", \.anythingElse), ("what_else", \.whatElse),
            ("already_done", \.alreadyDone),
        ]
    }
}
