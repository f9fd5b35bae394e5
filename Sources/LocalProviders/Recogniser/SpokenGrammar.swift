/// The parts from which each question's grammar is put together, in JSGF (the Java Speech Grammar Format).
///
/// Written for what the scripted dialogue understands: every phrase here means something to it. Every word is in the
/// dictionary of `pocketsphinx-en-us` (a test looks each up).
enum SpokenGrammar {
    /// Said while thinking; allowed at the start and between parts, and left out of the text.
    static let hesitations: Set<String> = ["um", "uh", "hmm"]

    /// Rules that hold for every agent. `<name>`, `<faq>` and `<opener>` are the agent's.
    ///
    /// Hesitations have a small weight: they fit any murmur, and would take the first sound of many a word.
    static let common = """
        <um> = um | uh | hmm | well | so | let me think | let me see ;
        <ums> = /0.1/ <um> [<um>] | /0.9/ <NULL> ;
        <polite> = please | thanks | thank you ;

        <yes> = yes | yeah | yep | yes please | sure | of course | correct | exactly | absolutely | okay | right
            | [yes | yeah] (that's right | that's correct | that's fine | that is correct | it is | i do | i am)
            | sounds good | that works | go ahead | please do | perfect | that would be great ;
        <no> = no | no thanks | no thank you | not really | i don't think so
            | [no] (that's not right | that's wrong | that is wrong | it's not | it isn't | i don't) ;

        <digit> = zero | oh | one | two | three | four | five | six | seven | eight | nine ;
        <pair> = [double | triple] <digit> ;
        <number> = it's | the number is | my number is | my order number is | the order number is ;
        <letter> = a | b | c | d | e | f | g | h | i | j | k | l | m | n | o | p | q | r | s | t | u | v | w | x | y | z ;
        <ten> = twenty | thirty | forty | fifty | sixty | seventy | eighty | ninety ;
        <unit> = one | two | three | four | five | six | seven | eight | nine ;
        <teen> = ten | eleven | twelve | thirteen | fourteen | fifteen | sixteen | seventeen | eighteen | nineteen ;
        <small> = <unit> | <teen> | <ten> [<unit>] ;
        <cardinal> = zero | <small> | (a | <unit>) hundred [[and] <small>] | <unit> (<teen> | <ten> [<unit>])
            | (a | <small>) thousand [<unit> hundred] ;

        <hour> = one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve ;
        <minute> = fifteen | thirty | forty five | ten | twenty | twenty five | thirty five | forty | fifty | fifty five
            | oh five ;
        <noonside> = a m | p m | in the morning | in the afternoon | in the evening ;
        <clock> = noon | midday | half past <hour> | [a] quarter (past | to) <hour>
            | (five | ten | twenty | twenty five) (past | to) <hour> | <hour> [o'clock | <minute>] [<noonside>] ;
        <weekday> = monday | tuesday | wednesday | thursday | friday | saturday | sunday ;
        <month> = january | february | march | april | may | june | july | august | september | october | november
            | december ;
        <ordinal> = first | second | third | fourth | fifth | sixth | seventh | eighth | ninth | tenth | eleventh
            | twelfth | thirteenth | fourteenth | fifteenth | sixteenth | seventeenth | eighteenth | nineteenth
            | twentieth | thirtieth | thirty first
            | twenty (first | second | third | fourth | fifth | sixth | seventh | eighth | ninth) ;
        <day> = today | tomorrow | [the] day after tomorrow
            | [this | next] <weekday> [the <ordinal> [of <month>] | <month> [the] <ordinal> | next week]
            | <month> [the] <ordinal> | the <ordinal> [of <month>]
            | in (a week | two weeks | three weeks | two days | three days) | a week from <weekday> ;
        <when> = [on | for] <day> ;
        <hours> = [at | around | about] <clock> ;
        <thehour> = /0.2/ <ums> <hours> | /0.8/ <NULL> ;
        <theday> = /0.2/ <ums> <when> | /0.8/ <NULL> ;
        <mytime> = <hours> [please] | (i'd like | how about | what about) <hours> | <hours> (works | would be good) ;
        <myday> = <when> [please] | (i'd like | how about | what about) <when> | <when> (works | would be good) ;

        <takeback> = no [sorry | wait] | wait | sorry | actually | i mean | i meant | i said | no i said | no i meant
            | make it | make that | no make it | no make that ;
        <changed> = <takeback> (<when> <thehour> | <hours>) [please] ;
        <renamed> = no [the | my] name is <name> ;

        <person> = ((can i | could i | may i | i want to | i'd like to | let me) (talk | speak) (to | with)
            (a person | a human | someone | somebody | a real person)
            | a real person | operator | representative) [please] ;
        <again> = [sorry] (can you | could you) (repeat that | say that again) [please] | repeat that [please]
            | say that again [please] | what did you say | pardon | excuse me | what was that | i didn't catch that ;
        <bye> = [no] (thank you | thanks) [very much] [goodbye | bye] | goodbye | bye | bye bye
            | [no] (that's all | that's it | nothing else) [<polite>] [goodbye | bye] ;
        <aside> = hold on | one moment [please] | just a moment [please] | one second | wait a minute | never mind
            | cancel that | are you a robot | are you human | am i talking to a machine ;
        <hello> = hello | hi | good morning | good afternoon ;
        """

    /// `appointment` or `visit` can be booked; for words that stand for themselves (`toothache`), see `<topic>`.
    static let opening = """
        <wish> = i'd like to | i want to | i would like to | can i | could i | i need to ;
        <topic> = [a | an | my | the | some] <opener> ;
        <request> = <wish> (book | make | schedule | have | get) <topic> | (i need | i want | i'd like | i have) <topic>
            | (i'm calling about | it's about | where is) <topic> | <wish> <opener> | <opener> ;
        <openers> = [<hello>] <request> <theday> <thehour> [please] | <hello> ;
        """

    /// What a question accepts besides what may always be said.
    static func answers(_ expected: ExpectedAnswerKind) -> String {
        switch expected {
        case .yesNo: "<yes> | <no> | <changed> | <renamed>"
        case .date: "/0.4/ <myday> | /0.2/ <when> <ums> <hours> [please] | /0.4/ <changed>"
        case .time: "<mytime> | <when> <thehour> [please] | <hours> <when> [please] | <changed>"
        case .alternatives:
            """
            <mytime> | <when> <thehour> [please] | [the] (first | second | third | last) [one] [please]
            | <changed> | <no> | neither
            """
        case .name:
            "[my name is | my name's | the name is | it's | this is | i'm] <name> [please] | <renamed> | <changed>"
        case .digits(let count): "[<number>] \(count.map(digits) ?? "(<pair>)+") | i don't know"
        // With and without the area code, or with the country's 1 before it.
        case .phoneNumber: "[<number>] ([[one] \(digits(3))] \(digits(7))) | i don't know"
        case .email:
            """
            [it's | my email is | my address is] (<letter> | <digit> | <name> | dot | underscore | dash)+ at
            (<letter> | <name> | example | g mail | hot mail | yahoo | outlook)+ dot (com | org | net)
            """
        case .number: "[about | around | maybe | it's about | roughly] <cardinal> [dollars | a month | dollars a month]"
        case .choice: "[the] <choice> [one] [please] | <yes> | <no> | i don't know"
        case .anything:
            "<openers> | <yes> | <no> | <changed> | <renamed> | (the | change the | i want to change the) (day | time | name)"
        }
    }

    /// Exactly so many digits, at most 20.
    private static func digits(_ count: Int) -> String {
        Array(repeating: "<digit>", count: max(1, min(count, 20))).joined(separator: " ")
    }
}

/// The grammars there are; several questions may share one.
enum ExpectedAnswerKind: Sendable, Hashable {
    case yesNo, date, time, alternatives, name, phoneNumber, email, number, anything
    case digits(Int?)
    case choice([String])
}
