import Conversation

/// Times of day in what a caller said.
enum TimeUnderstanding {
    /// A time as it was said; without `isPrecise`, the hour may be before or after noon.
    struct Mention: Equatable {
        var hour: Int
        var minute: Int
        var isPrecise: Bool
        var range: Range<Int>
    }

    /// The time the caller settled on, in minutes since midnight.
    ///
    /// An hour without "am", "pm" or a part of the day is the one within `hours` (of `weekday`, or of any day); where
    /// both or neither are, 7 to 11 is the morning and the rest the afternoon.
    ///
    /// - Parameter isAsked: A time was asked for, so that a lone "three" is one.
    static func time(
        in words: Words, hours: OpeningHours, weekday: Int?, isAsked: Bool
    ) -> (minute: Int, ranges: [Range<Int>])? {
        let mentions = mentions(in: words, isAsked: isAsked)
        guard let first = mentions.first, let last = mentions.last else { return nil }
        let meant: Mention
        if last == first {
            meant = first
        } else {
            let between = Words(tokens: Array(words.tokens[first.range.upperBound..<last.range.lowerBound]))
            let corrects = between.containsAny(of: ["no", "sorry", "i mean", "actually", "rather", "make that", "not"])
            let isNegated =
                first.range.lowerBound > 0
                && words.tokens[max(0, first.range.lowerBound - 2)..<first.range.lowerBound].contains("not")
            meant = corrects || isNegated ? last : first
        }
        return (minute(of: meant, in: words, hours: hours, weekday: weekday), mentions.map(\.range))
    }

    static func minute(of mention: Mention, in words: Words, hours: OpeningHours, weekday: Int?) -> Int {
        if mention.isPrecise { return mention.hour * 60 + mention.minute }
        let morning = mention.hour % 12 * 60 + mention.minute
        let afternoon = morning + 720
        if words.contains("morning") { return morning }
        if words.containsAny(of: ["afternoon", "evening", "tonight"]) { return afternoon }
        let isOpen = [morning, afternoon].map { minute in
            (weekday.map { hours.isOpen(weekday: $0, minute: minute) } ?? false)
                || hours.isOpen(weekday: nil, minute: minute)
        }
        if isOpen[0] != isOpen[1] { return isOpen[0] ? morning : afternoon }
        return (7...11).contains(mention.hour) ? morning : afternoon
    }

    static func mentions(in words: Words, isAsked: Bool) -> [Mention] {
        let reader = Reader(tokens: words.tokens, isAsked: isAsked)
        var found: [Mention] = []
        var index = 0
        while index < words.tokens.count {
            guard let mention = reader.time(at: index) else {
                index += 1
                continue
            }
            found.append(mention)
            index = mention.range.upperBound
        }
        return found
    }

    /// Reads one time at one place.
    private struct Reader {
        let tokens: [String]
        let isAsked: Bool

        func time(at index: Int) -> Mention? {
            named(index) ?? fraction(index) ?? minutesBeside(index) ?? written(index) ?? spoken(index)
        }

        private func word(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index] : "" }

        private func named(_ index: Int) -> Mention? {
            switch word(index) {
            case "noon", "midday": Mention(hour: 12, minute: 0, isPrecise: true, range: index..<(index + 1))
            case "midnight": Mention(hour: 0, minute: 0, isPrecise: true, range: index..<(index + 1))
            default: nil
            }
        }

        private func hour(_ index: Int) -> (value: Int, end: Int)? {
            guard let number = NumberWords.belowHundred(tokens, at: index), (1...23).contains(number.value) else {
                return nil
            }
            return number
        }

        /// "Half past three", "half three", "quarter to four", "a quarter past nine".
        private func fraction(_ index: Int) -> Mention? {
            if word(index) == "half" {
                guard let hour = hour(word(index + 1) == "past" ? index + 2 : index + 1), hour.value <= 12 else {
                    return nil
                }
                return finish(hour.value, 30, from: index, end: hour.end)
            }
            guard word(index) == "quarter", let hour = hour(index + 2), hour.value <= 12 else { return nil }
            return beside(15, word(index + 1), hour, from: index)
        }

        /// "Ten past nine", "twenty minutes to four".
        private func minutesBeside(_ index: Int) -> Mention? {
            guard let minutes = NumberWords.belowHundred(tokens, at: index), (1...29).contains(minutes.value) else {
                return nil
            }
            let place = ["minutes", "minute"].contains(word(minutes.end)) ? minutes.end + 1 : minutes.end
            guard place > minutes.end || minutes.value % 5 == 0, index == 0 || word(index - 1) != "from",
                let hour = hour(place + 1), hour.value <= 12
            else { return nil }
            return beside(minutes.value, word(place), hour, from: index)
        }

        private func beside(_ minutes: Int, _ side: String, _ hour: (value: Int, end: Int), from index: Int) -> Mention?
        {
            switch side {
            case "past", "after": finish(hour.value, minutes, from: index, end: hour.end)
            case "to", "till", "before", "of":
                finish(hour.value == 1 ? 12 : hour.value - 1, 60 - minutes, from: index, end: hour.end)
            default: nil
            }
        }

        /// `3:30`, `15.30`, and, where a time was asked for, `330` and `1530`.
        private func written(_ index: Int) -> Mention? {
            let parts = word(index).split(whereSeparator: { $0 == ":" || $0 == "." })
            if parts.count == 2, let hour = NumberWords.figure(String(parts[0])), parts[1].count == 2,
                let minute = NumberWords.figure(String(parts[1])), hour < 24, minute < 60
            {
                return finish(hour, minute, isPrecise: parts[0].hasPrefix("0"), from: index, end: index + 1)
            }
            guard isAsked, (3...4).contains(word(index).count), let figure = NumberWords.figure(word(index)),
                figure / 100 < 24, figure % 100 < 60, figure >= 100
            else { return nil }
            return finish(figure / 100, figure % 100, from: index, end: index + 1)
        }

        /// "Three thirty", "nine oh five", "three o'clock", "three pm", "fifteen hundred", "at three".
        private func spoken(_ index: Int) -> Mention? {
            guard let hour = hour(index), !isDigitString(index, from: hour.end) else { return nil }
            if word(hour.end) == "hundred", hour.value >= 8 {
                return finish(hour.value, 0, isPrecise: true, from: index, end: hour.end + 1)
            }
            if ["o'clock", "oclock"].contains(word(hour.end)) {
                return finish(hour.value, 0, from: index, end: hour.end + 1)
            }
            if word(hour.end) == "o", word(hour.end + 1) == "clock" {
                return finish(hour.value, 0, from: index, end: hour.end + 2)
            }
            if ["oh", "o", "zero"].contains(word(hour.end)),
                let unit = NumberWords.belowHundred(tokens, at: hour.end + 1),
                (1...9).contains(unit.value)
            {
                return finish(hour.value, unit.value, from: index, end: unit.end)
            }
            if let minute = NumberWords.belowHundred(tokens, at: hour.end), (10...59).contains(minute.value) {
                return finish(hour.value, minute.value, from: index, end: minute.end)
            }
            let bare = finish(hour.value, 0, from: index, end: hour.end)
            if bare.isPrecise, bare.range.upperBound > hour.end { return bare }
            return isTimeWithoutMore(index, end: hour.end) ? bare : nil
        }

        /// A lone hour counts when it was asked for, or after "at".
        private func isTimeWithoutMore(_ index: Int, end: Int) -> Bool {
            let before = word(index - 1)
            if ["days", "day", "weeks", "week", "people", "dollars", "months", "hundred", "thousand", "of"].contains(
                word(end))
            {
                return false
            }
            if ["at", "around"].contains(before) { return true }
            if before == "about", word(index - 2) == "at" || isAsked { return true }
            let determiners = [
                "this", "that", "first", "second", "third", "last", "other", "another", "any", "which", "earlier",
                "later",
                "either", "march", "april", "may", "june", "july", "august", "number",
            ]
            return isAsked && !determiners.contains(before)
        }

        /// More numbers than a time has: an order number, a telephone number.
        private func isDigitString(_ index: Int, from end: Int) -> Bool {
            var (place, count) = (end, 1)
            while let number = NumberWords.belowHundred(tokens, at: place) { (place, count) = (number.end, count + 1) }
            place = index
            while place > 0, NumberWords.belowHundred(tokens, at: place - 1) != nil {
                (place, count) = (place - 1, count + 1)
            }
            return count > 2
        }

        /// Adds "am", "pm" or "in the afternoon" where they follow.
        private func finish(_ hour: Int, _ minute: Int, isPrecise: Bool = false, from index: Int, end: Int) -> Mention {
            var end = end
            if ["o'clock", "oclock"].contains(word(end)) { end += 1 }
            var isAfternoon: Bool?
            if ["am", "pm"].contains(word(end)) {
                isAfternoon = word(end) == "pm"
                end += 1
            } else if ["a", "p"].contains(word(end)), word(end + 1) == "m" {
                isAfternoon = word(end) == "p"
                end += 2
            } else if word(end) == "in", word(end + 1) == "the",
                ["morning", "afternoon", "evening"].contains(word(end + 2))
            {
                isAfternoon = word(end + 2) != "morning"
                end += 3
            } else if word(end) == "at", word(end + 1) == "night" {
                isAfternoon = true
                end += 2
            }
            guard let isAfternoon, hour <= 12 else {
                return Mention(
                    hour: hour, minute: minute, isPrecise: isPrecise || hour > 12 || hour == 0, range: index..<end)
            }
            return Mention(
                hour: hour % 12 + (isAfternoon ? 12 : 0), minute: minute, isPrecise: true, range: index..<end)
        }
    }
}
