import Conversation
import Providers
import Testing

@testable import LocalProviders

/// Whole calls against the example agents: `>` the caller, `<` the agent, `~` a tool it calls.
@Suite struct DialogueTests {
    static let calls: [(name: String, agent: String, lines: [String])] = [
        (
            "a booking step by step", "appointment-desk",
            ["I'd like to book an appointment", "next Tuesday", "half past three", "Anna Miller", "yes", "no thanks"]
        ),
        (
            "everything in one sentence", "appointment-desk",
            ["I need a check-up on Friday at ten in the morning, my name is Peter Brown", "yes it is", "no"]
        ),
        (
            "a taken hour and the first alternative", "appointment-desk",
            ["can I come tomorrow at three", "the first one", "it's Miller", "that's right", "that's all, bye"]
        ),
        (
            "an alternative by its time", "appointment-desk",
            ["can I come tomorrow at three", "four is fine", "anna", "yes", "bye"]
        ),
        (
            "an alternative by a yes", "appointment-desk",
            ["can I come tomorrow at three", "yes please", "anna", "yes", "bye"]
        ),
        (
            "none of the alternatives", "appointment-desk",
            ["can I come tomorrow at three", "neither", "Wednesday", "anna", "yes", "bye"]
        ),
        (
            "a correction of the time", "appointment-desk",
            ["book Wednesday at ten, my name is Anna Miller", "no, at four", "yes", "bye"]
        ),
        (
            "a correction of the day", "appointment-desk",
            ["book Wednesday at ten, my name is Anna Miller", "I said Thursday", "yes", "bye"]
        ),
        (
            "a correction of the name", "appointment-desk",
            ["book Wednesday at ten, my name is Anna Miller", "no", "the name", "m i double l a r", "yes", "bye"]
        ),
        (
            "a yes with a correction in it", "appointment-desk",
            ["book Wednesday at ten, my name is Anna Miller", "yes but at eleven", "correct", "bye"]
        ),
        ("not understood three times", "appointment-desk", ["an appointment please", "", "mumble", "", "yes"]),
        (
            "a question in the middle", "appointment-desk",
            [
                "I'd like an appointment", "where can I park", "Wednesday", "do you take my insurance", "at ten",
                "how much does it cost", "anna", "yes", "bye",
            ]
        ),
        ("a person is wanted", "appointment-desk", ["can I talk to a real person please"]),
        ("an honest answer", "appointment-desk", ["are you a robot", "no", "bye"]),
        (
            "nothing that we do", "appointment-desk",
            ["what's the weather like", "can you sing a song", "tell me a joke", "sing"]
        ),
        (
            "repeating", "appointment-desk",
            ["I'd like an appointment", "pardon", "Wednesday", "say that again", "at ten", "bye"]
        ),
        ("giving up", "appointment-desk", ["I'd like an appointment", "never mind", "no thank you"]),
        (
            "time to think", "appointment-desk",
            ["I'd like an appointment", "let me check", "Wednesday at ten", "hold on", "Anna", "yes", "thanks"]
        ),
        (
            "a booking that is changed afterwards", "appointment-desk",
            ["book Wednesday at ten, my name is Anna Miller", "yes", "can we make it Thursday instead", "yes"]
        ),
        (
            "a lead step by step", "lead-qualifier",
            [
                "sure", "yes I do", "about a hundred and eighty", "in about three months", "my name is Peter Brown",
                "five five five one two three four five six seven", "yes", "no",
            ]
        ),
        (
            "a lead with a question and a correction", "lead-qualifier",
            [
                "okay", "no, I rent", "how much does it cost", "two fifty", "later", "maria garcia", "555 123 4567",
                "no",
                "the number", "555 123 4568", "correct", "bye",
            ]
        ),
        ("no time for questions", "lead-qualifier", ["no", "nothing"]),
        (
            "too few digits", "lead-qualifier",
            ["yes", "yes", "80", "within a year", "Anna Miller", "one two three", "", "555 123 4567", "yes", "bye"]
        ),
        ("an order", "order-status", ["yes", "one two three four five", "no that's all"]),
        ("two orders", "order-status", ["where is my order 12345", "yes, and 23456", "no"]),
        (
            "an order that is not there", "order-status",
            [
                "where is my order", "99999", "nine nine nine nine eight", "nine nine", "nine nine nine nine seven",
                "yes",
            ]
        ),
        (
            "a question after an order", "order-status",
            ["my order is double five five one two", "how do I return a book", "thanks"]
        ),
    ]

    @Test(arguments: calls.indices) func aCallGoesAsWritten(_ index: Int) throws {
        let call = Self.calls[index]
        let expected = try #require(
            DialogueTranscripts.all.first { $0.name == call.name }, "no transcript of \(call.name)")
        #expect(DialogueRehearsal.run(call.agent, call.lines) == expected.text, "\(call.name)")
    }
}
