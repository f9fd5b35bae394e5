/// What callers say to a recogniser in its tests, and what they should not be understood to have said.
enum RecogniserCorpus {
    struct Phrase: Sendable {
        var question: String?
        var text: String
    }

    /// Answers within the appointment desk's grammars, by question; nil: the opening.
    static let expected: [Phrase] = phrases([
        ("date", "tomorrow|next tuesday|on friday|monday|the fifteenth of march|march fifteenth|tuesday the third"),
        ("date", "next wednesday please|the day after tomorrow|on thursday at three|no wednesday"),
        ("time", "half past three|three thirty|at four|quarter to four|three p m|three o'clock|ten in the morning"),
        ("time", "at nine thirty|noon|no wait at four|i said three thirty|a quarter past eleven"),
        ("name", "my name is peter brown|anna miller|it's john carter|the name is susan clark|james wilson"),
        ("name", "maria garcia|this is david taylor|no the name is emma walker"),
        ("confirm", "yes|no|yes that's right|that's correct|yes please|no that's wrong|sure|no at four|yeah"),
        ("confirm", "can i talk to a person|correct|no wednesday"),
        (nil, "i'd like to book an appointment|i need an appointment|where can i park|how much does it cost"),
        (nil, "i'd like to book an appointment for tuesday at three|hello i'd like to make an appointment"),
        (nil, "can i talk to a human|what are your opening hours|i'd like to book an appointment for tomorrow"),
        ("anything_else", "no thank you goodbye|that's all thank you|no thanks|no that's all"),
        ("alternatives", "at half past ten|the first one|eleven|how about friday"),
    ])

    /// Sentences that answer nothing.
    static let unexpected = """
        The weather is lovely in the mountains this time of year.
        I think the dog ate my homework again.
        My brother plays the guitar in a small band.
        Have you seen the new film with that famous actor?
        We drove all the way to the coast and back.
        The printer on the second floor is out of paper.
        She likes her coffee with a lot of milk and sugar.
        Please turn down the radio, I am on the phone.
        The train was late because of the snow.
        I bought some apples and oranges at the market.
        There is a strange noise coming from the engine.
        He painted the kitchen wall bright yellow.
        The children are playing football in the garden.
        Can you pass me the salt and pepper?
        My computer keeps crashing whenever I open that file.
        We should invite the neighbors over for dinner.
        The museum has a wonderful collection of old maps.
        It is raining cats and dogs outside.
        I forgot to water the plants on the balcony.
        The president gave a long speech about the economy.
        Do you want fries with that?
        Banana.
        Elephants never forget.
        I like turtles.
        Stop the music.
        The fish is burning.
        Green ideas sleep furiously.
        Put the box under the table.
        Where did you leave the car keys?
        Mom, what is for dinner?
        Give me back my pencil.
        Shut the window, it is cold in here.
        Hey honey, have you fed the cat?
        I cannot believe the referee did not see that foul.
        Pizza with mushrooms.
        Bicycle.
        Refrigerator.
        Absolutely nothing interesting happened at work.
        You need to turn left at the traffic light.
        The quick brown fox jumps over the lazy dog.
        """.split(separator: "\n").map(String.init)

    // MARK: Written after all tuning was done, and not to be tuned on

    static let unseenExpected: [Phrase] = phrases([
        ("date", "thursday|this friday|on monday please|the twenty second of april|june ninth|next saturday"),
        ("date", "in two weeks|the tenth|how about wednesday"),
        ("time", "eleven thirty|at two in the afternoon|half past nine|around five|quarter past ten|eight o'clock"),
        ("time", "at noon|four forty five|no make it five"),
        ("name", "michael harris|my name is laura phillips|it's kevin edwards|nicole bennett|i'm daniel cooper"),
        ("name", "the name is julia foster"),
        ("confirm", "yes it is|that's fine|no thanks|okay|not really|no friday|yes please"),
        (nil, "hi can i make an appointment|i need to book an appointment for friday|do you have parking"),
        (nil, "i'd like to schedule an appointment for next monday at ten|i have a toothache"),
        ("anything_else", "nothing else thanks|that's it thank you"),
    ])

    static let unseenUnexpected = """
        The carpenter measured the door twice before cutting it.
        Our flight to Madrid has been delayed again.
        Keep the receipt in case you want to return the shoes.
        The soup needs a little more pepper.
        My sister is learning to play the violin.
        Somebody left an umbrella in the hallway.
        The bridge is closed for repairs until further notice.
        They planted three rows of tomatoes behind the shed.
        You should really see a plumber about that pipe.
        The battery in my watch has stopped.
        Turn the page and read the second paragraph.
        The bus driver waved at the old lady.
        Nobody told me the shop had moved.
        The blue paint is still wet.
        A storm knocked over the fence.
        He sold his motorcycle to a friend.
        The kettle is whistling.
        Dolphins are very clever animals.
        Strawberry jam.
        Umbrella.
        Lighthouse keeper.
        Did you remember to lock the back door?
        Be quiet, the baby is sleeping.
        The judge asked the witness to sit down.
        I lost my glasses somewhere in the park.
        The cake was far too sweet for me.
        Hand me the screwdriver, will you?
        We ran out of wallpaper halfway through.
        The river froze over last winter.
        What a beautiful sunset.
        Television is boring tonight.
        Grandma knitted me a scarf.
        The elevator is stuck between floors.
        Careful, the floor is slippery.
        The orchestra tuned their instruments.
        Chocolate.
        Move your car, you are blocking the driveway.
        The library has a leaking roof.
        Somewhere over the rainbow.
        Pirates buried their treasure here.
        """.split(separator: "\n").map(String.init)

    private static func phrases(_ rows: [(String?, String)]) -> [Phrase] {
        rows.flatMap { row in row.1.split(separator: "|").map { Phrase(question: row.0, text: String($0)) } }
    }
}
