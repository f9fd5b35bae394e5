import Testing

@testable import ProviderClients

@Suite("Server-sent events", .serialized)
struct SSEDecoderTests {
    private static let fixtures: [(body: String, events: [String])] = [
        ("data: {\"a\":1}\n\ndata: [DONE]\n\n", ["{\"a\":1}", "[DONE]"]),
        ("data:{\"a\":1}\r\n\r\ndata:  two spaces\r\n\r\n", ["{\"a\":1}", " two spaces"]),
        ("data: a\r\rdata: b\r\r", ["a", "b"]),
        (": ping\ndata: Zoë says 漢字 🎉\n: ping\n\n", ["Zoë says 漢字 🎉"]),
        ("event: error\ndata: x\nid: 7\nretry: 10\nfoo: bar\n\n", ["error|x"]),
        ("data: one\ndata: two\ndata\n\n", ["one\ntwo\n"]),
        (
            "\u{FEFF}data: after a mark\n\n\n\n\ndata: last without a blank line",
            ["after a mark", "last without a blank line"]
        ),
        ("nonsense\n\n: only a comment\n\n", []),
    ]

    private func decode(_ pieces: [ArraySlice<UInt8>]) throws -> [String] {
        var decoder = ServerSentEvents()
        var events: [ServerSentEvents.Event] = []
        for piece in pieces { try decoder.append(Array(piece), into: &events) }
        try decoder.finish(into: &events)
        return events.map { ($0.name.isEmpty ? "" : $0.name + "|") + String(decoding: $0.data, as: UTF8.self) }
    }

    @Test("Each body gives the same events whole, cut in two or three anywhere, and byte by byte", arguments: 0..<8)
    func anySplit(index: Int) async throws {
        let (body, wanted) = Self.fixtures[index]
        let bytes = Array(body.utf8)
        #expect(try decode([bytes[...]]) == wanted)
        #expect(try decode(bytes.indices.map { bytes[$0...$0] }) == wanted)
        for cut in bytes.indices {
            await Task.yield()
            #expect(try decode([bytes[..<cut], bytes[cut...]]) == wanted, "cut at \(cut)")
            let later = min(bytes.count, cut + 2)
            #expect(
                try decode([bytes[..<cut], bytes[cut..<later], bytes[later...]]) == wanted, "cut at \(cut), \(later)")
        }
    }

    @Test("A line of 256 KiB passes, and one byte more is refused, whole or in pieces")
    func bounds() throws {
        let fitting = Array("data: ".utf8) + [UInt8](repeating: 0x61, count: 256 * 1_024 - 6)
        #expect(try decode([fitting[...], [0x0A, 0x0A]]).first?.utf8.count == 256 * 1_024 - 6)
        #expect(throws: ServerSentEvents.TooLong.self) { try decode([(fitting + [0x61, 0x0A])[...]]) }
        #expect(throws: ServerSentEvents.TooLong.self) { try decode([fitting[...], [0x61]]) }
        let long = Array("data: ".utf8) + [UInt8](repeating: 0x61, count: 200_000) + [0x0A]
        #expect(throws: ServerSentEvents.TooLong.self) { try decode([long[...], long[...]]) }
    }
}
