import Telephony
import TestSupport
import Testing

@Suite struct FormFieldsTests {
    @Test func fieldsAreReadInOrderWithTheirEscapesResolved() throws {
        let form = try FormFields(parsing: "To=%2B15005550010&Body=na%c3%afve+1%2B1&Empty=&Bare&To=b=c")
        #expect(form == ["To": "+15005550010", "Body": "naïve 1+1", "Empty": "", "Bare": "", "To": "b=c"])
        #expect(form["To"] == "+15005550010")
        #expect(form["to"] == nil)
        #expect(form.values(of: "To") == ["+15005550010", "b=c"])
    }

    @Test func nothingAndEmptyPiecesAreNoFields() throws {
        #expect(try FormFields(parsing: "").fields.isEmpty)
        #expect(try FormFields(parsing: "&&a=1&&") == ["a": "1"])
    }

    @Test func aBadEscapeIsAnErrorWithItsPlace() {
        for (text, offset) in [("a=%", 2), ("a=1%4", 3), ("%zz=1", 0), ("a=%4&1=2", 2), ("a=%%41", 2)] {
            #expect(throws: FormFields.Failure.badEscape(offset: offset), "\(text)") { try FormFields(parsing: text) }
        }
    }

    @Test func whatIsNotUTF8IsAnError() {
        #expect(throws: FormFields.Failure.notUTF8(field: 1)) { try FormFields(parsing: "a=1&b=%ff") }
        #expect(throws: FormFields.Failure.notUTF8(field: 0)) { try FormFields(parsing: "%c3=1") }
    }

    @Test func twoHundredFieldsAreReadAndOneMoreIsNot() throws {
        let full = Array(repeating: "a=1", count: 200).joined(separator: "&")
        #expect(try FormFields(parsing: full).fields.count == 200)
        #expect(throws: FormFields.Failure.tooManyFields(most: 200)) { try FormFields(parsing: full + "&b=2") }
    }

    @Test func sixtyFourKilobytesAreReadAndOneByteMoreIsNot() throws {
        let full = "a=" + String(repeating: "x", count: 65_534)
        #expect(try FormFields(parsing: full)["a"]?.utf8.count == 65_534)
        #expect(throws: FormFields.Failure.tooLong(mostBytes: 65_536)) { try FormFields(parsing: full + "x") }
    }

    @Test func whatIsEncodedIsReadBack() throws {
        let form: FormFields = ["To": "+1 (500)", "Ünï": "a&b=c%d\r\n\u{0}", "": "", "To": "*-._~"]
        #expect(form.encoded.hasPrefix("To=%2B1+%28500%29&"))
        #expect(try FormFields(parsing: form.encoded) == form)
    }

    @Test func randomBytesAreReadOrRefused() async {
        var random = SplitMix64(seed: 9)
        let alphabet = Array("&=%+aF0\u{C3}\u{A9}".utf8) + [0xFF, 0]
        for round in 0..<20_000 {
            let bytes = (0..<Int(random.next() % 30)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
            if round % 100 == 0 { await Task.yield() }
            guard let form = try? FormFields(parsing: bytes.span) else { continue }
            let again = try? FormFields(parsing: form.encoded)
            // A field that is empty all through cannot be told from none.
            #expect(again == form, "round \(round): \(bytes)")
        }
    }
}
