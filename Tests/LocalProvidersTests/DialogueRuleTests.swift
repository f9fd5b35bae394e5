import Conversation
import Providers
import Testing

@testable import LocalProviders

/// What must hold whatever the words: read-backs, interruptions, tools that fail, requests made twice.
@Suite struct DialogueRuleTests {
    private func desk(tool: ((String, String) -> String)? = nil) -> DialogueRehearsal {
        DialogueRehearsal(DialogueRehearsal.agent("appointment-desk"), tool: tool)
    }

    private func booked(_ rehearsal: DialogueRehearsal) -> Bool {
        rehearsal.transcript.contains { $0.hasPrefix("~ book") }
    }

    @Test(arguments: 0...11) func aYesToAReadBackThatWasCutBeforeItsLastValueBooksNothing(_ heardWords: Int) {
        var call = desk()
        call.caller("book Wednesday at ten")
        // "All right. So that's Wednesday the fourth of March at ten o'clock, for Anna Miller. Is that right?"
        call.caller("Anna Miller", heardWords: heardWords)
        call.caller("yes")
        #expect(!booked(call))
        #expect(call.transcript.last!.hasSuffix("for Anna Miller. Is that right?"))
        call.caller("yes")
        #expect(booked(call))
    }

    @Test func aYesThatComesAfterTheLastValueBooksThoughTheQuestionWasCut() {
        var call = desk()
        call.caller("book Wednesday at ten")
        call.caller("Anna Miller", heardWords: 15)
        #expect(
            call.transcript.last!
                == "< All right. So that's Wednesday the fourth of March at ten o'clock, for Anna Miller. --")
        call.caller("yes")
        #expect(booked(call))
    }

    @Test func aYesToSomethingElseThatWasSaidSinceTheReadBackBooksNothing() {
        var call = desk()
        call.caller("book Wednesday at ten, my name is Anna Miller")
        call.messages.append(.agent(text: "Are you still there?"))
        call.caller("yes")
        #expect(!booked(call))
        call.caller("yes")
        #expect(booked(call))
    }

    @Test func aYesAndThenSilenceBooksOnce() {
        var call = desk()
        call.caller("book Wednesday at ten, my name is Anna Miller")
        call.caller("yes")
        call.caller("")
        call.caller("yes")
        #expect(call.transcript.filter { $0.hasPrefix("~ book") }.count == 1)
    }

    @Test func aYesWhoseReplyWasCancelledStillBooksAtTheNextReply() {
        var call = desk()
        call.caller("book Wednesday at ten, my name is Anna Miller")
        call.messages.append(.caller(text: "yes"))
        call.caller("yes please")
        #expect(call.transcript.filter { $0.hasPrefix("~ book") }.count == 1)
    }

    @Test func aYesTakenBackBeforeTheBookingBeganBooksNothing() {
        var call = desk()
        call.caller("book Wednesday at ten, my name is Anna Miller")
        call.messages.append(.caller(text: "yes"))
        call.caller("no wait")
        #expect(!booked(call))
        #expect(call.transcript.last == "< No problem. What should I change?")
    }

    @Test func aResultThatWasNotHeardIsToldAgain() {
        var call = desk()
        call.caller("book Wednesday at ten, my name is Anna Miller")
        call.caller("yes", heardWords: 2)
        call.caller("sorry?")
        #expect(call.transcript.last!.contains("you're booked for Wednesday the fourth of March at ten o'clock"))
    }

    @Test func whileTheBookingRunsTheCallerIsAskedToWait() {
        var call = desk()
        call.caller("book Wednesday at ten, my name is Anna Miller")
        let booking = ToolCall(
            id: "b", name: "book_appointment", arguments: #"{"date":"2026-03-04","time":"10:00","name":"Anna Miller"}"#)
        call.messages += [.caller(text: "yes"), .agent(text: "", toolCalls: [booking])]
        call.caller("hello")
        #expect(!booked(call))
        call.messages.append(.toolResult(callID: "b", name: "book_appointment", json: #"{"booked":true,"id":"7"}"#))
        #expect(call.model.plan(for: call.request).text.hasPrefix("Wonderful, you're booked for Wednesday"))
    }

    @Test func anHourTakenInTheMeantimeIsOfferedAnew() {
        var tries = 0
        var call = desk { name, _ in
            guard name == "book_appointment" else { return #"{"available":true}"# }
            tries += 1
            return tries == 1
                ? #"{"booked":false,"reason":"taken","alternatives":["2026-03-04T10:30"]}"#
                : #"{"booked":true,"id":"2"}"#
        }
        call.caller("book Wednesday at ten, my name is Anna Miller")
        call.caller("yes")
        #expect(
            call.transcript.last!
                == "< I'm sorry, Wednesday the fourth of March at ten o'clock is already taken. I could offer you half past ten. Which would you like?"
        )
        call.caller("yes")
        #expect(tries == 1)
        #expect(
            call.transcript.last!.contains(
                "Wednesday the fourth of March at half past ten, for Anna Miller. Is that right?"))
        call.caller("yes")
        #expect(tries == 2)
    }

    @Test func aCheckThatFailsIsExcusedAndTheCallGoesOn() {
        var call = desk { name, _ in name == "check_availability" ? #"{"error":"down"}"# : #"{"booked":true,"id":"2"}"#
        }
        call.caller("book Wednesday at ten")
        #expect(call.transcript.last == "< I'm sorry, I can't reach our system just now. May I have your name, please?")
        call.caller("anna")
        call.caller("yes")
        #expect(booked(call))
    }

    @Test(arguments: [#"{"error":"down"}"#, "", "[]", "{}", "not json", #"{"booked":"perhaps"}"#])
    func aBookingThatFailsIsExcusedAndNotTriedAgain(_ answer: String) {
        var call = desk { name, _ in name == "check_availability" ? #"{"available":true}"# : answer }
        call.caller("book Wednesday at ten, my name is Anna Miller")
        call.caller("yes")
        #expect(
            call.transcript.last
                == "< I'm sorry, I can't reach our system just now. Shall I put you through to a person?")
        call.caller("no")
        call.caller("yes")
        #expect(call.transcript.filter { $0.hasPrefix("~ book") }.count == 1)
    }

    @Test func aRefusedHandoffIsExcusedAndTheCallGoesOn() {
        var call = desk { name, _ in name == "escalate_to_human" ? #"{"accepted":false}"# : "{}" }
        call.caller("give me a human")
        #expect(
            call.transcript.last
                == "< I'm sorry, nobody is free to take your call right now. Is there anything else I can do for you?")
    }

    @Test func aHandoffThatWasCutBeforeItBeganIsBegunAgain() {
        var call = desk()
        call.messages += [.caller(text: "a person please"), .agent(text: "Of course, I'll", wasInterrupted: true)]
        call.caller("thank you")
        #expect(call.transcript.last!.hasPrefix("~ escalate_to_human"))
    }

    @Test func alternativesOnAnotherDayAreNamedWithTheirDay() {
        var call = desk { _, arguments in
            arguments.contains("03-07")
                ? #"{"available":false,"reason":"closed","alternatives":["2026-03-06T16:30","2026-03-09T09:00"]}"#
                : #"{"available":true}"#
        }
        call.caller("can I come on Saturday at ten")
        #expect(
            call.transcript.last
                == "< I'm sorry, Saturday the seventh of March at ten o'clock is outside our opening hours. I could offer you Friday the sixth of March at half past four or Monday the ninth of March at nine o'clock. Which would you like?"
        )
        call.caller("Monday")
        #expect(call.transcript.contains(#"~ check_availability {"date":"2026-03-09","time":"09:00"}"#))
    }

    @Test func whatIsExpectedIsSaidWithEachQuestion() {
        var call = desk()
        var seen: [String?] = []
        for line in [
            "an appointment", "tomorrow", "at three", "no", "half past four", "anna", "no", "the name", "anna", "yes",
        ] {
            call.caller(line)
            seen.append(call.expected)
        }
        #expect(
            seen == [
                "date", "time", "alternatives", "other_time", "name", "confirm", "change", "name", "confirm",
                "anything_else",
            ])
        for name in seen.compactMap(\.self) { #expect(call.model.script.flow.expectedAnswer(of: name) != nil) }
    }

    @Test func theSameRequestGivesTheSameEventsAndChangesNothing() async throws {
        var call = desk()
        for line in ["book tomorrow at three", "the second one", "anna", "yes"] {
            call.messages.append(.caller(text: line))
            let first = call.model.events(for: call.request)
            var streamed: [ModelEvent] = []
            for try await event in call.model.reply(to: call.request) { streamed.append(event) }
            #expect(streamed == first)
            #expect(call.model.events(for: call.request) == first)
            #expect(first.filter { if case .finished = $0 { true } else { false } }.count == 1)
            call.messages.removeLast()
            call.caller(line)
        }
    }

    @Test func textComesWordByWord() {
        var call = desk()
        call.messages.append(.caller(text: "an appointment"))
        #expect(
            call.model.events(for: call.request)
                == [
                    .text("Sure. "), .text("What "), .text("day "), .text("would "), .text("suit "), .text("you?"),
                    .expects(step: "date"), .finished(.stop),
                ])
        call.messages = []
        #expect(
            call.model.plan(for: call.request).text.hasPrefix(
                "Hello, this is Brightside Dental. I'm an automated assistant"))
    }

    @Test func anotherModelsBookingInTheSameCallIsNotMadeTwice() {
        var call = desk()
        let booking = ToolCall(
            id: "x", name: "book_appointment", arguments: #"{"date":"2026-03-04","time":"10:00","name":"Anna"}"#)
        call.messages += [
            .caller(text: "book Wednesday at ten for Anna"), .agent(text: "Shall I book it?"), .caller(text: "yes"),
            .agent(text: "", toolCalls: [booking]),
            .toolResult(callID: "x", name: "book_appointment", json: #"{"booked":true,"id":"1"}"#),
            .agent(text: "Done, it's booked."),
        ]
        call.caller("great, thank you")
        #expect(!booked(call))
    }

    @Test func withoutAPersonACallThatIsNotUnderstoodEndsWithAGoodbye() {
        var agent = DialogueRehearsal.agent("appointment-desk")
        agent.script.escalation = nil
        var call = DialogueRehearsal(agent)
        for line in ["", "", ""] { call.caller(line) }
        #expect(call.transcript.last == "~ end_call {}")
    }

    @Test func aLongCallEndsWithAGoodbye() {
        var call = desk()
        for _ in 0..<61 { call.caller("where can I park") }
        #expect(call.transcript.last == "~ end_call {}")
        #expect(call.hasEnded)
    }

    @Test func aNumberMayBeSaidInParts() {
        var call = DialogueRehearsal(DialogueRehearsal.agent("order-status"))
        for line in ["yes", "one two three", "four"] { call.caller(line) }
        #expect(call.transcript.last == "< Yes, go on.")
        call.caller("five")
        #expect(call.transcript.contains(#"~ lookup_order {"number":"12345"}"#))
    }
}
