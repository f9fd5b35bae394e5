import Providers

/// Dates in what a caller said.
///
/// A bare weekday is the first one after today, "this Friday" counts today, "next Tuesday" is the Tuesday of next week
/// (weeks begin on Monday). A date without a year is the next one, today included.
enum DateUnderstanding {
    struct Mention: Equatable {
        /// Days since 1970-01-01.
        var day: Int
        var range: Range<Int>
        /// "Not Tuesday".
        var isNegated: Bool
    }

    /// The date the caller settled on: the last after a correction ("Tuesday, no, Wednesday"), otherwise the first.
    ///
    /// - Parameter isAsked: A date was asked for, so that a lone "fifteenth" is one.
    static func date(in words: Words, now: CivilDateTime, isAsked: Bool) -> (day: Int, ranges: [Range<Int>])? {
        let mentions = mentions(in: words, today: now.day, isAsked: isAsked)
        let meant = mentions.filter { !$0.isNegated }
        guard let first = meant.first, let last = meant.last else { return nil }
        let between = first.range.upperBound..<max(first.range.upperBound, last.range.lowerBound)
        let corrects = Words(tokens: Array(words.tokens[between]))
            .containsAny(of: ["no", "sorry", "i mean", "actually", "rather", "make that", "wait"])
        return ((corrects ? last : first).day, mentions.map(\.range))
    }

    static func mentions(in words: Words, today: Int, isAsked: Bool) -> [Mention] {
        var found: [Mention] = []
        var index = 0
        while index < words.tokens.count {
            let reader = Reader(tokens: words.tokens, today: today, isAsked: isAsked)
            guard let (day, end) = reader.date(at: index) else {
                index += 1
                continue
            }
            let before = index > 0 ? words.tokens[index - 1] : ""
            let beforeThat = index > 1 ? words.tokens[index - 2] : ""
            let isNegated =
                before == "not" || (beforeThat == "not" && ["on", "for", "the", "this", "next"].contains(before))
            found.append(Mention(day: day, range: index..<end, isNegated: isNegated))
            index = end
        }
        return found
    }

    /// Reads one date at one place; each form is a function that answers the day and where it ends.
    private struct Reader {
        let tokens: [String]
        let today: Int
        let isAsked: Bool

        func date(at index: Int) -> (Int, Int)? {
            relative(index) ?? written(index) ?? weekdayWithDate(index) ?? monthThenDay(index) ?? dayThenMonth(index)
                ?? counted(index) ?? weekdayAlone(index) ?? dayAlone(index)
        }

        private func word(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index] : "" }
        private func skip(_ words: [String], _ index: Int) -> Int { words.contains(word(index)) ? index + 1 : index }
        private func weekday(_ index: Int) -> Int? {
            let name = word(index).hasSuffix("'s") ? String(word(index).dropLast(2)) : word(index)
            let short = ["tues": 1, "weds": 2, "thurs": 3]
            return CivilDate.weekdays.firstIndex(of: name) ?? short[name]
        }

        private func relative(_ index: Int) -> (Int, Int)? {
            var place = skip(["the"], index)
            if word(place) == "day", word(place + 1) == "after", word(place + 2) == "tomorrow" {
                return (today + 2, place + 3)
            }
            place = index
            switch word(place) {
            case "today", "tonight": return (today, place + 1)
            case "tomorrow": return (today + 1, place + 1)
            default: return nil
            }
        }

        /// `2026-03-15`, `3/15`, `3/15/2026`; the day first where the month could not be.
        private func written(_ index: Int) -> (Int, Int)? {
            if let day = CivilDate.iso(word(index)) { return (day, index + 1) }
            let parts = word(index).split(separator: "/", omittingEmptySubsequences: false)
            guard (2...3).contains(parts.count) else { return nil }
            let numbers = parts.compactMap { NumberWords.figure(String($0)) }
            guard numbers.count == parts.count else { return nil }
            let (month, dayOfMonth) = numbers[0] > 12 ? (numbers[1], numbers[0]) : (numbers[0], numbers[1])
            if numbers.count == 3 {
                let year = numbers[2] < 100 ? 2_000 + numbers[2] : numbers[2]
                return CivilDateTime(year: year, month: month, dayOfMonth: dayOfMonth).map { ($0.day, index + 1) }
            }
            return CivilDate.next(month: month, dayOfMonth: dayOfMonth, from: today).map { ($0, index + 1) }
        }

        /// "Tuesday the third", "Tuesday, March third", "Tuesday the third of March".
        private func weekdayWithDate(_ index: Int) -> (Int, Int)? {
            let start = skip(["this", "next", "on"], index)
            guard let weekday = weekday(start) else { return nil }
            if let full = monthThenDay(start + 1) ?? dayThenMonth(start + 1) { return full }
            guard word(start + 1) == "the" || NumberWords.figure(word(start + 1)) == nil,
                let ordinal = NumberWords.ordinal(tokens, at: skip(["the"], start + 1)), word(ordinal.end) != "one"
            else { return nil }
            let day = CivilDate.next(dayOfMonth: ordinal.value, weekday: weekday, from: today)
            // A year holds at least one day of that name and number for most pairs, but a slip means the near one.
            let near = CivilDate.next(dayOfMonth: ordinal.value, from: today)
            return (day.flatMap { $0 - today <= 62 ? $0 : nil } ?? near).map { ($0, ordinal.end) }
        }

        private func monthThenDay(_ index: Int) -> (Int, Int)? {
            guard let month = CivilDate.months.firstIndex(of: word(index)) else { return nil }
            let place = skip(["the"], index + 1)
            guard let number = NumberWords.ordinal(tokens, at: place) ?? NumberWords.belowHundred(tokens, at: place),
                let day = CivilDate.next(month: month + 1, dayOfMonth: number.value, from: today)
            else { return nil }
            return (day, number.end)
        }

        private func dayThenMonth(_ index: Int) -> (Int, Int)? {
            let place = skip(["the"], index)
            guard let number = NumberWords.ordinal(tokens, at: place) ?? NumberWords.belowHundred(tokens, at: place),
                let month = CivilDate.months.firstIndex(of: word(skip(["of"], number.end))),
                let day = CivilDate.next(month: month + 1, dayOfMonth: number.value, from: today)
            else { return nil }
            return (day, skip(["of"], number.end) + 1)
        }

        /// "In two weeks", "in three days", "a week from Tuesday", "a week from today".
        private func counted(_ index: Int) -> (Int, Int)? {
            var place = skip(["in"], index)
            let hasIn = place > index
            var count = 1
            if ["a", "one"].contains(word(place)) {
                place += 1
            } else if let number = NumberWords.belowHundred(tokens, at: place) {
                (count, place) = number
            } else {
                return nil
            }
            let unit: Int
            switch word(place) {
            case "day", "days": unit = 1
            case "week", "weeks": unit = 7
            case "fortnight": unit = 14
            default: return nil
            }
            let isFrom = ["from", "on"].contains(word(place + 1))
            if isFrom, word(place + 2) == "now" { return (today + count * unit, place + 3) }
            if isFrom, let (day, end) = relative(place + 2) ?? weekdayAlone(place + 2) {
                return (day + count * unit, end)
            }
            return hasIn ? (today + count * unit, place + 1) : nil
        }

        private func weekdayAlone(_ index: Int) -> (Int, Int)? {
            let modifier = word(index)
            if ["this", "next", "coming"].contains(modifier), let weekday = weekday(index + 1) {
                let monday = today - CivilDate.weekday(of: today)
                if modifier == "next" { return (monday + 7 + weekday, index + 2) }
                return (monday + weekday >= today ? monday + weekday : monday + 7 + weekday, index + 2)
            }
            guard let weekday = weekday(index) else { return nil }
            let day = CivilDate.next(weekday: weekday, after: today)
            if word(index + 1) == "next", word(index + 2) == "week" {
                return (today - CivilDate.weekday(of: today) + 7 + weekday, index + 3)
            }
            if word(index + 1) == "week" { return (day + 7, index + 2) }
            return (day, index + 1)
        }

        /// "The fifteenth": unasked only where nothing else is counted that way.
        private func dayAlone(_ index: Int) -> (Int, Int)? {
            let place = skip(["the"], index)
            guard let ordinal = NumberWords.ordinal(tokens, at: place), ordinal.value <= 31,
                !["one", "time", "option", "choice", "name", "slot"].contains(word(ordinal.end))
            else { return nil }
            let before = index > 0 ? tokens[index - 1] : ""
            // The rest of a date that does not exist: "February thirtieth", "the thirty-second".
            if CivilDate.months.contains(before) || NumberWords.tens.dropFirst(2).contains(before) { return nil }
            let isPlain = place > index && (ordinal.value > 5 || before == "on")
            guard isAsked || isPlain else { return nil }
            return CivilDate.next(dayOfMonth: ordinal.value, from: today).map { ($0, ordinal.end) }
        }
    }
}
