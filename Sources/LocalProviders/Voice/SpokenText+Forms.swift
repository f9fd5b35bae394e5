extension SpokenText {
    /// What to say for one word in ASCII, given its neighbours; nothing when there is nothing in it to say.
    static func forms(of core: String, after previous: String, before next: String) -> [Part] {
        guard core.contains(where: { $0.isLetter || $0.isNumber || "&@%".contains($0) }) else { return [] }
        return time(core, before: next) ?? halfOfDay(core, after: previous) ?? date(core) ?? amount(core)
            ?? phoneNumber(core) ?? digitString(core) ?? address(core) ?? plain(core)
    }

    // MARK: Times and dates

    /// `3:30`, `15:05`, `10:00pm`.
    private static func time(_ core: String, before next: String) -> [Part]? {
        let (clock, half) = withoutHalf(core)
        let fields = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count == 2, fields[0].count <= 2, fields[1].count == 2, let hour = figure(fields[0]),
            let minute = figure(fields[1]), hour < 24, minute < 60
        else { return nil }
        let hasHalf = half != nil || halves[next] != nil
        var words: [String]
        switch (hour, minute) {
        case (0, 0) where !hasHalf: words = ["midnight"]
        case (1...12, 0) where !hasHalf: words = [number(hour), "o'clock"]
        case (_, 0): words = hasHalf ? [number(hour)] : [number(hour), "hundred"]
        case (_, 1...9): words = [number(hour), "oh", number(minute)]
        default: words = [number(hour), number(minute)]
        }
        if let half { words.append(half) }
        return words.map { Part(name: $0) }
    }

    /// flite reads "pm" as a word and "p.m" as letters.
    private static let halves = ["am": "a.m", "pm": "p.m", "a.m": "a.m", "p.m": "p.m"]

    private static func withoutHalf(_ core: String) -> (clock: Substring, half: String?) {
        let lower = core.lowercased()
        for (written, spoken) in halves where lower.hasSuffix(written) && lower.count > written.count {
            return (core.dropLast(written.count), spoken)
        }
        return (core[...], nil)
    }

    private static func halfOfDay(_ core: String, after previous: String) -> [Part]? {
        if let last = previous.last, last.isNumber, let half = halves[core.lowercased()] { return [Part(name: half)] }
        let (clock, half) = withoutHalf(core)
        guard let half, let hour = figure(clock), hour <= 24 else { return nil }
        return [Part(name: number(hour)), Part(name: half)]
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// `2026-03-10`: March 10th, 2026, which flite reads well.
    private static func date(_ core: String) -> [Part]? {
        let fields = core.split(separator: "-", omittingEmptySubsequences: false)
        guard fields.map(\.count) == [4, 2, 2], let year = figure(fields[0]), let month = figure(fields[1]),
            let day = figure(fields[2]), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let endings = [1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"]
        return [
            Part(name: months[month - 1]), Part(name: "\(day)" + (endings[day] ?? "th"), punctuation: ","),
            Part(name: "\(year)"),
        ]
    }

    // MARK: Numbers

    /// `~25.50` (euros) and `^3` (pounds); flite knows dollars.
    private static func amount(_ core: String) -> [Part]? {
        guard let sign = core.first(where: { "~^".contains($0) }) else { return nil }
        let fields = core.filter { $0 != sign && $0 != "," }.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(fields.count), let whole = figure(fields[0]) else { return nil }
        let unit = (sign == "~" ? "euro" : "pound") + (whole == 1 ? "" : "s")
        var parts = [Part(name: "\(whole)"), Part(name: unit)]
        if fields.count == 2, let rest = figure(fields[1]), rest > 0 {
            parts += [Part(name: "\(rest)"), Part(name: sign == "~" ? (rest == 1 ? "cent" : "cents") : "pence")]
        }
        return parts
    }

    /// A number with a plus before it, or seven digits and more with hyphens, brackets or dots: digit by digit, a pause
    /// between groups.
    private static func phoneNumber(_ core: String) -> [Part]? {
        let isForeign = core.first == "+"
        let digits = core.count(where: \.isNumber)
        guard core.dropFirst(isForeign ? 1 : 0).allSatisfy({ $0.isNumber || "-().".contains($0) }),
            isForeign ? digits > 1 : digits >= 7, isForeign || core.contains(where: { !$0.isNumber }),
            core.count(where: { $0 == "." }) != 1
        else { return nil }
        var parts = isForeign ? [Part(name: "plus")] : []
        for group in core.split(whereSeparator: { !$0.isNumber }) { parts += digitGroups(group) }
        parts[parts.count - 1].punctuation = ""
        return parts
    }

    /// `4711` is read as flite likes; five digits and more, or with a zero before them, one by one, `#12` as a number.
    private static func digitString(_ core: String) -> [Part]? {
        let digits = core.drop { $0 == "#" }
        guard !digits.isEmpty, digits.allSatisfy(\.isNumber) else { return nil }
        var parts = core.first == "#" ? [Part(name: "number")] : []
        if digits.count >= 5 || (digits.count > 1 && digits.first == "0") {
            parts += digitGroups(digits)
            parts[parts.count - 1].punctuation = ""
        } else {
            parts.append(Part(name: String(digits)))
        }
        return parts
    }

    /// In threes with a pause after each, up to five together at the end.
    private static func digitGroups(_ digits: Substring) -> [Part] {
        var parts: [Part] = []
        for (index, digit) in digits.enumerated() {
            let rest = digits.count - index - 1
            let endsGroup = rest == 0 || (index % 3 == 2 && rest > 2)
            parts.append(Part(name: small[Int(String(digit)) ?? 0], punctuation: endsGroup ? "," : ""))
        }
        return parts
    }

    private static let small = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ]

    /// 0...59 in words.
    private static func number(_ value: Int) -> String {
        if value < 20 { return small[value] }
        let tens = ["twenty", "thirty", "forty", "fifty"][value / 10 - 2]
        return value % 10 == 0 ? tens : tens + "-" + small[value % 10]
    }

    /// Digits only: no sign, at most six.
    private static func figure(_ text: Substring) -> Int? {
        text.count <= 6 && text.allSatisfy { ("0"..."9").contains($0) } ? Int(text) : nil
    }

    // MARK: Addresses and the rest

    private static let domains: Set<Substring> = [
        "com", "org", "net", "edu", "gov", "info", "io", "eu", "de", "uk", "at", "ch", "fr", "nl", "app", "dev",
    ]
    private static let signs: [Character: String] = [
        "@": "at", ".": "dot", "_": "underscore", "-": "dash", "+": "plus", "/": "slash", ":": "colon",
    ]

    /// `anna.miller@example.com`, `www.example.com/help`: its signs by name.
    private static func address(_ core: String) -> [Part]? {
        let host = core.split(separator: "@").last ?? ""
        let labels = host.prefix { $0 != "/" }.split(separator: ".")
        let isMail = core.dropFirst().dropLast().contains("@")
        guard isMail || (labels.count > 1 && domains.contains(labels.last ?? "") && host.first?.isLetter == true) else {
            return nil
        }
        var parts: [Part] = []
        var run = ""
        func endRun() {
            guard !run.isEmpty else { return }
            parts += digitString(run) ?? [Part(name: run)]
            run = ""
        }
        for character in core {
            let isSame = run.last.map { $0.isNumber == character.isNumber } ?? true
            if signs[character] != nil || !isSame { endRun() }
            if let sign = signs[character] { parts.append(Part(name: sign)) } else { run.append(character) }
        }
        endRun()
        return parts
    }

    /// Anything else: signs that have a name are named, the rest part words.
    private static func plain(_ core: String) -> [Part] {
        var spaced = ""
        for character in core {
            switch character {
            case "&": spaced += " and "
            case "@": spaced += " at "
            case "+": spaced += " plus "
            case "#": spaced += " number "
            case "%" where spaced.last?.isNumber != true: spaced += " percent "
            case _ where character.isLetter || character.isNumber || "'.,:;!?$%-".contains(character):
                spaced.append(character)
            case "/" where spaced.last?.isNumber == true: spaced.append(character)
            default: spaced += " "
            }
        }
        return spaced.split(separator: " ").compactMap { piece in
            let name = piece.drop { "'.,:;!?-".contains($0) }
            let end = name.reversed().drop { "'.,:;!?-".contains($0) }.count
            guard end > 0 else { return nil }
            let pause = name.dropFirst(end).first { ".,:;!?".contains($0) }
            return Part(name: String(name.prefix(end)), punctuation: pause.map(String.init) ?? "")
        }
    }
}
