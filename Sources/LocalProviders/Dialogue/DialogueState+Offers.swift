import Conversation
import Providers

/// Answers to what the agent offers: other times, a person, anything else.
extension DialogueState {
    // MARK: Alternatives

    mutating func takeAlternative(_ words: Words, _ said: [String]) {
        if let chosen = chosenAlternative(words), let date = index(of: .date), let time = index(of: .time) {
            let place = check?.alternatives[chosen] ?? .init(day: 0, minute: 0)
            _ = fill([Found(step: date, value: .date(place.day)), Found(step: time, value: .time(place.minute))])
            failures = 0
            return goOn(said + acknowledgement)
        }
        if takeSlots(words, said) { return }
        if YesNoUnderstanding.leading(words) == false
            || words.containsAny(of: ["neither", "none", "other", "another", "different"])
        {
            failures = 0
            let line = filled(script.flow.check?.noAlternatives ?? script.lines.whatToChange)
            return say(said + acknowledgement + [line], asking: Flow.Question.otherTime.rawValue, open: .otherTime)
        }
        notUnderstood(said, words)
    }

    /// "The first one", "half past three", "Wednesday", and for a yes the first.
    func chosenAlternative(_ words: Words) -> Int? {
        guard let offered = check?.alternatives, !offered.isEmpty else { return nil }
        if let place = ChoiceUnderstanding.ordinal(in: words, count: offered.count) { return place }
        let mentions = DateUnderstanding.mentions(in: words, today: now.day, isAsked: true)
        let rest = words.removing(mentions.map(\.range))
        let times = TimeUnderstanding.mentions(in: rest, isAsked: true)
        let days = mentions.filter { !$0.isNegated }.map(\.day)
        if let time = times.first {
            let minute = time.hour * 60 + time.minute
            return offered.firstIndex { place in
                let isTime = time.isPrecise ? place.minute == minute : place.minute % 720 == minute % 720
                return isTime && (days.isEmpty || days.contains(place.day))
            }
        }
        if !days.isEmpty {
            // A day that all of them are on says nothing.
            let on = offered.indices.filter { days.contains(offered[$0].day) }
            return on.count == offered.count && on.count > 1 ? nil : on.first
        }
        return YesNoUnderstanding.answer(words) == true ? 0 : nil
    }

    // MARK: A person, and more

    mutating func takePersonAnswer(_ words: Words, _ said: [String]) {
        switch YesNoUnderstanding.leading(words) {
        case true?: leave(.person(reason: personReason), said)
        case false?:
            failures = 0
            goOn(said + acknowledgement)
        case nil:
            if !takeSlots(words, said) { leave(.person(reason: personReason), said) }
        }
    }

    mutating func takeMore(_ words: Words, _ said: [String]) {
        let startsAgain = script.flow.startsOn.contains { words.contains(Words($0).text) }
        if isCommitted, Self.commits(script.flow.completion?.tool ?? "") {
            let wantsChange =
                startsAgain || !answers(in: words, asked: []).found.isEmpty
                || words.containsAny(of: ["change", "move", "different", "wrong"])
            if wantsChange {
                let reason = "caller wants to change a booking"
                return offerPerson(said + [script.lines.alreadyDone], isTrouble: false, reason: reason)
            }
        } else if takeSlots(words, said) {
            return
        } else if startsAgain, !CallerIntent.wantsNothingMore(words) {
            begin()
            return goOn(said + [script.lines.starting])
        }
        if CallerIntent.wantsNothingMore(words) { return leave(.goodbye, said) }
        if YesNoUnderstanding.answer(words) == true || CallerIntent.isPleasantry(words) {
            failures = 0
            return say(said + [script.lines.whatElse], asking: nil, open: isCommitted ? .anythingElse : .start)
        }
        notUnderstood(said, words)
    }
}
