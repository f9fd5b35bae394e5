import Foundation
import Synchronization

/// What one client of a fake Deepgram has said so far, heard as loud or silent blocks of 10 ms.
///
/// Each stretch of loud audio is `text`, a word every 100 ms; 200 ms of silence end a stretch. Mu-law or linear at 8 kHz.
final class FakeEar: Sendable {
    struct Word {
        var text: String
        /// Blocks of 10 ms since the connection's first byte.
        var start: Int
        var end: Int
    }

    private struct State {
        var loud: [Bool] = []
        var rest: [UInt8] = []
        var reported = 0
        var finalEnd = 0
    }
    private let text: [String]
    private let bytesPerBlock: Int
    private let state = Mutex(State())

    init(text: String, isLinear: Bool) {
        self.text = text.split(separator: " ").map(String.init)
        bytesPerBlock = isLinear ? 160 : 80
    }

    func hear(_ bytes: [UInt8]) {
        state.withLock { state in
            state.rest += bytes
            while state.rest.count >= bytesPerBlock {
                let block = state.rest.prefix(bytesPerBlock)
                let isSilent =
                    bytesPerBlock == 80 ? block.allSatisfy { $0 & 0x7F == 0x7F } : block.allSatisfy { $0 == 0 }
                state.loud.append(!isSilent)
                state.rest.removeFirst(bytesPerBlock)
            }
        }
    }

    /// Everything that has not been in a final result yet, as a final result.
    func final(fromFinalize: Bool = true) -> String {
        state.withLock { state in
            let words = words(state.loud)
            let news = Array(words[min(state.reported, words.count)...])
            let range = (state.finalEnd, state.loud.count)
            state.reported = words.count
            state.finalEnd = state.loud.count
            return FakeDeepgram.results(
                news, from: range.0, to: range.1, isFinal: true, speechFinal: !fromFinalize, fromFinalize: fromFinalize)
        }
    }

    func interim() -> String {
        state.withLock { state in
            let words = words(state.loud)
            return FakeDeepgram.results(
                Array(words[min(state.reported, words.count)...]), from: state.finalEnd, to: state.loud.count,
                isFinal: false)
        }
    }

    private func words(_ loud: [Bool]) -> [Word] {
        var words: [Word] = []
        var (begin, lastLoud) = (0, -1_000)
        for (block, isLoud) in loud.enumerated() where isLoud {
            if block - lastLoud > 20 { begin = block }
            lastLoud = block
            let (word, place) = (block - begin).quotientAndRemainder(dividingBy: 10)
            if place == 9, word < text.count {
                words.append(Word(text: text[word], start: begin + word * 10, end: block + 1))
            }
        }
        return words
    }
}

/// Deepgram's side of `/v1/listen`, as far as tests need it.
enum FakeDeepgram {
    /// What to do with a message; true: done, so that the usual answer is not given.
    typealias Script = @Sendable (FakeWebSocketClient, FakeEar, FakeWebSocketServer.Message) -> Bool

    static func start(
        text: String = "hello there my friend", _ script: @escaping Script = { _, _, _ in false }
    ) async throws -> FakeWebSocketServer {
        try await start(text, accept: { _ in .upgrade }, opened: { _ in }, script)
    }

    static func start(
        accept: @escaping FakeWebSocketServer.Accept, _ script: @escaping Script = { _, _, _ in false }
    ) async throws -> FakeWebSocketServer {
        try await start("hello there my friend", accept: accept, opened: { _ in }, script)
    }

    static func start(
        opened: @escaping FakeWebSocketServer.Opened, _ script: @escaping Script = { _, _, _ in false }
    ) async throws -> FakeWebSocketServer {
        try await start("hello there my friend", accept: { _ in .upgrade }, opened: opened, script)
    }

    private static func start(
        _ text: String, accept: @escaping FakeWebSocketServer.Accept, opened: @escaping FakeWebSocketServer.Opened,
        _ script: @escaping Script
    ) async throws -> FakeWebSocketServer {
        let ears = Ears()
        return try await FakeWebSocketServer(accept: accept, opened: opened) { client, message in
            let isLinear = client.request.uri.contains("linear16")
            let ear = ears.all.withLock { all in
                if let ear = all[client.request.index] { return ear }
                let ear = FakeEar(text: text, isLinear: isLinear)
                all[client.request.index] = ear
                return ear
            }
            if case .binary(let bytes) = message { ear.hear(bytes) }
            if script(client, ear, message) { return }
            switch message {
            case .text(#"{"type":"Finalize"}"#): client.send(ear.final())
            case .text(#"{"type":"CloseStream"}"#): client.close(code: 1_000)
            default: break
            }
        }
    }

    private final class Ears: Sendable {
        let all = Mutex<[Int: FakeEar]>([:])
    }

    /// A `Results` message; places in blocks of 10 ms.
    static func results(
        _ words: [FakeEar.Word], from: Int, to: Int, isFinal: Bool, speechFinal: Bool = false,
        fromFinalize: Bool = false, hasWords: Bool = true
    ) -> String {
        let list = words.map { word in
            let bare = word.text.lowercased().filter { $0.isLetter }
            return #"{"word":"\#(bare)","start":\#(seconds(word.start)),"end":\#(seconds(word.end)),"#
                + #""confidence":0.9,"punctuated_word":"\#(word.text)"}"#
        }
        let array = hasWords ? #","words":[\#(list.joined(separator: ","))]"# : ""
        return #"{"type":"Results","channel_index":[0,1],"start":\#(seconds(from)),"duration":\#(seconds(to - from)),"#
            + #""is_final":\#(isFinal),"speech_final":\#(speechFinal),"from_finalize":\#(fromFinalize),"#
            + #""channel":{"alternatives":[{"transcript":"\#(words.map(\.text).joined(separator: " "))","confidence":0.9"#
            + array + #"}]},"metadata":{"request_id":"r"}}"#
    }

    static func seconds(_ blocks: Int) -> String { String(format: "%.2f", Double(blocks) / 100) }

    /// A `TurnInfo` message of Flux; places in blocks of 10 ms.
    static func turn(_ event: String, _ index: Int, _ text: String, from: Int, to: Int) -> String {
        let words = text.split(separator: " ").map { #"{"word":"\#($0)","confidence":0.8}"# }.joined(separator: ",")
        return #"{"type":"TurnInfo","request_id":"r","sequence_id":3,"event":"\#(event)","turn_index":\#(index),"#
            + #""audio_window_start":\#(seconds(from)),"audio_window_end":\#(seconds(to)),"transcript":"\#(text)","#
            + #""words":[\#(words)],"end_of_turn_confidence":0.5}"#
    }

    static let connected = #"{"type":"Connected","request_id":"r","sequence_id":0}"#
}
