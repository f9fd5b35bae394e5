import Conversation
import Providers

/// What the caller's words change.
extension DialogueState {
    mutating func takeCaller(_ text: String) {
        reply = DialogueReply()
        let words = Words(text)
        var said = retold()
        if isOver {
            // Handed over or ended: whatever is still heard gets one friendly word and nothing more.
            return say(said + ["Goodbye."], asking: nil)
        }
        if pending.contains(where: { $0.name == "escalate_to_human" }) { return say([script.lines.oneMoment], asking: nil) }
        guard turns <= script.limits.mostTurns else { return leave(.goodbye, said) }
        if let leaving, words.isEmpty || CallerIntent.isPleasantry(words) || YesNoUnderstanding.commits(words) {
            // Cut short before it happened, and nothing else is wanted.
            return leave(leaving, said)
        }
        leaving = nil
        guard !words.isEmpty else { return notUnderstood(said) }
        if let intent = CallerIntent.intent(of: words), takeIntent(intent, words, said) { return }
        if let entry = entry(for: words) {
            said.append(entry.answer)
            let (found, _) = answers(in: words, asked: [])
            if !CallerIntent.isQuestion(words), fill(found) { begin() }
            failures = 0
            return goOn(said)
        }
        takeAnswer(words, said)
    }

    /// A result that was cut off before its values were heard, to be told again; twice at most.
    private mutating func retold() -> [String] {
        guard var told = mustHear else { return [] }
        guard told.tries < 2 else {
            mustHear = nil
            return []
        }
        told.tries += 1
        mustHear = told
        return [told.line]
    }

    /// Marks the flow as wanted.
    mutating func begin() {
        isStarted = true
        failures = 0
    }

    // MARK: At any point

    /// False when the intent is none here, and the words are an answer after all.
    private mutating func takeIntent(_ intent: CallerIntent, _ words: Words, _ said: [String]) -> Bool {
        switch intent {
        case .areYouHuman: goOn(said + [script.disclosure.text])
        case .person: leave(.person(reason: script.escalation?.reason ?? "caller asked for a person"), said)
        case .goodbye: leave(.goodbye, said)
        case .repeatThat:
            if isOpenAnswer, !words.containsAny(of: ["repeat", "pardon"]) { return false }
            sayAgain(said)
        case .holdOn:
            if !answers(in: words, asked: askedSteps).found.isEmpty, !isOpenAnswer { return false }
            say(said + [script.lines.takeYourTime], asking: questionName)
        case .cancel: cancel(said)
        }
        return true
    }

    private var isOpenAnswer: Bool {
        guard case .step(let index) = open else { return false }
        return script.flow.steps[index].expects == .open
    }

    private mutating func sayAgain(_ said: [String]) {
        repeatsAsked += 1
        guard repeatsAsked <= script.limits.repeats + 1 else {
            repeatsAsked = 0
            return offerPerson(said)
        }
        // The read-back within it counts anew once it is heard.
        if said.isEmpty { say([lastLine], asking: questionName) } else { goOn(said) }
    }

    private mutating func cancel(_ said: [String]) {
        guard !isCommitted else { return settle(said + [script.lines.alreadyDone]) }
        guard isStarted, !isDone else { return settle(said) }
        slots = Array(repeating: nil, count: slots.count)
        forgetConfirmation()
        check = nil
        isStarted = false
        settle(said + [script.lines.cancelled])
    }

    /// The known question that the words ask, unless they answer what was asked.
    private func entry(for words: Words) -> KnowledgeEntry? {
        guard let entry = KnowledgeMatch.entry(for: words, in: script.knowledge) else { return nil }
        if CallerIntent.isQuestion(words) { return isSlotQuestion(words) ? nil : entry }
        let asks = words.containsAny(of: ["is there", "do you", "where", "how much", "what", "can i", "when", "how do", "how long"])
        return asks || answers(in: words, asked: askedSteps).found.isEmpty ? entry : nil
    }

    /// "Can I come on Tuesday at three?" gives a date and a time, and is no question about the opening hours.
    private func isSlotQuestion(_ words: Words) -> Bool {
        let kinds = answers(in: words, asked: []).found.map { script.flow.steps[$0.step].expects }
        return kinds.contains(.date) && kinds.contains(.time)
    }

    // MARK: Answers to the open question

    /// Steps of which a bare answer counts now.
    var askedSteps: [Int] {
        switch open {
        case .step(let index): return [index]
        case .alternatives, .otherTime: return [index(of: .date), index(of: .time)].compactMap(\.self)
        case .confirm, .change:
            let kinds: [ExpectedAnswer] = [.date, .time]
            let open = script.flow.steps.indices.filter {
                let kind = script.flow.steps[$0].expects
                return kinds.contains(kind) || kind.isDigits || kind == .phoneNumber || kind == .number
            }
            return open
        case .start, .person, .anythingElse: return []
        }
    }

    private mutating func takeAnswer(_ words: Words, _ said: [String]) {
        switch open {
        case .start: takeFirst(words, said)
        case .step(let index): takeStep(index, words, said)
        case .confirm: takeConfirmation(words, said)
        case .change: takeChange(words, said)
        case .alternatives: takeAlternative(words, said)
        case .otherTime:
            if !takeSlots(words, said) { notUnderstood(said, words) }
        case .person: takePersonAnswer(words, said)
        case .anythingElse: takeMore(words, said)
        }
    }

    /// Fills whatever the words give and goes on; false when they give nothing new.
    private mutating func takeSlots(_ words: Words, _ said: [String]) -> Bool {
        let (found, _) = answers(in: words, asked: askedSteps)
        guard !found.isEmpty, !isCommitted || !Self.commits(script.flow.completion?.tool ?? "") else { return false }
        let hasChanged = fill(found)
        if !hasChanged, open == .otherTime { return false }
        if isDone {
            isDone = false
            mustHear = nil
        }
        begin()
        goOn(said + acknowledgement)
        return true
    }

    private var acknowledgement: [String] {
        let words = script.lines.acknowledgements
        return words.isEmpty ? [] : [words[turns % words.count]]
    }

    private mutating func takeStep(_ index: Int, _ words: Words, _ said: [String]) {
        if takeSlots(words, said) { return }
        notUnderstood(said, words)
    }

    private mutating func takeFirst(_ words: Words, _ said: [String]) {
        if takeSlots(words, said) { return }
        let answer = YesNoUnderstanding.leading(words)
        if script.flow.startsOn.contains(where: { words.contains(Words($0).text) }) || answer == true {
            begin()
            return goOn(said + acknowledgement)
        }
        if answer == false { return settle(said) }
        if CallerIntent.isPleasantry(words) {
            return say(said + [script.lines.whatElse], asking: nil, open: .start)
        }
        guard script.flow.startsOn.isEmpty, !CallerIntent.isQuestion(words) else { return notUnderstood(said, words) }
        begin()
        goOn(said + acknowledgement)
    }

    // MARK: Confirming

    private mutating func takeConfirmation(_ words: Words, _ said: [String]) {
        let (found, rest) = corrections(words)
        let isNew = found.contains { slots[$0.step] != $0.value }
        if isNew {
            _ = fill(found)
            begin()
            return goOn(said + acknowledgement)
        }
        if YesNoUnderstanding.commits(rest) || (found.isEmpty && YesNoUnderstanding.commits(words)) {
            failures = 0
            // A yes to words that were not heard is none: they are read once more.
            isConfirmed = isReadBackHeard
            return goOn(said)
        }
        if YesNoUnderstanding.leading(words) == false {
            if takeNamedStep(words, said) { return }
            failures = 0
            isConfirmed = false
            return say(said + [script.lines.whatToChange], asking: Flow.Question.change.rawValue, open: .change)
        }
        if isConfirmed { return goOn(said) }
        notUnderstood(said, words)
    }

    /// New values in "no, Wednesday", "at four", "no, it's Smith".
    private func corrections(_ words: Words) -> (found: [Found], rest: Words) {
        let lead: Set<String> = ["no", "nope", "sorry", "wait", "actually", "not", "yes", "but", "it's", "make", "it", "that", "i", "said", "and"]
        let (found, rest) = answers(in: words, asked: askedSteps)
        guard found.isEmpty, let name = index(of: .name), YesNoUnderstanding.leading(words) != true else { return (found, rest) }
        // A bare name only right after a "no": "no, Smith".
        let tail = Words(tokens: Array(words.tokens.drop { lead.contains($0) }))
        guard tail.tokens.count < words.tokens.count, !tail.isEmpty, tail.tokens.count <= 5,
            let given = NameUnderstanding.name(in: tail, isAsked: true), given.range.count == tail.tokens.count
        else { return (found, rest) }
        return ([Found(step: name, value: .text(given.name))], Words(tokens: []))
    }

    private mutating func takeChange(_ words: Words, _ said: [String]) {
        let (found, _) = corrections(words)
        if !found.isEmpty {
            _ = fill(found)
            begin()
            return goOn(said + acknowledgement)
        }
        if takeNamedStep(words, said) { return }
        if let name = index(of: .name), let given = NameUnderstanding.name(in: words, isAsked: true), given.range.count == words.tokens.count {
            _ = fill([Found(step: name, value: .text(given.name))])
            begin()
            return goOn(said + acknowledgement)
        }
        if CallerIntent.wantsNothingMore(words) || YesNoUnderstanding.answer(words) == true {
            failures = 0
            return goOn(said)
        }
        notUnderstood(said, words)
    }

    /// "The time is wrong": that question is asked anew.
    private mutating func takeNamedStep(_ words: Words, _ said: [String]) -> Bool {
        let index = script.flow.steps.firstIndex { step in
            let own = step.id.split(separator: "_").map(String.init) + step.expects.spokenKinds
            return own.contains { words.contains($0) }
        }
        guard let index else { return false }
        slots[index] = nil
        forgetConfirmation()
        failures = 0
        goOn(said + acknowledgement)
        return true
    }

    // MARK: Alternatives

    private mutating func takeAlternative(_ words: Words, _ said: [String]) {
        if let chosen = chosenAlternative(words), let date = index(of: .date), let time = index(of: .time) {
            let place = check?.alternatives[chosen] ?? .init(day: 0, minute: 0)
            _ = fill([Found(step: date, value: .date(place.day)), Found(step: time, value: .time(place.minute))])
            failures = 0
            return goOn(said + acknowledgement)
        }
        if takeSlots(words, said) { return }
        if YesNoUnderstanding.leading(words) == false || words.containsAny(of: ["neither", "none", "other", "another", "different"]) {
            failures = 0
            let line = filled(script.flow.check?.noAlternatives ?? script.lines.whatToChange)
            return say(said + acknowledgement + [line], asking: Flow.Question.otherTime.rawValue, open: .otherTime)
        }
        notUnderstood(said, words)
    }

    /// "The first one", "half past three", "Wednesday", and for a yes the first.
    private func chosenAlternative(_ words: Words) -> Int? {
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

    private mutating func takePersonAnswer(_ words: Words, _ said: [String]) {
        switch YesNoUnderstanding.leading(words) {
        case true?: leave(.person(reason: personReason), said)
        case false?:
            failures = 0
            goOn(said + acknowledgement)
        case nil:
            if !takeSlots(words, said) { leave(.person(reason: personReason), said) }
        }
    }

    private mutating func takeMore(_ words: Words, _ said: [String]) {
        let startsAgain = script.flow.startsOn.contains { words.contains(Words($0).text) }
        if isCommitted, Self.commits(script.flow.completion?.tool ?? "") {
            let wantsChange = startsAgain || !answers(in: words, asked: []).found.isEmpty
                || words.containsAny(of: ["change", "move", "different", "wrong"])
            if wantsChange { return 
                offerPerson(said + [script.lines.alreadyDone], isTrouble: false, reason: "caller wants to change a booking")
             }
        } else if takeSlots(words, said) {
            return
        } else if startsAgain, !CallerIntent.wantsNothingMore(words) {
            begin()
            return goOn(said + acknowledgement)
        }
        if CallerIntent.wantsNothingMore(words) { return leave(.goodbye, said) }
        if YesNoUnderstanding.answer(words) == true || CallerIntent.isPleasantry(words) {
            failures = 0
            return say(said + [script.lines.whatElse], asking: nil, open: isCommitted ? .anythingElse : .start)
        }
        notUnderstood(said, words)
    }
}

extension ExpectedAnswer {
    /// What callers call such an answer.
    var spokenKinds: [String] {
        switch self {
        case .date: ["day", "date"]
        case .time: ["time", "hour"]
        case .name: ["name"]
        case .phoneNumber: ["phone", "telephone", "number"]
        case .email: ["email", "e mail", "mail"]
        case .digits: ["number"]
        case .number, .yesNo, .choice, .open: []
        }
    }
}
