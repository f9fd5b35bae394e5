import Conversation
import Providers

/// What is said and done next.
extension DialogueState {
    /// The question that is open, as the recogniser knows it.
    var questionName: String? {
        switch open {
        case .start: nil
        case .step(let index): script.flow.steps[index].id
        case .confirm: Flow.Question.confirm.rawValue
        case .alternatives: Flow.Question.alternatives.rawValue
        case .otherTime: Flow.Question.otherTime.rawValue
        case .change: Flow.Question.change.rawValue
        case .person: Flow.Question.person.rawValue
        case .anythingElse: Flow.Question.anythingElse.rawValue
        }
    }

    // MARK: Saying

    mutating func say(_ parts: [String], asking: String?, open: OpenQuestion? = nil) {
        let text = parts.filter { !$0.isEmpty }.joined(separator: " ")
        let isSecond =
            planned.isEmpty && text == lastLine && !text.isEmpty && repeatsAsked == 0
            && text != script.lines.goOn
        reply.text = isSecond ? "Once more: " + text : text
        reply.expects = asking
        if let open { self.open = open }
        planned += planned.isEmpty ? reply.text : " " + reply.text
        if asking != nil, open != nil { repeatsAsked = 0 }
    }

    private mutating func call(_ tool: String, _ arguments: [(String, String)], saying parts: [String] = []) {
        say(parts, asking: nil)
        reply.tool = tool
        reply.arguments = JSONText.object(arguments)
    }

    // MARK: Going on

    /// The next thing that the flow needs: an answer from its check, a question, a yes, its last tool.
    mutating func goOn(_ said: [String]) {
        if isDone || !isStarted { return settle(said) }
        if let tool = pending.last?.name, Self.commits(tool) || tool == script.flow.completion?.tool {
            return say(said + [script.lines.oneMoment], asking: nil)
        }
        if let place = wanted, let flowCheck = script.flow.check {
            guard let outcome = check, outcome.place == place else {
                return call(flowCheck.tool, arguments([.date, .time]), saying: said.filter { !isAcknowledgement($0) })
            }
            if outcome.isFree == false { return offerAlternatives(said, outcome, flowCheck) }
        }
        if let missing = slots.firstIndex(of: nil) { return ask(missing, said) }
        commitOrReadBack(said)
    }

    /// Before a tool's answer an acknowledgement would only delay it.
    private func isAcknowledgement(_ line: String) -> Bool {
        line == script.lines.starting || script.lines.acknowledgements.contains(line)
    }

    private mutating func ask(_ index: Int, _ said: [String]) {
        let step = script.flow.steps[index]
        say(said + [step.ask], asking: step.id, open: .step(index))
    }

    private mutating func commitOrReadBack(_ said: [String]) {
        let tool = script.flow.completion?.tool
        let needsYes = script.flow.readBack != nil || tool.map(Self.commits) ?? false
        if needsYes, !isConfirmed { return readSlotsBack(said) }
        guard let tool else {
            isDone = true
            return settle(said)
        }
        if isCommitted, Self.commits(tool) {
            isDone = true
            return settle(said)
        }
        call(tool, completionArguments(tool), saying: said.filter { !isAcknowledgement($0) })
    }

    private mutating func readSlotsBack(_ said: [String]) {
        let template = script.flow.readBack ?? plainReadBack
        let core = filled(LineTemplate.core(template))
        let whole = filled(template)
        readBack = ReadBack(core: core, rest: String(whole.dropFirst(core.count)))
        isReadBackHeard = false
        say(said + [whole], asking: Flow.Question.confirm.rawValue, open: .confirm)
    }

    private var plainReadBack: String {
        "So that's " + script.flow.steps.map { "{\($0.id)}" }.joined(separator: ", ") + ". Is that right?"
    }

    func offeredTimes(_ places: [ToolAnswer.CivilMinute], besides day: Int) -> String {
        var spokenDay = day
        let spoken = places.map { place in
            let time = SpokenForms.time(place.minute)
            if place.day == spokenDay { return time }
            spokenDay = place.day
            return SpokenForms.date(place.day) + " at " + time
        }
        return SpokenForms.list(spoken)
    }

    private mutating func offerAlternatives(_ said: [String], _ outcome: CheckOutcome, _ flowCheck: Flow.Check) {
        let reason = flowCheck.reasons.first { $0.reason == outcome.reason }?.say ?? "is not free"
        let why = outcome.wasTold ? [] : [filled(flowCheck.unavailable, extra: [("reason", reason)])]
        check?.wasTold = true
        let said = said.filter { !isAcknowledgement($0) } + why
        guard !outcome.alternatives.isEmpty else {
            return say(
                said + [filled(flowCheck.noAlternatives)], asking: Flow.Question.otherTime.rawValue, open: .otherTime)
        }
        let offered = offeredTimes(outcome.alternatives, besides: outcome.place.day)
        say(
            said + [filled(flowCheck.alternatives, extra: [("alternatives", offered)])],
            asking: Flow.Question.alternatives.rawValue, open: .alternatives)
    }

    /// Nothing is open: anything else?
    mutating func settle(_ said: [String]) {
        failures = 0
        say(said + [script.lines.anythingElse], asking: Flow.Question.anythingElse.rawValue, open: .anythingElse)
    }

    // MARK: Not understood

    /// Asks again in other words; after the agent's `repeats` offers a person, then hands over.
    mutating func notUnderstood(_ said: [String], _ words: Words = Words("")) {
        if open == .person { return leave(.person(reason: personReason), said) }
        failures += 1
        if failures > script.limits.repeats { return offerPerson(said) }
        let isOutOfScope = CallerIntent.isQuestion(words)
        let said = said + (isOutOfScope ? [script.lines.outOfScope] : [])
        switch open {
        case .step(let index):
            let step = script.flow.steps[index]
            let line = failures <= step.askAgain.count ? step.askAgain[failures - 1] : "Sorry, once more. " + step.ask
            say(said + [isOutOfScope ? step.ask : line], asking: step.id)
        case .confirm where isReadBackHeard:
            say(said + [script.lines.yesOrNo], asking: Flow.Question.confirm.rawValue)
        case .start, .anythingElse:
            let line =
                isOutOfScope && failures == 1
                ? script.lines.howCanIHelp
                : failures == 1 ? script.lines.notUnderstood : script.lines.notUnderstoodAgain
            say(said + [line], asking: questionName)
        case .change: say(said + ["Sorry, I didn't catch that.", script.lines.whatToChange], asking: questionName)
        case .otherTime:
            say(
                said + ["Sorry, I didn't catch that.", filled(script.flow.check?.noAlternatives ?? "")],
                asking: questionName)
        default: goOn(said + ["Sorry, I didn't catch that."])
        }
    }

    mutating func offerPerson(
        _ said: [String], isTrouble: Bool = true, reason: String = "caller was not understood"
    ) {
        personReason = reason
        let said = said + (isTrouble ? [script.lines.givingUp] : [])
        guard script.escalation != nil else { return leave(.goodbye, said) }
        failures = 0
        say(said + [script.lines.offerPerson], asking: Flow.Question.person.rawValue, open: .person)
    }

    // MARK: Leaving

    mutating func leave(_ way: Leaving, _ said: [String]) {
        leaving = way
        switch way {
        case .goodbye: call("end_call", [], saying: said + [script.goodbye])
        case .person(let reason):
            guard let escalation = script.escalation else {
                leaving = nil
                return say(
                    said + [script.lines.personUnavailable, script.lines.anythingElse],
                    asking: Flow.Question.anythingElse.rawValue, open: .anythingElse)
            }
            call("escalate_to_human", [("reason", JSONText.quoted(reason))], saying: said + [escalation.announce])
        }
    }

    // MARK: Arguments

    private func arguments(_ kinds: [ExpectedAnswer]) -> [(String, String)] {
        let names: [(ExpectedAnswer, String)] = [(.date, "date"), (.time, "time"), (.name, "name")]
        return names.filter { kinds.contains($0.0) }.compactMap { kind, name in value(of: kind).map { (name, $0.json) }
        }
    }

    private func completionArguments(_ tool: String) -> [(String, String)] {
        switch tool {
        case "book_appointment": return arguments([.date, .time, .name])
        case "lookup_order":
            let index = script.flow.steps.firstIndex { $0.expects.isDigits }
            return index.flatMap { slots[$0] }.map { [("number", $0.json)] } ?? []
        default:
            let answers = zip(script.flow.steps, slots).compactMap { step, slot in slot.map { (step.id, $0.json) } }
            return [("answers", JSONText.object(answers))]
        }
    }
}
