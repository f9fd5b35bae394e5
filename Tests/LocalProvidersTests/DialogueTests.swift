import Testing
@Test func explore() {
    let runs: [(String, [String])] = [
        ("appointment-desk", ["I'd like to book an appointment", "next Tuesday", "half past three", "Anna Miller", "yes", "no thanks"]),
        ("appointment-desk", ["hi, can I come tomorrow at three", "the first one", "my name is anna miller", "no, at four", "that's right", "that's all, bye"]),
        ("appointment-desk", ["can I come tomorrow at three", "half past four", "it's miller", "no", "the name", "m i double l a r", "yes", "thank you"]),
        ("appointment-desk", ["", "", "", "yes"]),
        ("appointment-desk", ["appointment please", "blah blah", "", "mumble", "no", "wednesday", "where can i park", "at ten", "are you a robot", "repeat that", "peter brown", "I said thursday", "yes please", "can you change my booking", "yes"]),
        ("appointment-desk", ["what are your opening hours", "yes", "I want a check-up on friday at ten in the morning, my name is peter brown", "yes it is", "no"]),
        ("appointment-desk", ["what's the weather like", "can you sing a song", "tell me a joke", "sing"]),
        ("appointment-desk", ["book", "tomorrow at three", "neither", "wednesday", "anna", "hold on", "yes", "bye"]),
        ("lead-qualifier", ["sure", "yes I do", "about a hundred and eighty", "in about three months", "my name is Peter Brown", "five five five one two three four five six seven", "yes", "no"]),
        ("lead-qualifier", ["no", "nothing"]),
        ("lead-qualifier", ["okay", "no I rent", "how much does it cost", "two fifty", "later", "maria garcia", "555 123 4567", "no", "the number", "555 123 4568", "correct", "bye"]),
        ("order-status", ["yes", "one two three four five", "yes", "two three four five six", "no that's all"]),
        ("order-status", ["where is my order", "99999", "nine nine nine nine eight", "nine nine", "nine nine nine nine seven", "yes"]),
        ("order-status", ["my order number is double five five one two", "how long does delivery take", "i want to talk to a person"]),
    ]
    for (a, l) in runs { print("\n=== " + a + "\n" + DialogueRehearsal.run(a, l)) }
}
