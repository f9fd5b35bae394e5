import Conversation
import Providers
import Testing

@testable import LocalProviders

/// Monday, 2 March 2026.
private let now = CivilDateTime(year: 2026, month: 3, dayOfMonth: 2, hour: 9)!

/// Open 09:00-12:00 and 13:00-17:00 from Monday to Friday.
private let hours = OpeningHours(
    days: Array(
        repeating: [
            OpeningHours.Range(fromMinute: 540, toMinute: 720), OpeningHours.Range(fromMinute: 780, toMinute: 1_020),
        ], count: 5) + [[], []])

@Suite struct DialogueUnderstandingTests {
    @Test(arguments: [
        ("today", "2026-03-02"), ("tomorrow", "2026-03-03"), ("Tomorrow, please.", "2026-03-03"),
        ("the day after tomorrow", "2026-03-04"), ("day after tomorrow", "2026-03-04"),
        ("Tuesday", "2026-03-03"), ("this Tuesday", "2026-03-03"), ("next Tuesday", "2026-03-10"),
        ("on Tuesday", "2026-03-03"), ("Tuesday next week", "2026-03-10"), ("Tuesday week", "2026-03-10"),
        ("Monday", "2026-03-09"), ("this Monday", "2026-03-02"), ("next Monday", "2026-03-09"),
        ("this Friday", "2026-03-06"), ("um, let me think, Friday", "2026-03-06"), ("next Sunday", "2026-03-15"),
        ("the fifteenth", "2026-03-15"), ("the first", "2026-04-01"), ("on the 15th", "2026-03-15"),
        ("the thirty first", "2026-03-31"), ("March the third", "2026-03-03"), ("third of March", "2026-03-03"),
        ("the third of march", "2026-03-03"), ("March third", "2026-03-03"), ("march 15", "2026-03-15"),
        ("15 March", "2026-03-15"), ("January the fifth", "2027-01-05"), ("February twenty ninth", "2028-02-29"),
        ("the twenty-first of May", "2026-05-21"), ("May 1st", "2026-05-01"),
        ("in two weeks", "2026-03-16"), ("in a week", "2026-03-09"), ("in three days", "2026-03-05"),
        ("a week from Tuesday", "2026-03-10"), ("a week from today", "2026-03-09"), ("in a fortnight", "2026-03-16"),
        ("two weeks from now", "2026-03-16"),
        ("3/15", "2026-03-15"), ("15/3", "2026-03-15"), ("3/15/2027", "2027-03-15"), ("2026-04-01", "2026-04-01"),
        ("Tuesday the tenth", "2026-03-10"), ("Tuesday the third of March", "2026-03-03"),
        ("Tuesday, March 10th", "2026-03-10"), ("no, Wednesday", "2026-03-04"), ("I said Wednesday", "2026-03-04"),
        ("not Tuesday, Wednesday", "2026-03-04"), ("Tuesday, no, sorry, Wednesday", "2026-03-04"),
        ("Tuesday or Wednesday", "2026-03-03"),
    ]) func aDateIsFoundInWhatTheCallerSaid(_ said: String, _ date: String) {
        let found = DateUnderstanding.date(in: Words(said), now: now, isAsked: true)
        #expect(found.map { CivilDateTime(day: $0.day).dateText } == date)
    }

    @Test(arguments: [
        "", "yes", "the thirty-second", "February thirtieth", "13/13", "at three", "may I ask something",
        "half past three",
        "one two three four five", "next week", "99/99", "0/0", "2026-13-45",
    ]) func noDateIsFoundWhereThereIsNone(_ said: String) {
        #expect(DateUnderstanding.date(in: Words(said), now: now, isAsked: true) == nil)
    }

    @Test(arguments: ["the first one", "the second", "one second please", "first of all"])
    func aPlaceInAListIsNoDateUnlessADateWasAsked(_ said: String) {
        #expect(DateUnderstanding.date(in: Words(said), now: now, isAsked: false) == nil)
    }

    @Test(arguments: [
        ("half past three", "15:30"), ("Half past nine.", "09:30"), ("half three", "15:30"), ("three thirty", "15:30"),
        ("quarter to four", "15:45"), ("a quarter past ten", "10:15"), ("quarter of two", "13:45"), ("3 pm", "15:00"),
        ("3pm", "15:00"), ("3 p.m.", "15:00"), ("3:30pm", "15:30"), ("9 a.m.", "09:00"), ("ten a m", "10:00"),
        ("fifteen hundred", "15:00"), ("noon", "12:00"), ("midday", "12:00"), ("at ten in the morning", "10:00"),
        ("three in the afternoon", "15:00"), ("eight in the evening", "20:00"), ("eight at night", "20:00"),
        ("three", "15:00"), ("nine", "09:00"), ("at eleven", "11:00"), ("one", "13:00"), ("two o'clock", "14:00"),
        ("four o'clock please", "16:00"), ("twelve thirty", "12:30"), ("nine oh five", "09:05"),
        ("ten past nine", "09:10"),
        ("twenty minutes to four", "15:40"), ("five to one", "12:55"), ("15:30", "15:30"), ("3.30", "15:30"),
        ("fourteen thirty", "14:30"), ("1530", "15:30"), ("330", "15:30"), ("um, at, uh, three", "15:00"),
        ("no, at four", "16:00"), ("three, no, four", "16:00"), ("eight", "08:00"), ("six", "18:00"),
        ("tomorrow morning at ten", "10:00"), ("let me think, half past two", "14:30"),
    ]) func aTimeIsFoundInWhatTheCallerSaid(_ said: String, _ time: String) {
        let found = TimeUnderstanding.time(in: Words(said), hours: hours, weekday: 1, isAsked: true)
        #expect(found.map { CivilDateTime(day: 0, secondOfDay: $0.minute * 60).timeText } == time)
    }

    @Test(arguments: [
        "", "yes", "the first one", "that one", "one two three four five", "in two weeks", "25:70", "Anna Miller",
    ])
    func noTimeIsFoundWhereThereIsNone(_ said: String) {
        #expect(TimeUnderstanding.time(in: Words(said), hours: hours, weekday: 1, isAsked: true) == nil)
    }

    @Test(arguments: ["three", "I have two children", "one two three", "two people", "my number is five"])
    func aLoneHourIsNoTimeUnlessATimeWasAsked(_ said: String) {
        #expect(TimeUnderstanding.time(in: Words(said), hours: hours, weekday: 1, isAsked: false) == nil)
    }

    @Test(arguments: [
        ("one two three four five", "12345"), ("12345", "12345"), ("1 2 3 4 5", "12345"),
        ("double four triple seven", "44777"),
        ("oh one two three four", "01234"), ("five five five twelve", "55512"),
        ("it's one two three four five", "12345"),
        ("one two, uh, three four five", "12345"), ("one two three, no sorry, five four three two one", "54321"),
        ("twenty three four five six", "23456"), ("my number is one two three four five thanks", "12345"),
    ]) func digitsAreFoundInWhatTheCallerSaid(_ said: String, _ digits: String) {
        #expect(DigitUnderstanding.digits(in: Words(said), count: 5)?.digits == digits)
    }

    @Test(arguments: [("one two three four", 5), ("double", 5), ("oh", 5), ("one two three four five six", 5), ("", 5)])
    func tooFewOrTooManyDigitsAreNone(_ said: String, _ count: Int) {
        #expect(DigitUnderstanding.digits(in: Words(said), count: count) == nil)
    }

    @Test(arguments: [
        ("five five five one two three four five six seven", "5551234567"), ("555-123-4567", "5551234567"),
        ("(555) 123 4567", "5551234567"), ("it's five five five, one two three, four five six seven", "5551234567"),
        ("double five five one two three", "555123"), ("+1 555 123 4567", "15551234567"),
        ("eight hundred five five five one two one two", "8005551212"),
    ]) func aPhoneNumberIsFound(_ said: String, _ digits: String) {
        let found = DigitUnderstanding.phoneNumber(in: Words(said), isAsked: true)?.digits
        #expect(digits.count < 7 ? found == nil : found == digits)
    }

    @Test(arguments: [
        ("one hundred and eighty", 180), ("about $180", 180), ("a hundred and twenty dollars", 120),
        ("one eighty", 180),
        ("two fifty", 250), ("1,200", 1_200), ("twelve hundred", 1_200), ("ninety-five", 95),
        ("two thousand five hundred", 2_500),
        ("zero", 0), ("around eighty I think", 80), ("a thousand and one", 1_001), ("one million", 1_000_000),
    ]) func anAmountIsFound(_ said: String, _ amount: Int) {
        #expect(NumberWords.amount(Words(said)) == amount)
    }

    @Test(arguments: [
        ("yes", true), ("Yeah.", true), ("yep", true), ("that's right", true), ("that is correct", true),
        ("sure", true),
        ("of course", true), ("uh, yes please", true), ("sounds good", true), ("okay", true), ("no problem", true),
        ("perfect, thank you", true), ("yes it is", true), ("no", false), ("nope", false), ("I don't think so", false),
        ("that's wrong", false), ("that's not right", false), ("not really", false), ("no thanks", false),
        ("no, that's wrong", false),
        ("well, no", false),
    ]) func yesAndNoAreToldApart(_ said: String, _ isYes: Bool) {
        #expect(YesNoUnderstanding.answer(Words(said)) == isYes)
    }

    @Test(arguments: [
        "", "maybe", "yes but at four", "hmm", "Anna Miller", "wait", "not sure", "yes no", "right, not sure",
        "yes if it is free",
    ]) func whatCouldBeEitherIsNeither(_ said: String) {
        #expect(YesNoUnderstanding.answer(Words(said)) == nil)
        #expect(!YesNoUnderstanding.commits(Words(said)))
    }

    @Test(arguments: [
        ("my name is anna miller", "Anna Miller"), ("it's miller", "Miller"), ("m i double l e r", "Miller"),
        ("anna", "Anna"),
        ("Anna Miller.", "Anna Miller"), ("this is Peter Brown", "Peter Brown"), ("I'm Maria Garcia", "Maria Garcia"),
        ("uh, it's anna miller please", "Anna Miller"), ("yes, Anna Miller", "Anna Miller"),
        ("miller, that's m i l l e r", "Miller"),
        ("Anna Miller, spelled m u e l l e r", "Anna Mueller"), ("the name is o'brien", "O'Brien"),
        ("anna miller speaking", "Anna Miller"),
        ("A N N A", "Anna"), ("for Peter Brown", "Peter Brown"),
    ]) func aNameIsFound(_ said: String, _ name: String) {
        #expect(NameUnderstanding.name(in: Words(said), isAsked: true)?.name == name)
    }

    @Test(arguments: [
        "", "yes", "tomorrow", "what", "I don't know", "can you repeat that", "three thirty", "how much is it", "x",
    ])
    func noNameIsFoundWhereThereIsNone(_ said: String) {
        #expect(NameUnderstanding.name(in: Words(said), isAsked: true) == nil)
    }

    @Test(arguments: [
        ("anna dot miller at example dot com", "anna.miller@example.com"),
        ("Anna.Miller@Example.com", "anna.miller@example.com"),
        ("my email is a n n a at example dot co dot uk", "anna@example.co.uk"),
        ("it's peter underscore brown at my dash shop dot com", "peter_brown@my-shop.com"),
        ("anna double l at example dot org thank you", "annall@example.org"),
        ("anna twelve at example dot com", "anna12@example.com"),
    ]) func anAddressIsFound(_ said: String, _ address: String) {
        #expect(EmailUnderstanding.address(in: Words(said))?.address == address)
    }

    @Test(arguments: ["at three", "anna at example", "at dot com", "dot dot at dot", "look at this dot"])
    func noAddressIsFoundWhereThereIsNone(_ said: String) {
        #expect(EmailUnderstanding.address(in: Words(said)) == nil)
    }

    @Test(arguments: [
        ("within three months", 0), ("in about 3 months", 0), ("within a year", 1), ("a year", 1), ("later", 2),
        ("the first one", 0),
        ("the last one", 2), ("number two", 1), ("maybe next year, so within a year", 1),
    ]) func anOptionIsFound(_ said: String, _ option: Int) {
        let options = ["within three months", "within a year", "later"]
        #expect(ChoiceUnderstanding.option(in: Words(said), of: options, isAsked: true) == option)
    }

    @Test(arguments: ["", "yes", "not later", "I don't know"])
    func noOptionIsFoundWhereNoneIsMeant(_ said: String) {
        let options = ["within three months", "within a year", "later"]
        #expect(ChoiceUnderstanding.option(in: Words(said), of: options, isAsked: true) == nil)
    }

    @Test(arguments: [
        ("can I talk to a person", CallerIntent.person), ("get me a human", .person),
        ("I want to speak with someone", .person),
        ("put me through to the dentist", .person), ("are you a robot", .areYouHuman),
        ("am I talking to a real person", .areYouHuman),
        ("is this a machine?", .areYouHuman), ("are you human", .areYouHuman), ("repeat that please", .repeatThat),
        ("pardon?", .repeatThat),
        ("what?", .repeatThat), ("sorry, I didn't catch that", .repeatThat), ("goodbye", .goodbye),
        ("okay bye", .goodbye),
        ("one moment", .holdOn), ("let me check", .holdOn), ("never mind", .cancel),
    ]) func anIntentIsFound(_ said: String, _ intent: CallerIntent) {
        #expect(CallerIntent.intent(of: Words(said)) == intent)
    }

    @Test(arguments: ["yes", "tomorrow at three", "Anna Miller", "is there parking", "one two three", ""])
    func anAnswerIsNoIntent(_ said: String) {
        #expect(CallerIntent.intent(of: Words(said)) == nil)
    }

    @Test func valuesAreSpokenAsAVoiceReadsThemWell() {
        #expect(SpokenForms.date(CivilDateTime("2026-03-03")!.day) == "Tuesday the third of March")
        #expect(SpokenForms.date(CivilDateTime("2026-05-21")!.day) == "Thursday the twenty-first of May")
        let times = [
            930: "half past three", 945: "quarter to four", 555: "quarter past nine", 540: "nine o'clock",
            545: "nine oh five",
            720: "noon", 0: "midnight", 750: "half past twelve", 1_220: "eight twenty in the evening",
            360: "six o'clock in the morning",
        ]
        for (minute, text) in times { #expect(SpokenForms.time(minute) == text) }
        #expect(SpokenForms.digits("5551234567") == "five five five, one two three, four five six seven")
        #expect(SpokenForms.digits("12345") == "one two three, four five")
        #expect(SpokenForms.number(180) == "one hundred and eighty")
        #expect(SpokenForms.number(1_250) == "one thousand two hundred and fifty")
        #expect(SpokenForms.number(21) == "twenty-one")
        #expect(SpokenForms.email("anna.miller@example.com") == "anna dot miller at example dot com")
        #expect(SpokenForms.list(["a", "b", "c"]) == "a, b or c")
    }

    @Test func everySpokenTimeOfTheWorkingDayIsUnderstoodAgain() {
        for minute in stride(from: 9 * 60, to: 17 * 60, by: 5) where minute < 720 || minute >= 780 {
            let found = TimeUnderstanding.time(
                in: Words(SpokenForms.time(minute)), hours: hours, weekday: 1, isAsked: true)
            #expect(found?.minute == minute, "\(SpokenForms.time(minute))")
        }
    }

    @Test func everySpokenDateOfAYearIsUnderstoodAgain() {
        for day in now.day..<(now.day + 365) {
            let found = DateUnderstanding.date(in: Words(SpokenForms.date(day)), now: now, isAsked: false)
            #expect(found?.day == day, "\(SpokenForms.date(day))")
        }
    }

    @Test func everySpokenNumberIsUnderstoodAgain() {
        for value in Array(0...1_100) + [2_345, 99_999, 123_456, 1_000_001] {
            #expect(NumberWords.amount(Words(SpokenForms.number(value))) == value, "\(SpokenForms.number(value))")
        }
    }
}
