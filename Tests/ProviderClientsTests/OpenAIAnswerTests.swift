import Providers
import Testing

@testable import ProviderClients

@Suite("An answer's bytes become events", .serialized)
struct OpenAIAnswerTests {
    private struct Reading: Equatable {
        var events: [ModelEvent] = []
        var error: ProviderError?
    }

    private func read(_ pieces: [ArraySlice<UInt8>], taken: Set<String> = []) -> Reading {
        var answer = ChatAnswer(takenIDs: taken, offersTools: true)
        var reading = Reading()
        do throws(ProviderError) {
            for piece in pieces {
                guard try answer.read(Array(piece), into: &reading.events) != .over else { break }
            }
            try answer.end(into: &reading.events)
        } catch { reading.error = error }
        return reading
    }

    @Test("Every server's answer means the same cut anywhere", arguments: AnswerFixture.all)
    func anySplit(fixture: AnswerFixture) async {
        let bytes = Array(fixture.body.utf8)
        let whole = read([bytes[...]])
        #expect(whole == Reading(events: fixture.events))
        #expect(read(bytes.indices.map { bytes[$0...$0] }) == whole)
        for cut in bytes.indices {
            // Whole seconds of work on a small machine, beside tests with deadlines.
            await Task.yield()
            let reading = read([bytes[..<cut], bytes[cut...]])
            if reading != whole { Issue.record("cut at \(cut): \(reading)") }
        }
    }

    @Test("An answer that fails does so by the same error cut anywhere", arguments: AnswerFixture.failing.indices)
    func failing(index: Int) async {
        let fixture = AnswerFixture.failing[index]
        let bytes = Array(fixture.body.utf8)
        for cut in [0] + Array(bytes.indices) {
            await Task.yield()
            let error = read([bytes[..<cut], bytes[cut...]]).error
            #expect(
                error?.kind == fixture.kind && error?.isRetryable == fixture.isRetryable,
                "\(fixture.name), cut at \(cut)")
        }
    }

    @Test("Text that came before the failure is told before it")
    func textBeforeFailure() {
        let body = Array("data: \(AnswerFixture.chunk(#"{"content":"Hi"}"#))\n\n".utf8)
        #expect(read([body[...]]).events == [.text("Hi")])
    }

    @Test("An id that the conversation has already becomes another")
    func uniqueIDs() {
        let fixture = AnswerFixture.all[1]
        let reading = read([Array(fixture.body.utf8)[...]], taken: ["call_A", "call_3"])
        let ids = reading.events.compactMap { if case .toolCall(let call) = $0 { call.id } else { nil } }
        #expect(ids.count == 2 && Set(ids + ["call_A", "call_3"]).count == 4)
    }

    @Test("Without tools on offer, text is said whatever it looks like")
    func noGuardWithoutTools() throws {
        var answer = ChatAnswer(offersTools: false)
        var events: [ModelEvent] = []
        let chunk = AnswerFixture.chunk(#"{"content":"<function=x>"}"#)
        _ = try answer.read(Array("data: \(chunk)\n\n".utf8), into: &events)
        #expect(events == [.text("<function=x>")])
    }

    @Test("The last usage counts")
    func usage() throws {
        var answer = ChatAnswer(offersTools: false)
        var events: [ModelEvent] = []
        let lines = [1, 7].map {
            #"data: {"choices":[{"index":0,"delta":{}}],"usage":{"prompt_tokens":\#($0),"completion_tokens":\#($0 + 1),"prompt_tokens_details":{"cached_tokens":3}}}"#
                + "\n\n"
        }
        _ = try answer.read(Array((lines.joined() + "data: [DONE]\n\n").utf8), into: &events)
        var wanted = OpenAIModel.Usage()
        (wanted.promptTokens, wanted.completionTokens, wanted.cachedTokens) = (7, 8, 3)
        #expect(answer.usage == wanted)
    }

    @Test("An answer without end is cut off")
    func tooLong() {
        let line = Array("data: \(AnswerFixture.chunk(#"{"content":"Hi"}"#))\n\n".utf8)
        let count = ChatAnswer.mostBytes / line.count + 1
        #expect(read(Array(repeating: line[...], count: count)).error?.kind == .malformed)
    }
}
