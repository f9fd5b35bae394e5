/// Refuses what an agent file has no use for before a YAML parser sees it: anchors and aliases, deep nesting, tabs.
///
/// Composing is recursive, and an alias may stand for any amount of text; bounding both here bounds the parser.
struct YAMLGuard {
    /// 1 MB: the longest file that is read.
    static let mostBytes = 1_048_576
    /// Brackets open at once, and dashes in a row; an agent needs 3.
    static let mostNesting = 16
    /// Spaces before a line's first word; an agent needs about 12.
    static let mostIndentation = 64

    private var open = 0
    private var quote: Character?
    /// The indentation of the line that opened a block scalar (`|` or `>`); deeper lines are plain text.
    private var blockIndentation: Int?

    /// Adds at most one problem; false when the text must not be parsed.
    static func accepts(_ text: String, into problems: ProblemList) -> Bool {
        var scan = YAMLGuard()
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            guard let trouble = scan.trouble(in: line) else { continue }
            problems.add(line: index + 1, field: "yaml", given: trouble.given, allowed: trouble.allowed)
            return false
        }
        return true
    }

    private mutating func trouble(in line: Substring) -> (given: String, allowed: String)? {
        let indentation = line.prefix { $0 == " " }.count
        let rest = line.dropFirst(indentation)
        guard let first = rest.first else { return nil }
        if let block = blockIndentation {
            if indentation > block { return nil }
            blockIndentation = nil
        }
        if quote == nil {
            if first == "#" { return nil }
            if first == "\t" { return ("a tab before the first word", "spaces") }
            if indentation > Self.mostIndentation {
                return ("\(indentation) spaces of indentation", "at most \(Self.mostIndentation)")
            }
        }
        if let trouble = walk(rest) { return trouble }
        if quote == nil, open == 0, opensBlock(rest) { blockIndentation = indentation }
        return nil
    }

    /// Follows quotes and brackets through one line.
    private mutating func walk(_ line: Substring) -> (given: String, allowed: String)? {
        var valueMayStart = quote == nil
        var dashes = 0
        var previous: Character = " "
        var isEscaped = false
        for character in line {
            if let mark = quote {
                if isEscaped {
                    isEscaped = false
                } else if mark == "\"", character == "\\" {
                    isEscaped = true
                } else if character == mark {
                    quote = nil
                }
                valueMayStart = false
                previous = character
                continue
            }
            if character == "#", previous == " " { return nil }
            if valueMayStart {
                switch character {
                case "&": return ("an anchor (&)", "plain values; write it out where it is needed")
                case "*": return ("an alias (*)", "plain values; text that begins with * goes in quotes")
                case "\"", "'": quote = character
                case "-", "?": dashes += 1
                default: break
                }
                if dashes > Self.mostNesting { return ("\(dashes) nested list items", "at most \(Self.mostNesting)") }
            }
            if valueMayStart || open > 0, let trouble = bracket(character) { return trouble }
            let separates = ":,[{-?".contains(character)
            valueMayStart =
                (valueMayStart && (character == " " || separates)) || (open > 0 && separates)
                || (character == " " && previous == ":")
            previous = character
        }
        return nil
    }

    private mutating func bracket(_ character: Character) -> (given: String, allowed: String)? {
        switch character {
        case "[", "{":
            open += 1
            if open > Self.mostNesting { return ("\(open) brackets open at once", "at most \(Self.mostNesting)") }
        case "]", "}": open = max(0, open - 1)
        default: break
        }
        return nil
    }

    private func opensBlock(_ line: Substring) -> Bool {
        let words = line.split(separator: " ")
        guard var last = words.last else { return false }
        if last.first == "#", words.count > 1 { last = words[words.count - 2] }
        guard last.first == "|" || last.first == ">" else { return false }
        return last.dropFirst().allSatisfy { "+-0123456789".contains($0) }
    }
}
