/// What is said in each call of `DialogueTests`, to the word. A change here is a change callers hear.
enum DialogueTranscripts {
    static let all: [(name: String, text: String)] = [
        (
            "a booking step by step",
            #"""
            > I'd like to book an appointment
            < Sure. What day would suit you?
            > next Tuesday
            < All right. And what time would you like?
            > half past three
            ~ check_availability {"date":"2026-03-10","time":"15:30"}
            < That time is free. May I have your name, please?
            > Anna Miller
            < Thank you. So that's Tuesday the tenth of March at half past three, for Anna Miller. Is that right?
            > yes
            ~ book_appointment {"date":"2026-03-10","time":"15:30","name":"Anna Miller"}
            < Wonderful, you're booked for Tuesday the tenth of March at half past three. We look forward to seeing you. Is there anything else I can do for you?
            > no thanks
            < Thank you for calling Brightside Dental. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "everything in one sentence",
            #"""
            > I need a check-up on Friday at ten in the morning, my name is Peter Brown
            ~ check_availability {"date":"2026-03-06","time":"10:00"}
            < That time is free. So that's Friday the sixth of March at ten o'clock, for Peter Brown. Is that right?
            > yes it is
            ~ book_appointment {"date":"2026-03-06","time":"10:00","name":"Peter Brown"}
            < Wonderful, you're booked for Friday the sixth of March at ten o'clock. We look forward to seeing you. Is there anything else I can do for you?
            > no
            < Thank you for calling Brightside Dental. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "a taken hour and the first alternative",
            #"""
            > can I come tomorrow at three
            ~ check_availability {"date":"2026-03-03","time":"15:00"}
            < I'm sorry, Tuesday the third of March at three o'clock is already taken. I could offer you half past three or four o'clock. Which would you like?
            > the first one
            ~ check_availability {"date":"2026-03-03","time":"15:30"}
            < That time is free. May I have your name, please?
            > it's Miller
            < Okay. So that's Tuesday the third of March at half past three, for Miller. Is that right?
            > that's right
            ~ book_appointment {"date":"2026-03-03","time":"15:30","name":"Miller"}
            < Wonderful, you're booked for Tuesday the third of March at half past three. We look forward to seeing you. Is there anything else I can do for you?
            > that's all, bye
            < Thank you for calling Brightside Dental. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "an alternative by its time",
            #"""
            > can I come tomorrow at three
            ~ check_availability {"date":"2026-03-03","time":"15:00"}
            < I'm sorry, Tuesday the third of March at three o'clock is already taken. I could offer you half past three or four o'clock. Which would you like?
            > four is fine
            ~ check_availability {"date":"2026-03-03","time":"16:00"}
            < That time is free. May I have your name, please?
            > anna
            < Okay. So that's Tuesday the third of March at four o'clock, for Anna. Is that right?
            > yes
            ~ book_appointment {"date":"2026-03-03","time":"16:00","name":"Anna"}
            < Wonderful, you're booked for Tuesday the third of March at four o'clock. We look forward to seeing you. Is there anything else I can do for you?
            > bye
            < Thank you for calling Brightside Dental. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "an alternative by a yes",
            #"""
            > can I come tomorrow at three
            ~ check_availability {"date":"2026-03-03","time":"15:00"}
            < I'm sorry, Tuesday the third of March at three o'clock is already taken. I could offer you half past three or four o'clock. Which would you like?
            > yes please
            ~ check_availability {"date":"2026-03-03","time":"15:30"}
            < That time is free. May I have your name, please?
            > anna
            < Okay. So that's Tuesday the third of March at half past three, for Anna. Is that right?
            > yes
            ~ book_appointment {"date":"2026-03-03","time":"15:30","name":"Anna"}
            < Wonderful, you're booked for Tuesday the third of March at half past three. We look forward to seeing you. Is there anything else I can do for you?
            > bye
            < Thank you for calling Brightside Dental. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "none of the alternatives",
            #"""
            > can I come tomorrow at three
            ~ check_availability {"date":"2026-03-03","time":"15:00"}
            < I'm sorry, Tuesday the third of March at three o'clock is already taken. I could offer you half past three or four o'clock. Which would you like?
            > neither
            < All right. What other day or time would suit you?
            > Wednesday
            ~ check_availability {"date":"2026-03-04","time":"15:00"}
            < That time is free. May I have your name, please?
            > anna
            < Thank you. So that's Wednesday the fourth of March at three o'clock, for Anna. Is that right?
            > yes
            ~ book_appointment {"date":"2026-03-04","time":"15:00","name":"Anna"}
            < Wonderful, you're booked for Wednesday the fourth of March at three o'clock. We look forward to seeing you. Is there anything else I can do for you?
            > bye
            < Thank you for calling Brightside Dental. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "a correction of the time",
            #"""
            > book Wednesday at ten, my name is Anna Miller
            ~ check_availability {"date":"2026-03-04","time":"10:00"}
            < That time is free. So that's Wednesday the fourth of March at ten o'clock, for Anna Miller. Is that right?
            > no, at four
            ~ check_availability {"date":"2026-03-04","time":"16:00"}
            < That time is free. So that's Wednesday the fourth of March at four o'clock, for Anna Miller. Is that right?
            > yes
            ~ book_appointment {"date":"2026-03-04","time":"16:00","name":"Anna Miller"}
            < Wonderful, you're booked for Wednesday the fourth of March at four o'clock. We look forward to seeing you. Is there anything else I can do for you?
            > bye
            < Thank you for calling Brightside Dental. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "a correction of the day",
            #"""
            > book Wednesday at ten, my name is Anna Miller
            ~ check_availability {"date":"2026-03-04","time":"10:00"}
            < That time is free. So that's Wednesday the fourth of March at ten o'clock, for Anna Miller. Is that right?
            > I said Thursday
            ~ check_availability {"date":"2026-03-05","time":"10:00"}
            < That time is free. So that's Thursday the fifth of March at ten o'clock, for Anna Miller. Is that right?
            > yes
            ~ book_appointment {"date":"2026-03-05","time":"10:00","name":"Anna Miller"}
            < Wonderful, you're booked for Thursday the fifth of March at ten o'clock. We look forward to seeing you. Is there anything else I can do for you?
            > bye
            < Thank you for calling Brightside Dental. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "a correction of the name",
            #"""
            > book Wednesday at ten, my name is Anna Miller
            ~ check_availability {"date":"2026-03-04","time":"10:00"}
            < That time is free. So that's Wednesday the fourth of March at ten o'clock, for Anna Miller. Is that right?
            > no
            < No problem. What should I change?
            > the name
            < Okay. May I have your name, please?
            > m i double l a r
            < Thank you. So that's Wednesday the fourth of March at ten o'clock, for Millar. Is that right?
            > yes
            ~ book_appointment {"date":"2026-03-04","time":"10:00","name":"Millar"}
            < Wonderful, you're booked for Wednesday the fourth of March at ten o'clock. We look forward to seeing you. Is there anything else I can do for you?
            > bye
            < Thank you for calling Brightside Dental. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "a yes with a correction in it",
            #"""
            > book Wednesday at ten, my name is Anna Miller
            ~ check_availability {"date":"2026-03-04","time":"10:00"}
            < That time is free. So that's Wednesday the fourth of March at ten o'clock, for Anna Miller. Is that right?
            > yes but at eleven
            ~ check_availability {"date":"2026-03-04","time":"11:00"}
            < That time is free. So that's Wednesday the fourth of March at eleven o'clock, for Anna Miller. Is that right?
            > correct
            ~ book_appointment {"date":"2026-03-04","time":"11:00","name":"Anna Miller"}
            < Wonderful, you're booked for Wednesday the fourth of March at eleven o'clock. We look forward to seeing you. Is there anything else I can do for you?
            > bye
            < Thank you for calling Brightside Dental. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "not understood three times",
            #"""
            > an appointment please
            < Sure. What day would suit you?
            > 
            < Sorry, which day would you like? You can say, for example, next Tuesday.
            > mumble
            < I still didn't get the day. Please say it like this: March the fifth.
            > 
            < I'm sorry, I'm having trouble understanding you. Shall I put you through to a person?
            > yes
            < Of course, I'll put you through to my colleague. One moment, please.
            ~ escalate_to_human {"reason":"caller was not understood"}
            """#
        ),
        (
            "a question in the middle",
            #"""
            > I'd like an appointment
            < Sure. What day would suit you?
            > where can I park
            < You can park for free behind the building, right next to the entrance. What day would suit you?
            > Wednesday
            < Okay. And what time would you like?
            > do you take my insurance
            < We take all the usual dental insurance plans. Please bring your card. And what time would you like?
            > at ten
            ~ check_availability {"date":"2026-03-04","time":"10:00"}
            < That time is free. May I have your name, please?
            > how much does it cost
            < A check-up with a cleaning is ninety dollars. Anything else we tell you before we start. May I have your name, please?
            > anna
            < Thank you. So that's Wednesday the fourth of March at ten o'clock, for Anna. Is that right?
            > yes
            ~ book_appointment {"date":"2026-03-04","time":"10:00","name":"Anna"}
            < Wonderful, you're booked for Wednesday the fourth of March at ten o'clock. We look forward to seeing you. Is there anything else I can do for you?
            > bye
            < Thank you for calling Brightside Dental. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "a person is wanted",
            #"""
            > can I talk to a real person please
            < Of course, I'll put you through to my colleague. One moment, please.
            ~ escalate_to_human {"reason":"caller asked for a person"}
            """#
        ),
        (
            "an honest answer",
            #"""
            > are you a robot
            < I'm an automated assistant, not a person. Is there anything else I can do for you?
            > no
            < Thank you for calling Brightside Dental. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "nothing that we do",
            #"""
            > what's the weather like
            < I'm afraid I can't help with that. I can book appointments and answer questions about the practice. What can I do for you?
            > can you sing a song
            < I'm afraid I can't help with that. I can book appointments and answer questions about the practice. I'm sorry, could you say that in other words?
            > tell me a joke
            < I'm sorry, I'm having trouble understanding you. Shall I put you through to a person?
            > sing
            < Of course, I'll put you through to my colleague. One moment, please.
            ~ escalate_to_human {"reason":"caller was not understood"}
            """#
        ),
        (
            "repeating",
            #"""
            > I'd like an appointment
            < Sure. What day would suit you?
            > pardon
            < Sure. What day would suit you?
            > Wednesday
            < Okay. And what time would you like?
            > say that again
            < Okay. And what time would you like?
            > at ten
            ~ check_availability {"date":"2026-03-04","time":"10:00"}
            < That time is free. May I have your name, please?
            > bye
            < Thank you for calling Brightside Dental. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "giving up",
            #"""
            > I'd like an appointment
            < Sure. What day would suit you?
            > never mind
            < All right, I won't go on with that. Is there anything else I can do for you?
            > no thank you
            < Thank you for calling Brightside Dental. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "time to think",
            #"""
            > I'd like an appointment
            < Sure. What day would suit you?
            > let me check
            < Of course, take your time.
            > Wednesday at ten
            ~ check_availability {"date":"2026-03-04","time":"10:00"}
            < That time is free. May I have your name, please?
            > hold on
            < Of course, take your time.
            > Anna
            < All right. So that's Wednesday the fourth of March at ten o'clock, for Anna. Is that right?
            > yes
            ~ book_appointment {"date":"2026-03-04","time":"10:00","name":"Anna"}
            < Wonderful, you're booked for Wednesday the fourth of March at ten o'clock. We look forward to seeing you. Is there anything else I can do for you?
            > thanks
            < Thank you for calling Brightside Dental. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "a booking that is changed afterwards",
            #"""
            > book Wednesday at ten, my name is Anna Miller
            ~ check_availability {"date":"2026-03-04","time":"10:00"}
            < That time is free. So that's Wednesday the fourth of March at ten o'clock, for Anna Miller. Is that right?
            > yes
            ~ book_appointment {"date":"2026-03-04","time":"10:00","name":"Anna Miller"}
            < Wonderful, you're booked for Wednesday the fourth of March at ten o'clock. We look forward to seeing you. Is there anything else I can do for you?
            > can we make it Thursday instead
            < That is already settled, and only a colleague can change it. Shall I put you through to a person?
            > yes
            < Of course, I'll put you through to my colleague. One moment, please.
            ~ escalate_to_human {"reason":"caller wants to change a booking"}
            """#
        ),
        (
            "a lead step by step",
            #"""
            > sure
            < Great, thank you. Do you own the house you live in?
            > yes I do
            < All right. About how many dollars is your electricity bill each month?
            > about a hundred and eighty
            < Okay. When would you like to start: within three months, within a year, or later?
            > in about three months
            < Thank you. And what is your name, please?
            > my name is Peter Brown
            < All right. What is the best number to reach you?
            > five five five one two three four five six seven
            < Okay. Let me read that back: Peter Brown, at five five five, one two three, four five six seven. Your own house: yes. A bill of about one hundred and eighty dollars, and you would like to start within three months. Is that right?
            > yes
            ~ qualify_lead {"answers":{"owns_house":true,"monthly_bill":180,"start":"within three months","name":"Peter Brown","phone":"5551234567"}}
            < Great, that sounds like a good fit. A consultant will call you within two working days. Is there anything else I can do for you?
            > no
            < Thank you for your time. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "a lead with a question and a correction",
            #"""
            > okay
            < Great, thank you. Do you own the house you live in?
            > no, I rent
            < All right. About how many dollars is your electricity bill each month?
            > how much does it cost
            < It depends on your roof, so our consultant works it out with you. The visit is free. About how many dollars is your electricity bill each month?
            > two fifty
            < Thank you. When would you like to start: within three months, within a year, or later?
            > later
            < All right. And what is your name, please?
            > maria garcia
            < Okay. What is the best number to reach you?
            > 555 123 4567
            < Thank you. Let me read that back: Maria Garcia, at five five five, one two three, four five six seven. Your own house: no. A bill of about two hundred and fifty dollars, and you would like to start later. Is that right?
            > no
            < No problem. What should I change?
            > the number
            < Okay. What is the best number to reach you?
            > 555 123 4568
            < Thank you. Let me read that back: Maria Garcia, at five five five, one two three, four five six eight. Your own house: no. A bill of about two hundred and fifty dollars, and you would like to start later. Is that right?
            > correct
            ~ qualify_lead {"answers":{"owns_house":false,"monthly_bill":250,"start":"later","name":"Maria Garcia","phone":"5551234568"}}
            < Great, that sounds like a good fit. A consultant will call you within two working days. Is there anything else I can do for you?
            > bye
            < Thank you for your time. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "no time for questions",
            #"""
            > no
            < Is there anything else I can do for you?
            > nothing
            < Thank you for your time. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "too few digits",
            #"""
            > yes
            < Great, thank you. Do you own the house you live in?
            > yes
            < All right. About how many dollars is your electricity bill each month?
            > 80
            < Okay. When would you like to start: within three months, within a year, or later?
            > within a year
            < Thank you. And what is your name, please?
            > Anna Miller
            < All right. What is the best number to reach you?
            > one two three
            < Yes, go on.
            > 
            < Sorry, could you say the number again, digit by digit?
            > 555 123 4567
            < All right. Let me read that back: Anna Miller, at five five five, one two three, four five six seven. Your own house: yes. A bill of about eighty dollars, and you would like to start within a year. Is that right?
            > yes
            ~ qualify_lead {"answers":{"owns_house":true,"monthly_bill":80,"start":"within a year","name":"Anna Miller","phone":"5551234567"}}
            < Great, that sounds like a good fit. A consultant will call you within two working days. Is there anything else I can do for you?
            > bye
            < Thank you for your time. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "an order",
            #"""
            > yes
            < Sure. What is your order number? It has five digits.
            > one two three four five
            ~ lookup_order {"number":"12345"}
            < Your order one two three, four five, a cookbook, is on its way. It should be with you on Thursday. Is there anything else I can do for you?
            > no that's all
            < Thank you for calling Maple Street Books. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "two orders",
            #"""
            > where is my order 12345
            ~ lookup_order {"number":"12345"}
            < Your order one two three, four five, a cookbook, is on its way. It should be with you on Thursday. Is there anything else I can do for you?
            > yes, and 23456
            ~ lookup_order {"number":"23456"}
            < Your order two three four, five six, two crime novels, is being packed. It leaves our store tomorrow morning. Is there anything else I can do for you?
            > no
            < Thank you for calling Maple Street Books. Goodbye.
            ~ end_call {}
            """#
        ),
        (
            "an order that is not there",
            #"""
            > where is my order
            < Sure. What is your order number? It has five digits.
            > 99999
            ~ lookup_order {"number":"99999"}
            < I can't find an order with the number nine nine nine, nine nine. What is your order number? It has five digits.
            > nine nine nine nine eight
            ~ lookup_order {"number":"99998"}
            < I can't find an order with the number nine nine nine, nine eight. What is your order number? It has five digits.
            > nine nine
            < Yes, go on.
            > nine nine nine nine seven
            ~ lookup_order {"number":"99997"}
            < I can't find an order with the number nine nine nine, nine seven. Shall I put you through to a person?
            > yes
            < All right, I'll put you through to one of our booksellers. One moment, please.
            ~ escalate_to_human {"reason":"order not found"}
            """#
        ),
        (
            "a question after an order",
            #"""
            > my order is double five five one two
            ~ lookup_order {"number":"55512"}
            < Your order five five five, one two, a poetry collection, is out for delivery. It arrives today before six. Is there anything else I can do for you?
            > how do I return a book
            < You can send any book back within thirty days. A label is in the parcel. Is there anything else I can do for you?
            > thanks
            < Thank you for calling Maple Street Books. Goodbye.
            ~ end_call {}
            """#
        ),
    ]
}
