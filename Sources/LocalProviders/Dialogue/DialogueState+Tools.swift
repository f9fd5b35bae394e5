import Conversation
import Providers

/// What a tool's answer changes.
extension DialogueState {
    mutating func takeTool(_ tool: String, _ answer: ToolAnswer, arguments: String) {
        reply = DialogueReply()
        switch tool {
        case "check_availability": takeCheck(answer, arguments)
        case "book_appointment": takeBooking(answer, arguments)
        case "qualify_lead": takeQualification(answer)
        case "lookup_order": takeOrder(answer)
        case "escalate_to_human": takeEscalation(answer)
        case "end_call": isOver = true
        default: goOn([])
        }
    }

    private func place(_ arguments: String) -> ToolAnswer.CivilMinute? {
        let members = JSONText.members(arguments)
        return CivilDateTimeText.minute(date: members?["date"] as? String, time: members?["time"] as? String) ?? wanted
    }

    private mutating func takeCheck(_ answer: ToolAnswer, _ arguments: String) {
        guard let place = place(arguments) else { return goOn([]) }
        // The caller may have gone on to another time while the tool ran: that one is asked about next.
        let isWanted = place == wanted
        switch answer {
        case .available:
            check = CheckOutcome(place: place, isFree: true)
            goOn(isWanted ? [filled(script.flow.check?.available ?? "")] : [])
        case .unavailable(let reason, let alternatives):
            check = CheckOutcome(
                place: place, isFree: false, reason: reason, alternatives: alternatives.filter { $0 != place })
            goOn([])
        default:
            // Not knowing is no refusal: the booking itself will tell.
            check = CheckOutcome(place: place, isFree: nil)
            goOn([script.lines.toolTrouble])
        }
    }

    private mutating func takeBooking(_ answer: ToolAnswer, _ arguments: String) {
        switch answer {
        case .booked: succeed(script.flow.completion?.success ?? "")
        case .notBooked(let reason, let alternatives):
            isCommitted = false
            forgetConfirmation()
            guard let place = place(arguments), script.flow.check != nil else {
                return fail(script.flow.completion?.failure ?? "")
            }
            check = CheckOutcome(
                place: place, isFree: false, reason: reason, alternatives: alternatives.filter { $0 != place },
                wasTold: reason == "invalid")
            goOn(reason == "invalid" ? [filled(script.flow.completion?.failure ?? "")] : [])
        default: trouble()
        }
    }

    private mutating func takeQualification(_ answer: ToolAnswer) {
        guard case .qualified(let isQualified) = answer else { return trouble() }
        succeed((isQualified ? script.flow.completion?.success : script.flow.completion?.failure) ?? "")
    }

    private mutating func takeOrder(_ answer: ToolAnswer) {
        let number = script.flow.steps.firstIndex { $0.expects.isDigits }
        switch answer {
        case .found(let columns):
            misses = 0
            succeed(script.flow.completion?.success ?? "", extra: columns.map { ($0.name, $0.value) })
            // The next number asks about the next order.
            if let number { slots[number] = nil }
        case .notFound:
            let line = filled(script.flow.completion?.failure ?? "")
            if let number { slots[number] = nil }
            forgetConfirmation()
            misses += 1
            guard misses <= script.limits.repeats else {
                return offerPerson([line], isTrouble: false, reason: "order not found")
            }
            guard let number else { return settle([line]) }
            let step = script.flow.steps[number]
            say([line, step.ask], asking: step.id, open: .step(number))
        default: trouble()
        }
    }

    private mutating func takeEscalation(_ answer: ToolAnswer) {
        if answer == .accepted(true) {
            isOver = true
            return
        }
        say(
            [script.lines.personUnavailable, script.lines.anythingElse],
            asking: Flow.Question.anythingElse.rawValue, open: .anythingElse)
    }

    // MARK: Ends of the flow

    private mutating func succeed(_ template: String, extra: [(String, String)] = []) {
        isDone = true
        failures = 0
        let line = filled(template, extra: extra)
        mustHear = (line, filled(LineTemplate.core(template), extra: extra), 0)
        settle([line])
    }

    private mutating func fail(_ template: String) {
        isDone = true
        settle([filled(template)])
    }

    /// The tool broke. It may have done its work before, so that it is not called a second time.
    private mutating func trouble() {
        isDone = true
        offerPersonAfterTrouble()
    }

    private mutating func offerPersonAfterTrouble() {
        guard script.escalation != nil else { return settle([script.lines.toolTrouble]) }
        offerPerson([script.lines.toolTrouble], isTrouble: false, reason: "a tool failed")
    }
}
