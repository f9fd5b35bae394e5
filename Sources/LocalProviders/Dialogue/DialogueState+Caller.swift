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
        if pending.contains(where: { $0.name == "escalate_to_human" }) {
            return say([script.lines.oneMoment], asking: nil)
        }
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
    mutating func retold() -> [String] {
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
    mutating func takeIntent(_ intent: CallerIntent, _ words: Words, _ said: [String]) -> Bool {
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

    var isOpenAnswer: Bool {
        guard case .step(let index) = open else { return false }
        return script.flow.steps[index].expects == .open
    }

    mutating func sayAgain(_ said: [String]) {
        repeatsAsked += 1
        guard repeatsAsked <= script.limits.repeats + 1 else {
            repeatsAsked = 0
            return offerPerson(said)
        }
        // The read-back within it counts anew once it is heard.
        if said.isEmpty { say([lastLine], asking: questionName) } else { goOn(said) }
    }

    mutating func cancel(_ said: [String]) {
        guard !isCommitted else { return settle(said + [script.lines.alreadyDone]) }
        guard isStarted, !isDone else { return settle(said) }
        slots = Array(repeating: nil, count: slots.count)
        forgetConfirmation()
        check = nil
        isStarted = false
        settle(said + [script.lines.cancelled])
    }

    /// The known question that the words ask, unless they answer what was asked.
    func entry(for words: Words) -> KnowledgeEntry? {
        guard let entry = knowledge.entry(for: words) else { return nil }
        if CallerIntent.isQuestion(words) { return isSlotQuestion(words) ? nil : entry }
        let asks = words.containsAny(of: [
            "is there", "do you", "where", "how much", "what", "can i", "when", "how do", "how long",
        ])
        return asks || answers(in: words, asked: askedSteps).found.isEmpty ? entry : nil
    }

    /// "Can I come on Tuesday at three?" gives a date and a time, and is no question about the opening hours.
    func isSlotQuestion(_ words: Words) -> Bool {
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

    mutating func takeAnswer(_ words: Words, _ said: [String]) {
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
    mutating func takeSlots(_ words: Words, _ said: [String]) -> Bool {
        let (found, _) = answers(in: words, asked: askedSteps)
        guard !found.isEmpty, !isCommitted || !Self.commits(script.flow.completion?.tool ?? "") else { return false }
        let hasChanged = fill(found)
        if !hasChanged, open == .otherTime || open == .alternatives { return false }
        if isDone {
            isDone = false
            mustHear = nil
        }
        begin()
        goOn(said + acknowledgement)
        return true
    }

    var acknowledgement: [String] {
        let words = script.lines.acknowledgements
        return words.isEmpty ? [] : [words[turns % words.count]]
    }

    mutating func takeStep(_ index: Int, _ words: Words, _ said: [String]) {
        if takeSlots(words, said) || takePart(index, words, said) { return }
        notUnderstood(said, words)
    }

    /// A number in parts: "one two three four", and in the next turn "five". False when the words hold no part of one.
    private mutating func takePart(_ index: Int, _ words: Words, _ said: [String]) -> Bool {
        let step = script.flow.steps[index]
        let wanted: ClosedRange<Int>
        switch step.expects {
        case .digits(let count?): wanted = count...count
        case .phoneNumber: wanted = 7...15
        default: return false
        }
        let runs = DigitUnderstanding.runs(in: words)
        let others = words.removing(runs.map(\.range)).tokens.count
        guard !runs.isEmpty, others <= 3 else { return false }
        let digits = begunDigits + runs.map(\.digits).joined()
        if wanted.contains(digits.count) {
            _ = fill([Found(step: index, value: .digits(digits))])
            begin()
            goOn(said + acknowledgement)
            return true
        }
        begunDigits = digits.count < wanted.lowerBound ? digits : ""
        guard !begunDigits.isEmpty else { return false }
        failures = 0
        say(said + [script.lines.goOn], asking: step.id)
        return true
    }

    mutating func takeFirst(_ words: Words, _ said: [String]) {
        if takeSlots(words, said) { return }
        let answer = YesNoUnderstanding.leading(words)
        if script.flow.startsOn.contains(where: { words.contains(Words($0).text) }) || answer == true {
            begin()
            return goOn(said + [script.lines.starting])
        }
        if answer == false { return settle(said) }
        if CallerIntent.isPleasantry(words) {
            return say(said + [script.lines.whatElse], asking: nil, open: .start)
        }
        guard script.flow.startsOn.isEmpty, !CallerIntent.isQuestion(words) else { return notUnderstood(said, words) }
        begin()
        goOn(said + [script.lines.starting])
    }
}
