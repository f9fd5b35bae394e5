import AgentFile
import CallRuntime
import CallStore
import Conversation
import Foundation
import Providers
import Testing

/// The built-in tools, through the JSON that a model sends and gets.
@Suite struct ToolTests {
    let store: CallStore
    let folder: ToolTestFolder
    /// A Monday, nine o'clock.
    let now: CivilDateTime
    let hours: OpeningHours
    /// The house is theirs, the bill at least 80, and they start within a year.
    let criteria: [AgentFile.LeadCriterion]

    init() throws {
        folder = try ToolTestFolder()
        store = try CallStore(folder: folder.path)
        now = try #require(CivilDateTime("2026-03-02T09:00:00"))
        let day = [
            OpeningHours.Range(fromMinute: 540, toMinute: 720), OpeningHours.Range(fromMinute: 780, toMinute: 1_020),
        ]
        hours = OpeningHours(days: Array(repeating: day, count: 5) + [[], []])
        criteria = try Self.example("lead-qualifier").leadCriteria
    }

    var book: AppointmentBook {
        AppointmentBook(store: store, calendar: "desk", openingHours: hours, slotMinutes: 30)
    }

    func run(_ tool: some CallTool, _ arguments: String, call: String = "1") async throws -> String {
        try await tool.run(arguments, context: ToolContext(callID: "call", toolCallID: call, now: now))
    }

    // MARK: check_availability

    @Test(arguments: [
        ("2026-03-03", "09:00", #"{"available":true}"#),
        ("2026-03-02", "09:00", #"{"available":true}"#),
        ("2026-03-03", "16:30", #"{"available":true}"#),
        // Too early, at noon, over after closing time, on a Sunday.
        (
            "2026-03-03", "08:30",
            #"{"available":false,"reason":"closed","alternatives":["2026-03-03T09:00","2026-03-03T09:30","2026-03-03T10:00"]}"#
        ),
        (
            "2026-03-03", "12:00",
            #"{"available":false,"reason":"closed","alternatives":["2026-03-03T11:00","2026-03-03T11:30","2026-03-03T13:00"]}"#
        ),
        (
            "2026-03-03", "16:45",
            #"{"available":false,"reason":"closed","alternatives":["2026-03-03T15:30","2026-03-03T16:00","2026-03-03T16:30"]}"#
        ),
        (
            "2026-03-08", "10:00",
            #"{"available":false,"reason":"closed","alternatives":["2026-03-09T09:00","2026-03-09T09:30","2026-03-09T10:00"]}"#
        ),
        (
            "2026-03-03", "09:20",
            #"{"available":false,"reason":"off_grid","alternatives":["2026-03-03T09:00","2026-03-03T09:30","2026-03-03T10:00"]}"#
        ),
        (
            "2026-03-01", "10:00",
            #"{"available":false,"reason":"past","alternatives":["2026-03-02T09:00","2026-03-02T09:30","2026-03-02T10:00"]}"#
        ),
    ])
    func aTimeIsFreeOrRefusedWithTheNearestFreeTimes(date: String, time: String, answer: String) async throws {
        #expect(try await run(CheckAvailability(book: book), #"{"date":"\#(date)","time":"\#(time)"}"#) == answer)
    }

    @Test func aBookedTimeIsTakenAndNotOffered() async throws {
        for (index, time) in ["09:30", "10:00"].enumerated() {
            _ = try await run(
                BookAppointment(book: book), #"{"date":"2026-03-03","time":"\#(time)","name":"Ann"}"#, call: "\(index)")
        }
        let answer = try await run(CheckAvailability(book: book), #"{"date":"2026-03-03","time":"10:00"}"#)
        #expect(
            answer == #"{"available":false,"reason":"taken","alternatives":"#
                + #"["2026-03-03T09:00","2026-03-03T10:30","2026-03-03T11:00"]}"#)
    }

    @Test func aPlaceThatNeverOpensOffersNothing() async throws {
        var book = book
        book.openingHours = OpeningHours()
        let answer = try await run(CheckAvailability(book: book), #"{"date":"2026-03-03","time":"10:00"}"#)
        #expect(answer == #"{"available":false,"reason":"closed","alternatives":[]}"#)
    }

    /// The offers are those that a search through every minute of the week before and after finds.
    @Test func theTimesOfferedAreTheNearestFreeOnes() async throws {
        for (index, time) in ["11:00", "13:00", "14:30"].enumerated() {
            _ = try await run(
                BookAppointment(book: book), #"{"date":"2026-03-04","time":"\#(time)","name":"A"}"#, call: "\(index)")
        }
        let wednesday = try #require(CivilDateTime("2026-03-04"))
        for minute in stride(from: 0, to: 1_440, by: 45) {
            let wanted = wednesday.adding(minutes: minute)
            var free: [(distance: Int, time: CivilDateTime)] = []
            for offset in -2_880...2_880 {
                let time = wanted.adding(minutes: offset)
                if try await isFree(time) { free.append((abs(offset), time)) }
            }
            let nearest = free.sorted { ($0.distance, $0.time) < ($1.distance, $1.time) }.prefix(3).map(\.time)
            #expect(try await book.alternatives(to: wanted, now: now) == nearest.sorted(), "\(wanted)")
        }
    }

    /// Spares the store a question for what is refused anyway.
    private func isFree(_ time: CivilDateTime) async throws -> Bool {
        guard book.refusal(time, now: now) == nil else { return false }
        return try await book.availability(time, now: now) == nil
    }

    // MARK: book_appointment

    @Test func aFreeTimeIsBooked() async throws {
        let arguments = #"{"date":"2026-03-03","time":"15:30","name":" Anna Miller "}"#
        #expect(try await run(BookAppointment(book: book), arguments) == #"{"booked":true,"id":"b1"}"#)
        let made = try await store.bookings()
        #expect(made.map(\.name) == ["Anna Miller"])
        #expect(made.map(\.start.description) == ["2026-03-03T15:30:00"])
        #expect(made.map(\.minutes) == [30])
    }

    @Test func theSameToolCallTwiceBooksOnceAndAnswersTheSame() async throws {
        let arguments = #"{"date":"2026-03-03","time":"15:30","name":"Anna"}"#
        let first = try await run(BookAppointment(book: book), arguments)
        #expect(try await run(BookAppointment(book: book), arguments) == first)
        #expect(try await store.bookings().count == 1)
    }

    /// A model that was interrupted says things twice; its own booking must not stand in its way.
    @Test func anotherToolCallOfTheSameCallWithTheSameArgumentsGetsItsBooking() async throws {
        let tool = BookAppointment(book: book)
        let first = try await run(tool, #"{"date":"2026-03-03","time":"15:30","name":"Anna"}"#, call: "1")
        let again = #"{"time":"15:30","name":" anna ","date":"2026-03-03"}"#
        #expect(try await run(tool, again, call: "2") == first)
        // Also when the time has come meanwhile.
        let later = ToolContext(callID: "call", toolCallID: "3", now: now.adding(days: 2))
        #expect(try await tool.run(again, context: later) == first)
        #expect(try await store.bookings().count == 1)
    }

    @Test(arguments: [("call", "Bob"), ("other", "Anna")])
    func somebodyElseForTheSameTimeIsRefused(call: String, name: String) async throws {
        let tool = BookAppointment(book: book)
        _ = try await run(tool, #"{"date":"2026-03-03","time":"15:30","name":"Anna"}"#, call: "1")
        #expect(
            try await tool.run(
                #"{"date":"2026-03-03","time":"15:30","name":"\#(name)"}"#,
                context: ToolContext(callID: call, toolCallID: "2", now: now))
                == #"{"booked":false,"reason":"taken","alternatives":"#
                + #"["2026-03-03T14:30","2026-03-03T15:00","2026-03-03T16:00"]}"#)
    }

    @Test(arguments: [
        ("2026-02-30", "10:00", "Ann", "invalid"), ("2026-03-03", "25:00", "Ann", "invalid"),
        ("2026-03-03", "10:00", "  ", "invalid"), ("2026-03-07", "10:00", "Ann", "closed"),
        ("2026-03-03", "10:01", "Ann", "off_grid"), ("2026-03-02", "08:59", "Ann", "past"),
    ])
    func whatCannotBeBookedIsRefused(date: String, time: String, name: String, reason: String) async throws {
        let answer = try await run(
            BookAppointment(book: book), #"{"date":"\#(date)","time":"\#(time)","name":"\#(name)"}"#)
        #expect(answer.hasPrefix(#"{"booked":false,"reason":"\#(reason)","alternatives":["#))
        #expect(try await store.bookings().isEmpty)
    }

    @Test func whatASecondCallIsToldMeanwhileDoesNotMatterToTheFirst() async throws {
        let tool = BookAppointment(book: book)
        let arguments = #"{"date":"2026-03-03","time":"10:00","name":"Ann"}"#
        let now = now
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for call in 0..<16 {
                group.addTask {
                    try await tool.run(arguments, context: .init(callID: "\(call)", toolCallID: "1", now: now))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.filter { $0.hasPrefix(#"{"booked":true"#) }.count == 1)
        #expect(answers.filter { $0.contains(#""reason":"taken""#) }.count == 15)
    }

    // MARK: qualify_lead

    var qualify: QualifyLead { QualifyLead(store: store, agent: "Solar", criteria: criteria) }

    @Test(arguments: [
        #"{"answers":{"owns_house":true,"monthly_bill":80,"start":"Within a year"}}"#,
        #"{"answers":{"owns_house":"yes","monthly_bill":"about $1,200 a month","start":"within three months"}}"#,
        #"{"answers":{"owns_house":"Yes","monthly_bill":"80.","start":" within a year ","extra":null}}"#,
    ])
    func answersThatMeetEveryCriterionQualify(arguments: String) async throws {
        #expect(try await run(qualify, arguments) == #"{"qualified":true,"reasons":[]}"#)
        #expect(try await store.leads().map(\.isQualified) == [true])
    }

    @Test func eachCriterionThatIsNotMetIsAReason() async throws {
        let answer = try await run(
            qualify, #"{"answers":{"owns_house":false,"monthly_bill":79.5,"name":"Ann","phone":"5550100"}}"#)
        #expect(
            answer == #"{"qualified":false,"reasons":["owns_house: given no, wanted yes","#
                + #""monthly_bill: given 79.5, wanted at least 80","#
                + #""start: not answered, wanted within three months or within a year"]}"#)
        let lead = try #require(try await store.leads().first)
        #expect(lead.name == "Ann")
        #expect(lead.answers == ["owns_house": "no", "monthly_bill": "79.5", "name": "Ann", "phone": "5550100"])
    }

    @Test func withoutCriteriaEveryLeadIsAGoodOne() async throws {
        let tool = QualifyLead(store: store, agent: "Any", criteria: [])
        #expect(try await run(tool, #"{"answers":{}}"#) == #"{"qualified":true,"reasons":[]}"#)
    }

    @Test func aLeadIsStoredOnceAToolCall() async throws {
        _ = try await run(qualify, #"{"answers":{"owns_house":true}}"#)
        _ = try await run(qualify, #"{"answers":{"owns_house":true}}"#)
        #expect(try await store.leads().count == 1)
    }

    @Test func aLeadIsStoredOnceACallAndItsAnswers() async throws {
        let first = try await run(qualify, #"{"answers":{"owns_house":true,"name":"Ann"}}"#, call: "1")
        #expect(try await run(qualify, #"{"answers":{"name":"Ann","owns_house":"yes"}}"#, call: "2") == first)
        #expect(try await store.leads().count == 1)
        _ = try await run(qualify, #"{"answers":{"name":"Ann","owns_house":"no"}}"#, call: "3")
        #expect(try await store.leads().count == 2)
    }

    @Test func theSlotsOfTheCriteriaAreToldToTheModel() throws {
        #expect(qualify.description.parametersJSON.contains("owns_house, monthly_bill, start, name"))
    }

    // MARK: lookup_order, escalate_to_human, send_dtmf

    @Test(arguments: [#"{"number":"12345"}"#, #"{"number":12345}"#, #"{"number":"1 2 3 4 5"}"#])
    func anOrderIsFoundByItsNumber(arguments: String) async throws {
        let rows = [["12345", #"a "book""#, "sent"]]
        let sheet = OrderSheet(key: "number", columns: ["number", "item", "status"], rows: rows)
        try await store.replaceOrders(sheet, catalogue: "shop")
        let tool = LookupOrder(store: store, catalogue: "shop")
        #expect(
            try await run(tool, arguments)
                == #"{"found":true,"order":{"number":"12345","item":"a \"book\"","status":"sent"}}"#)
        #expect(try await run(tool, #"{"number":"99999"}"#) == #"{"found":false}"#)
    }

    @Test(arguments: [true, false])
    func aWishForAPersonIsStoredAndAnswered(isSomeoneThere: Bool) async throws {
        let tool = EscalateToHuman(store: store, isSomeoneThere: isSomeoneThere)
        #expect(try await run(tool, #"{"reason":"billing"}"#) == #"{"accepted":\#(isSomeoneThere)}"#)
        #expect(try await store.handoffs().map(\.reason) == ["billing"])
        #expect(try await store.handoffs().map(\.isAccepted) == [isSomeoneThere])
    }

    @Test func aWishForAPersonIsKeptOnceWithItsSummary() async throws {
        let tool = EscalateToHuman(store: store, isSomeoneThere: true)
        let arguments = #"{"reason":"billing","summary":"Paid twice.\nWants it back."}"#
        for call in ["1", "2"] { #expect(try await run(tool, arguments, call: call) == #"{"accepted":true}"#) }
        #expect(try await store.handoffs().map(\.summary) == ["Paid twice. Wants it back."])
        _ = try await run(tool, #"{"reason":"billing","summary":" "}"#, call: "3")
        #expect(try await store.handoffs().map(\.summary) == ["Paid twice. Wants it back.", nil])
        #expect(
            try await run(tool, #"{"reason":"billing","summary":[]}"#, call: "4")
                == #"{"error":"summary: given [], allowed a text"}"#)
    }

    @Test(arguments: ["12#", "0123456789ABCD*#w", String(repeating: "1", count: 32), "ww1"])
    func keysThatCanBePressedAreAnswered(digits: String) async throws {
        #expect(try await run(SendDTMF(), #"{"digits":"\#(digits)"}"#) == #"{"sent":true,"digits":"\#(digits)"}"#)
    }

    @Test(arguments: ["", "ww", "1 2", "1a", "E", "+1", "１", String(repeating: "1", count: 33)])
    func keysThatCannotBePressedAreRefused(digits: String) async throws {
        let answer = try await run(SendDTMF(), #"{"digits":"\#(digits)"}"#)
        #expect(answer.hasPrefix(#"{"error":"digits: given "#), "\(answer)")
        #expect(answer.hasSuffix(#", allowed 1 to 32 of 0-9, A-D, *, # and w for a pause"}"#), "\(answer)")
    }

    // MARK: What cannot be read

    @Test(arguments: [
        ("", "arguments: given nothing, allowed a JSON object"),
        ("[1]", "arguments: given [1], allowed a JSON object"),
        (#"{"date":"#, #"arguments: given {\"date\":, allowed a JSON object"#),
        (#"{"time":"10:00","name":"A"}"#, "date: missing"),
        (#"{"date":null,"time":"10:00","name":"A"}"#, "date: missing"),
        (#"{"date":"2026-03-03","name":"A"}"#, "time: missing"),
        (#"{"date":"2026-03-03","time":"10:00"}"#, "name: missing"),
        (#"{"date":"2026-03-03","time":"10:00","name":{}}"#, "name: given {}, allowed a text"),
        (#"{"date":"3 March","time":"10:00","name":"A"}"#, "date: given 3 March, allowed YYYY-MM-DD"),
        (#"{"date":"2026-03-03","time":"9:00","name":"A"}"#, "time: given 9:00, allowed HH:MM"),
        (#"{"date":"2026-03-03","time":true,"name":"A"}"#, "time: given true, allowed a text"),
    ])
    func whatCannotBeReadIsAnErrorThatNamesTheField(arguments: String, error: String) async throws {
        #expect(try await run(BookAppointment(book: book), arguments) == #"{"error":"\#(error)"}"#)
    }

    @Test func theOtherToolsNameTheirFieldsToo() async throws {
        #expect(try await run(qualify, "{}") == #"{"error":"answers: missing"}"#)
        #expect(
            try await run(qualify, #"{"answers":{"a":[1]}}"#)
                == #"{"error":"answers.a: given [1], allowed a text, number or yes/no"}"#)
        #expect(
            try await run(LookupOrder(store: store, catalogue: "s"), "{}") == #"{"error":"number: missing"}"#)
        #expect(
            try await run(EscalateToHuman(store: store, isSomeoneThere: true), "{}") == #"{"error":"reason: missing"}"#)
        #expect(
            try await run(CheckAvailability(book: book), #"{"date":"2026-02-30","time":"10:00"}"#)
                == #"{"error":"date, time: there is no such date or time"}"#)
    }

    @Test func hugeAndDeepArgumentsAreRefused() async throws {
        let deep = String(repeating: "[", count: 20_000) + String(repeating: "]", count: 20_000)
        for text in [#"{"number":\#(deep)}"#, #"{"number":"\#(String(repeating: "1", count: 70_000))"}"#] {
            let answer = try await run(LookupOrder(store: store, catalogue: "s"), text)
            #expect(answer.hasPrefix(#"{"error":"arguments: given "#))
        }
    }

    @Test func aStoreThatCannotBeUsedIsAProvidersError() async throws {
        try store.close()
        await #expect(throws: ProviderError.self) {
            try await run(EscalateToHuman(store: store, isSomeoneThere: true), #"{"reason":"x"}"#)
        }
    }

    // MARK: All of them

    @Test func schemasOfArgumentsAreJSON() throws {
        let tools: [any CallTool] = [
            CheckAvailability(book: book), BookAppointment(book: book), qualify,
            LookupOrder(store: store, catalogue: "s"), EscalateToHuman(store: store, isSomeoneThere: true), SendDTMF(),
        ]
        for tool in tools {
            let schema = try JSONSerialization.jsonObject(with: Data(tool.description.parametersJSON.utf8))
            let fields = try #require(schema as? [String: Any])
            let properties = try #require(fields["properties"] as? [String: Any])
            #expect(
                Set(try #require(fields["required"] as? [String])) == Set(properties.keys).subtracting(["summary"]),
                "\(tool.description.name)")
        }
    }

    @Test(arguments: ["appointment-desk", "lead-qualifier", "order-status", "world"])
    func anAgentGetsTheToolsItsFileAsksFor(example: String) async throws {
        let agent = try Self.example(example)
        let tools = try await BuiltInTools.make(for: agent, store: store)
        #expect(tools.map(\.description.name) == agent.tools.filter { $0 != "end_call" })
        if example == "order-status" {
            let answer = try await run(LookupOrder(store: store, catalogue: agent.name), #"{"number":"12345"}"#)
            #expect(answer.hasPrefix(#"{"found":true,"order":{"number":"12345","#))
        }
    }
}

extension ToolTests {
    static func example(_ name: String) throws -> AgentFile {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try AgentFile.load(path: root.path + "/Examples/\(name).yaml")
    }
}

/// A folder of its own for one test; gone with the value.
final class ToolTestFolder {
    let path: String

    init() throws {
        var template = Array((NSTemporaryDirectory() + "/parley-tools-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
