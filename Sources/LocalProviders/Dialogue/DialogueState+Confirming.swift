import Conversation
import Providers

/// The answer to "is that right?", and what is to be changed.
extension DialogueState {
    mutating func takeConfirmation(_ words: Words, _ said: [String]) {
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
    func corrections(_ words: Words) -> (found: [Found], rest: Words) {
        let lead: Set<String> = [
            "no", "nope", "sorry", "wait", "actually", "not", "yes", "but", "it's", "make", "it", "that", "i", "said",
            "and",
        ]
        let (found, rest) = answers(in: words, asked: askedSteps)
        guard found.isEmpty, let name = index(of: .name), YesNoUnderstanding.leading(words) != true else {
            return (found, rest)
        }
        // A bare name only right after a "no": "no, Smith".
        let tail = Words(tokens: Array(words.tokens.drop { lead.contains($0) }))
        guard tail.tokens.count < words.tokens.count, !tail.isEmpty, tail.tokens.count <= 5,
            let given = NameUnderstanding.name(in: tail, isAsked: true), given.range.count == tail.tokens.count
        else { return (found, rest) }
        return ([Found(step: name, value: .text(given.name))], Words(tokens: []))
    }

    mutating func takeChange(_ words: Words, _ said: [String]) {
        let (found, _) = corrections(words)
        if !found.isEmpty {
            _ = fill(found)
            begin()
            return goOn(said + acknowledgement)
        }
        if takeNamedStep(words, said) { return }
        if let name = index(of: .name), let given = NameUnderstanding.name(in: words, isAsked: true),
            given.range.count == words.tokens.count
        {
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
    mutating func takeNamedStep(_ words: Words, _ said: [String]) -> Bool {
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
