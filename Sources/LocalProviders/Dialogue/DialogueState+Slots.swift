import Conversation
import Providers

/// Answers found in what a caller said.
extension DialogueState {
    struct Found {
        var step: Int
        var value: SlotValue
    }

    /// Every slot the words fill, and the words that are left.
    ///
    /// - Parameter asked: Kinds of which a bare answer counts: those of the open question. Others need their own
    ///   markers ("at three", "my name is"), so that an answer to one question never leaks into another.
    func answers(in words: Words, asked: [Int]) -> (found: [Found], rest: Words) {
        var found: [Found] = []
        var rest = words
        func isAsked(_ step: Int) -> Bool { asked.contains(step) }
        func take(_ step: Int, _ value: SlotValue, _ ranges: [Range<Int>]) {
            found.append(Found(step: step, value: value))
            rest = rest.removing(ranges)
        }
        for (kind, read) in Self.readers {
            let steps = script.flow.steps.indices.filter { kind(script.flow.steps[$0].expects) }
            // Of several steps of one kind only an asked one can be meant, or the only one.
            guard let step = steps.first(where: isAsked) ?? (steps.count == 1 ? steps[0] : nil) else { continue }
            let soFar = found.first { script.flow.steps[$0.step].expects == .date }
            if let (value, ranges) = read(self, rest, script.flow.steps[step].expects, isAsked(step), soFar?.value) {
                take(step, value, ranges)
            }
        }
        if found.isEmpty, let step = asked.first, asked.count == 1, script.flow.steps[step].expects == .open,
            !rest.isEmpty
        {
            found.append(Found(step: step, value: .text(rest.text)))
        }
        return (found, rest)
    }

    private typealias Reader =
        @Sendable (
            DialogueState, Words, ExpectedAnswer, _ isAsked: Bool, _ date: SlotValue?
        ) -> (SlotValue, [Range<Int>])?

    /// In this order: what is unmistakable first, and its words are gone before the next looks.
    private static let readers: [(kind: @Sendable (ExpectedAnswer) -> Bool, read: Reader)] = [
        (
            { $0 == .email },
            { _, words, _, _, _ in
                EmailUnderstanding.address(in: words).map { (.email($0.address), [$0.range]) }
            }
        ),
        (
            { $0.isDigits },
            { _, words, kind, isAsked, _ in
                guard case .digits(let count) = kind, isAsked || count != nil else { return nil }
                return DigitUnderstanding.digits(in: words, count: count).map { (.digits($0.digits), $0.ranges) }
            }
        ),
        (
            { $0 == .phoneNumber },
            { _, words, _, isAsked, _ in
                DigitUnderstanding.phoneNumber(in: words, isAsked: isAsked).map { (.digits($0.digits), $0.ranges) }
            }
        ),
        (
            { $0 == .date },
            { state, words, _, isAsked, _ in
                DateUnderstanding.date(in: words, now: state.now, isAsked: isAsked).map { (.date($0.day), $0.ranges) }
            }
        ),
        ({ $0 == .time }, { state, words, _, isAsked, date in state.time(words, isAsked, date) }),
        (
            { $0.isChoice },
            { _, words, kind, isAsked, _ in
                guard case .choice(let options) = kind else { return nil }
                return ChoiceUnderstanding.option(in: words, of: options, isAsked: isAsked).map {
                    (.text(options[$0]), [])
                }
            }
        ),
        (
            { $0 == .number },
            { _, words, _, isAsked, _ in
                isAsked ? NumberWords.amount(words).map { (.number($0), []) } : nil
            }
        ),
        (
            { $0 == .yesNo },
            { _, words, _, isAsked, _ in
                isAsked ? YesNoUnderstanding.leading(words).map { (.yesNo($0), []) } : nil
            }
        ),
        (
            { $0 == .name },
            { _, words, _, isAsked, _ in
                NameUnderstanding.name(in: words, isAsked: isAsked).map { (.text($0.name), [$0.range]) }
            }
        ),
    ]

    private func time(_ words: Words, _ isAsked: Bool, _ date: SlotValue?) -> (SlotValue, [Range<Int>])? {
        var weekday: Int?
        if case .date(let day)? = date ?? value(of: .date) { weekday = CivilDate.weekday(of: day) }
        return TimeUnderstanding.time(in: words, hours: script.openingHours, weekday: weekday, isAsked: isAsked)
            .map { (.time($0.minute), $0.ranges) }
    }

    // MARK: Slots by kind

    func index(of kind: ExpectedAnswer) -> Int? { script.flow.steps.firstIndex { $0.expects == kind } }
    func value(of kind: ExpectedAnswer) -> SlotValue? { index(of: kind).flatMap { slots[$0] } }

    /// The place in time that the slots name, once both are known.
    var wanted: ToolAnswer.CivilMinute? {
        guard case .date(let day)? = value(of: .date), case .time(let minute)? = value(of: .time) else { return nil }
        return .init(day: day, minute: minute)
    }

    /// Puts answers in; true when anything is now different.
    mutating func fill(_ found: [Found]) -> Bool {
        var hasChanged = false
        for answer in found where slots[answer.step] != answer.value {
            slots[answer.step] = answer.value
            hasChanged = true
        }
        begunDigits = ""
        if hasChanged { forgetConfirmation() }
        return hasChanged
    }

    mutating func forgetConfirmation() {
        isConfirmed = false
        isReadBackHeard = false
        readBack = nil
    }

    /// Puts slots into a line; `extra` wins.
    func filled(_ template: String, extra: [(String, String)] = []) -> String {
        LineTemplate.fill(template) { name in
            if let value = extra.first(where: { $0.0 == name })?.1 { return value }
            return script.flow.steps.firstIndex { $0.id == name }.flatMap { slots[$0]?.spoken }
        }
    }
}

extension ExpectedAnswer {
    var isDigits: Bool {
        if case .digits = self { return true }
        return false
    }

    var isChoice: Bool {
        if case .choice = self { return true }
        return false
    }
}
