import CallStore
import Foundation
import Providers
import Testing

/// Leads, calls, handoffs and orders.
@Suite struct RecordTests {
    let folder: TemporaryFolder
    let store: CallStore
    let now: CivilDateTime

    init() throws {
        folder = try TemporaryFolder()
        store = try CallStore(folder: folder.path)
        now = try #require(CivilDateTime("2026-03-02T09:00:30"))
    }

    func context(_ toolCall: String) -> ToolContext { ToolContext(callID: "call", toolCallID: toolCall, now: now) }

    @Test func aLeadIsStoredWithItsAnswersAndReasons() async throws {
        let lead = try await store.addLead(
            agent: "Solar", isQualified: false, name: "Ann", answers: ["bill": "60", "name": "Ann"],
            reasons: ["bill: given 60, wanted at least 80"], context: context("1"))
        #expect(lead.id == "l1")
        #expect(lead.madeAt == now)
        #expect(try await store.leads() == [lead])
    }

    @Test func theSameToolCallTwiceStoresOneLead() async throws {
        let first = try await store.addLead(
            agent: "Solar", isQualified: true, name: "Ann", answers: [:], reasons: [], context: context("1"))
        let second = try await store.addLead(
            agent: "Solar", isQualified: false, name: "Bob", answers: [:], reasons: ["x"], context: context("1"))
        #expect(second == first)
        #expect(try await store.leads() == [first])
    }

    @Test func aCallIsKnownFromItsBeginningToItsEnd() async throws {
        try await store.callBegan(id: "c1", agent: "Desk", at: now)
        try await store.callBegan(id: "c1", agent: "Other", at: now.adding(days: 1))
        let running = try #require(try await store.calls().first)
        #expect((running.id, running.agent, running.started) == ("c1", "Desk", now))
        #expect(running.outcome == nil)
        #expect(try await store.callEnded(id: "c1", outcome: "goodbye", transcriptPath: "/c1/transcript.json"))
        #expect(try await store.calls().map(\.outcome) == ["goodbye"])
        #expect(try await store.calls().map(\.transcriptPath) == ["/c1/transcript.json"])
        #expect(try await store.callEnded(id: "c2", outcome: "goodbye") == false)
    }

    @Test func aWishForAPersonIsStoredOnce() async throws {
        let first = try await store.addHandoff(reason: "billing", isAccepted: false, context: context("1"))
        #expect(try await store.addHandoff(reason: "again", isAccepted: true, context: context("1")) == first)
        #expect(try await store.handoffs() == [first])
    }

    @Test func theSameLeadOfTheSameCallIsStoredOnce() async throws {
        func add(_ toolCall: String, _ bill: String) async throws -> Lead {
            try await store.addLead(
                agent: "Solar", isQualified: true, name: "", answers: ["bill": bill], reasons: [],
                context: context(toolCall))
        }
        let first = try await add("1", "60")
        #expect(try await add("2", "60") == first)
        let second = try await add("3", "80")
        #expect(second != first)
        // Its own tool call comes before the same answers of another.
        #expect(try await add("3", "60") == second)
    }

    @Test func theSameWishForAPersonInTheSameCallIsStoredOnceUnlessItsSummaryDiffers() async throws {
        let first = try await store.addHandoff(reason: "billing", isAccepted: true, context: context("1"))
        #expect(try await store.addHandoff(reason: "billing", isAccepted: true, context: context("2")) == first)
        _ = try await store.addHandoff(reason: "billing", summary: "a\nb", isAccepted: true, context: context("3"))
        #expect(try await store.handoffs().map(\.summary) == [nil, "a b"])
    }

    @Test func aHandoffKeepsThePackageOfItsToolCallOrOfTheLastOne() async throws {
        #expect(try await store.setHandoffPackage(callID: "call", toolCallID: "1", package: "{}") == false)
        _ = try await store.addHandoff(reason: "a", isAccepted: true, context: context("1"))
        _ = try await store.addHandoff(reason: "b", isAccepted: true, context: context("2"))
        #expect(try await store.setHandoffPackage(callID: "call", toolCallID: "1", package: #"{"n":1}"#))
        #expect(try await store.setHandoffPackage(callID: "call", toolCallID: "9", package: #"{"n":2}"#))
        #expect(try await store.handoffs().map(\.package) == [#"{"n":1}"#, #"{"n":2}"#])
    }

    @Test func aCallKnowsItsPartiesAndItsEnd() async throws {
        try await store.callBegan(
            id: "c1", agent: "Desk", at: now, direction: .outbound, from: "+15550100001", to: "+15550100002",
            carrierID: "CA1")
        try await store.callEnded(
            id: "c1", outcome: .handedOver, reason: "asked for\na person", at: now.adding(minutes: 2),
            duration: .microseconds(61_499_600), latencyJSON: #"{"p50":800}"#)
        // What a later note does not say stays.
        try await store.callEnded(id: "c1", outcome: .callerGone, transcriptPath: "/t.json")
        let call = try #require(try await store.call(id: "c1"))
        #expect(call.direction == .outbound)
        #expect((call.caller, call.called, call.carrierID) == ("+15550100001", "+15550100002", "CA1"))
        #expect((call.outcome, call.reason) == ("caller_gone", "asked for a person"))
        #expect(call.ended == now.adding(minutes: 2))
        #expect(call.duration == .milliseconds(61_500))
        #expect((call.latencyJSON, call.transcriptPath) == (#"{"p50":800}"#, "/t.json"))
        #expect(try await store.calls() == [call])
        #expect(try await store.call(id: "c2") == nil)
    }

    @Test func theWordsForOutcomesAreSmallAndStay() {
        #expect(
            CallOutcome.allCases.map(\.rawValue) == [
                "booked", "qualified", "unqualified", "answered", "handed_over", "caller_gone", "silence",
                "limit_reached", "voicemail_left", "machine_answered", "no_answer", "busy", "rejected", "cancelled",
                "failed",
            ])
    }

    @Test func aKeyIsClaimedOnceByWhoeverComesFirst() async throws {
        #expect(try await store.claim(key: "k", callID: "c1", at: now) == nil)
        #expect(try await store.claim(key: "k", callID: "c2", at: now) == "c1")
        #expect(try await store.claim(key: "k", callID: "c1", at: now) == "c1")
        #expect(try await store.claim(key: "other", callID: "c2", at: now) == nil)
        let stores = [store, try CallStore(folder: folder.path)]
        let now = now
        let firsts = try await withThrowingTaskGroup(of: String?.self) { group in
            for index in 0..<32 {
                group.addTask {
                    try await stores[index % 2].claim(key: "race", callID: "\(index)", at: now)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(firsts.count { $0 == nil } == 1)
        #expect(Set(firsts.compactMap(\.self)).count == 1)
    }

    // MARK: Orders

    func sheet(_ text: String) throws -> OrderSheet {
        try OrderSheet(csv: Array(text.utf8), path: "orders.csv", key: "number")
    }

    @Test func anOrderIsFoundWithItsColumnsInTheTablesOrder() async throws {
        let path = try folder.write("\u{FEFF}number,item,note\r\n12345,\"a book, old\",\r\n", to: "orders.csv")
        try await store.replaceOrders(try OrderSheet(csv: path, key: "number"), catalogue: "shop")
        let order = try #require(try await store.order(number: "12345", catalogue: "shop"))
        #expect(order.fields.map(\.column) == ["number", "item", "note"])
        #expect(order.fields.map(\.value) == ["12345", "a book, old", ""])
        #expect(try await store.order(number: "12345", catalogue: "other") == nil)
        #expect(try await store.order(number: "1234", catalogue: "shop") == nil)
    }

    @Test func anOrderIsFoundByItsLettersAndDigitsWhenOnlyOneHasThem() async throws {
        try await store.replaceOrders(try sheet("number,item\nAB-12,x\nC-3,y\nC3,z\nc.3,w\n"), catalogue: "shop")
        #expect(try await store.order(number: "ab 12", catalogue: "shop")?.number == "AB-12")
        #expect(try await store.order(number: "C3", catalogue: "shop")?.number == "C3")
        #expect(try await store.order(number: "C 3", catalogue: "shop") == nil)
        #expect(try await store.order(number: "-", catalogue: "shop") == nil)
    }

    @Test func newOrdersReplaceTheOldOnesOfTheirCatalogueOnly() async throws {
        try await store.replaceOrders(try sheet("number\n1\n2\n"), catalogue: "shop")
        try await store.replaceOrders(try sheet("number\n1\n"), catalogue: "other")
        try await store.replaceOrders(try sheet("number\n3\n"), catalogue: "shop")
        #expect(try await store.order(number: "1", catalogue: "shop") == nil)
        #expect(try await store.order(number: "3", catalogue: "shop") != nil)
        #expect(try await store.order(number: "1", catalogue: "other") != nil)
    }

    @Test func whoeverReadsWhileOrdersAreReplacedFindsThemWhole() async throws {
        let rows = (0..<200).map { ["\($0)"] }
        let sheet = OrderSheet(key: "number", columns: ["number"], rows: rows)
        try await store.replaceOrders(sheet, catalogue: "shop")
        let store = store
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for _ in 0..<10 { try await store.replaceOrders(sheet, catalogue: "shop") } }
            for number in 0..<100 {
                group.addTask {
                    let order = try await store.order(number: "\(number)", catalogue: "shop")
                    #expect(order?.number == "\(number)")
                }
            }
            try await group.waitForAll()
        }
    }

    @Test(arguments: [
        ("", "orders.csv:1: no line that names the columns"),
        ("item\nx\n", "orders.csv:1: no column number among item"),
        ("number,number\n", "orders.csv:1: every column needs a name of its own"),
        ("number,\n", "orders.csv:1: every column needs a name of its own"),
        ("number,item\n1,\"a\nb\"\n2\n", "orders.csv:4: 1 values for 2 columns"),
        ("number,item\n1,a\n\n1,b\n", "orders.csv:4: number 1 is on line 2 already"),
        ("number,item\n1,\"a\n", "orders.csv:2: a quote that is never closed"),
    ])
    func aTableThatCannotBeUsedIsNamedWithItsLine(text: String, message: String) {
        let error = #expect(throws: CallStoreError.self) { try sheet(text) }
        #expect(error?.description == message)
    }

    @Test func aTableThatIsNotThereIsNamed() {
        #expect(throws: CallStoreError.unusable(path: "/none.csv", reason: "cannot be read")) {
            try OrderSheet(csv: "/none.csv", key: "number")
        }
    }
}
