/// E-mail addresses as they are dictated: "anna dot miller at example dot com".
enum EmailUnderstanding {
    private static let marks = [
        "dot": ".", "point": ".", "period": ".", "underscore": "_", "dash": "-", "hyphen": "-", "minus": "-",
        "plus": "+",
    ]

    static func address(in words: Words) -> (address: String, range: Range<Int>)? {
        if let index = words.tokens.firstIndex(where: { isAddress($0) }) {
            return (words.tokens[index], index..<(index + 1))
        }
        guard let at = words.tokens.lastIndex(of: "at") else { return nil }
        let local = local(words.tokens, before: at)
        let domain = domain(words.tokens, after: at)
        let address = local.text + "@" + domain.text
        return isAddress(address) ? (address, local.start..<domain.end) : nil
    }

    /// The words from the place where the address begins: after "is", "it's" or "to", or at the first word.
    private static func local(_ tokens: [String], before at: Int) -> (text: String, start: Int) {
        var start = at
        while start > 0,
            !["is", "it's", "to", "my", "address", "email", "mail", "yes", "that's"].contains(tokens[start - 1])
        {
            start -= 1
        }
        return (joined(Array(tokens[start..<at])), start)
    }

    /// Pieces and dots, up to the last piece after a dot.
    private static func domain(_ tokens: [String], after at: Int) -> (text: String, end: Int) {
        var index = at + 1
        var end = at + 1
        var expectsPiece = true
        while index < tokens.count {
            let isDot = tokens[index] == "dot" || tokens[index] == "point"
            if isDot {
                if expectsPiece { break }
                expectsPiece = true
            } else {
                if !expectsPiece, tokens[(index + 1)...].firstIndex(where: { $0 == "dot" || $0 == "point" }) == nil {
                    break
                }
                expectsPiece = false
                end = index + 1
            }
            index += 1
        }
        return (joined(Array(tokens[(at + 1)..<end])), end)
    }

    private static func joined(_ tokens: [String]) -> String {
        var text = ""
        var index = 0
        while index < tokens.count {
            if tokens[index] == "double", index + 1 < tokens.count, tokens[index + 1].count == 1 {
                text += tokens[index + 1] + tokens[index + 1]
                index += 2
                continue
            }
            if let mark = marks[tokens[index]] {
                text += mark
                index += 1
            } else if let number = NumberWords.belowHundred(tokens, at: index) {
                text += String(number.value)
                index = number.end
            } else {
                text += tokens[index]
                index += 1
            }
        }
        return text
    }

    /// One `@`, and a dot in a domain of letters, digits and dashes.
    static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].count), parts[1].count <= 255 else { return false }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        let isLocal =
            parts[0].allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-+'".contains($0)) }
            && parts[0].first != "." && parts[0].last != "."
        return isLocal && labels.count >= 2 && labels.last!.count >= 2
            && labels.allSatisfy {
                !$0.isEmpty && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
            }
    }
}
