import CallStore
import Testing

@Suite struct CSVTests {
    func fields(_ text: String) throws -> [[String]] { try CSV.records(Array(text.utf8)).map(\.fields) }

    @Test(arguments: [
        "a,b\r\nc,d\r\n", "a,b\nc,d\n", "a,b\rc,d\r", "a,b\r\nc,d", "\u{FEFF}a,b\nc,d", "\n\na,b\r\n\r\nc,d\n\n",
    ])
    func everyLineEndAndAByteOrderMarkAreTaken(text: String) throws {
        #expect(try fields(text) == [["a", "b"], ["c", "d"]])
    }

    @Test func quotesHoldCommasLineBreaksAndQuotes() throws {
        #expect(
            try fields("\"a,b\",\"c\r\nd\",\"say \"\"hi\"\"\"\r\n\"\",x") == [
                ["a,b", "c\r\nd", "say \"hi\""], ["", "x"],
            ])
    }

    @Test func spacesAndEmptyFieldsAreKept() throws {
        #expect(try fields(" a , ,\n,,") == [[" a ", " ", ""], ["", "", ""]])
    }

    @Test func nothingIsNoRecord() throws {
        #expect(try fields("") == [])
        #expect(try fields("\u{FEFF}\r\n") == [])
    }

    @Test func recordsKnowTheirLineAlsoBehindQuotedLineBreaks() throws {
        let records = try CSV.records(Array("a\n\"b\r\nb\rb\nb\"\r\n\nc".utf8))
        #expect(records.map(\.line) == [1, 2, 7])
    }

    @Test(arguments: [
        ("a\nb,\"c", 2, "a quote that is never closed"),
        ("a\n\n\"c\"d", 3, "text behind a closing quote"),
        ("a\nb\"c", 2, "a quote inside a field that does not begin with one"),
        ("\"a\n\n", 1, "a quote that is never closed"),
    ])
    func whatIsNoCSVIsNamedWithItsLine(text: String, line: Int, reason: String) {
        #expect(throws: CSV.Trouble.self) { try fields(text) }
        do {
            _ = try CSV.records(Array(text.utf8))
        } catch {
            #expect(error.line == line)
            #expect(error.reason == reason)
        }
    }

    @Test func bytesThatAreNotTextAreNamedWithTheirLine() {
        #expect(throws: CSV.Trouble.self) { try CSV.records([0x61, 0x0A, 0xFF, 0xFE]) }
    }

    /// Whatever fields there are, quoting all of them and reading them back gives them again.
    @Test func everyTableThatIsWrittenWithQuotesIsReadBack() throws {
        let alphabet = ["a", ",", "\"", "\r", "\n", "\r\n", "é", " ", ""]
        for first in alphabet {
            for second in alphabet {
                for third in alphabet {
                    let table = [[first + second, third], [third + first, second + "x"]]
                    let text = table.map { row in
                        row.map {
                            "\""
                                + $0.split(separator: "\"", omittingEmptySubsequences: false)
                                .joined(separator: "\"\"") + "\""
                        }.joined(separator: ",")
                    }.joined(separator: "\r\n")
                    // A record of one empty field would be an empty line; these have two.
                    #expect(try fields(text) == table, "\(table)")
                }
            }
        }
    }
}
