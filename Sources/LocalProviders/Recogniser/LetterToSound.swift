import CFlite

/// What an English word may sound like, by flite's lexicon and letter-to-sound rules, in the recogniser's phones.
///
/// The rules were trained on the same pronouncing dictionary that the recogniser's is made from, so they speak of the
/// same sounds; only the names differ (`ax` is an unstressed `AH`, numbers mark the stress).
enum LetterToSound {
    /// `M IH L ER` for `miller`; nil when the word has another character than a-z, or no vowel to carry it.
    ///
    /// Waits for flite's queue: for setting up, not for a call's threads.
    static func phones(of word: String) -> String? {
        guard !word.isEmpty, word.utf8.count <= longestWord, word.utf8.allSatisfy({ (0x61...0x7A).contains($0) }),
            word.contains(where: { "aeiouy".contains($0) })
        else { return nil }
        let phones = FliteLibrary.queue.sync { flitePhones(word) }.compactMap(recogniserPhone)
        return phones.contains(where: { "AEIOU".contains($0.first!) }) ? phones.joined(separator: " ") : nil
    }

    /// Longer than any name; a bound for the rules' work.
    private static let longestWord = 40

    /// Call it on flite's queue: its values are counted by reference without atomic operations.
    private static func flitePhones(_ word: String) -> [String] {
        guard let list = lex_lookup(cmu_lex_init(), word, nil, nil) else { return [] }
        defer { delete_val(list) }
        var phones: [String] = []
        // SAFETY: the list is ours until `delete_val` at the end of this scope; its names are copied.
        var place: UnsafePointer<cst_val>? = UnsafePointer(list)
        while let current = place {
            if let name = val_string(val_car(current)) { phones.append(String(cString: name)) }
            place = val_cdr(current)
        }
        return phones
    }

    /// nil for a pause.
    private static func recogniserPhone(_ name: String) -> String? {
        let bare = String(name.filter { !$0.isNumber })
        return switch bare {
        case "pau": nil
        case "ax": "AH"
        case "axr": "ER"
        default: bare.uppercased()
        }
    }
}
