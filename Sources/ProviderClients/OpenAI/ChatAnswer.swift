import Providers

/// Turns an answer's bytes into events: a value without sockets or clocks, fed with bytes cut anywhere.
///
/// An answer that is not streamed (one JSON object, from servers that ignore `stream`) is read as a whole at its end.
struct ChatAnswer {
    /// 4 MiB: a spoken answer has a few hundred tokens of a few hundred bytes.
    static let mostBytes = 4 << 20
    /// So many lines that are no JSON are passed over.
    static let mostBrokenLines = 2

    private let provider: String
    private let takenIDs: Set<String>
    private let secret: String
    private var opening: OpeningGuard
    private var events = ServerSentEvents()
    private var plain: [UInt8]?
    private var hasBegun = false
    private var byteCount = 0
    private var calls = ToolCallAccumulator()
    private var brokenLines = 0
    private var goodLines = 0
    private var hasText = false
    private var finishReason: String?
    private(set) var usage: OpenAIModel.Usage?
    private(set) var isOver = false

    enum Progress { case waiting, answering, finishing, over }

    init(
        provider: String = OpenAIModel.providerName, takenIDs: Set<String> = [], offersTools: Bool, secret: String = ""
    ) {
        self.provider = provider
        self.takenIDs = takenIDs
        self.secret = secret
        opening = OpeningGuard(isOpen: !offersTools)
    }

    /// Reads more. After `.over` everything has been told and what follows is of no interest.
    mutating func read(_ bytes: [UInt8], into out: inout [ModelEvent]) throws(ProviderError) -> Progress {
        guard !isOver else { return .over }
        byteCount += bytes.count
        guard byteCount <= Self.mostBytes else { throw malformed("more than \(Self.mostBytes) bytes") }
        if !hasBegun {
            guard let first = bytes.first(where: { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }) else { return .waiting }
            hasBegun = true
            if first == UInt8(ascii: "{") { plain = [] }
        }
        if plain != nil {
            plain! += bytes
            return .waiting
        }
        var lines: [ServerSentEvents.Event] = []
        do throws(ServerSentEvents.TooLong) { try events.append(bytes, into: &lines) } catch { throw tooLong() }
        var progress = Progress.waiting
        for line in lines {
            switch try take(line, into: &out) {
            case .over: return .over
            case .waiting: break
            case let other: progress = other
            }
        }
        if progress == .waiting { return finishReason == nil ? .waiting : .finishing }
        return progress
    }

    /// The body has ended.
    mutating func end(into out: inout [ModelEvent]) throws(ProviderError) {
        guard !isOver else { return }
        if let plain {
            let chunk: ChatChunk
            do throws(JSONScanner.Broken) { chunk = try ChatChunk(plain) } catch {
                throw malformed("the answer is no complete JSON")
            }
            guard chunk.hasChoice || chunk.failure != nil else { throw malformed("the answer has no choice") }
            _ = try take(chunk, into: &out)
            return try finish(into: &out)
        }
        var lines: [ServerSentEvents.Event] = []
        do throws(ServerSentEvents.TooLong) { try events.finish(into: &lines) } catch { throw tooLong() }
        // The last line may be cut: then it is the end of the connection that matters, not the line.
        for line in lines where try take(line, into: &out) == .over { return }
        if finishReason != nil { return try finish(into: &out) }
        if hasBegun, goodLines == 0 { throw malformed("the answer is no event stream") }
        throw ProviderError(
            provider: provider, kind: .unavailable, detail: "the answer broke off before its end", isRetryable: true)
    }

    // MARK: Lines

    private mutating func take(
        _ event: ServerSentEvents.Event, into out: inout [ModelEvent]
    ) throws(ProviderError) -> Progress {
        if event.data.starts(with: "[DONE]".utf8) {
            if goodLines == 0, brokenLines > 0 { throw malformed("no line of the answer is JSON") }
            try finish(into: &out)
            return .over
        }
        if event.data.isEmpty { return .waiting }
        if event.name == "error" {
            let (message, code) = HTTPStatusError.explanation(event.data)
            throw failed(.init(message: message, code: code))
        }
        let chunk: ChatChunk
        do throws(JSONScanner.Broken) { chunk = try ChatChunk(event.data) } catch {
            brokenLines += 1
            if brokenLines > Self.mostBrokenLines { throw malformed("\(brokenLines) lines are no JSON") }
            return .waiting
        }
        goodLines += 1
        return try take(chunk, into: &out)
    }

    private mutating func take(_ chunk: ChatChunk, into out: inout [ModelEvent]) throws(ProviderError) -> Progress {
        if let failure = chunk.failure { throw failed(failure) }
        // Running totals at some servers: the last one counts.
        if let usage = chunk.usage { self.usage = usage }
        var isAnswer = false
        for text in [chunk.text, chunk.refusal] {
            guard let text, !text.isEmpty else { continue }
            isAnswer = true
            hasText = true
            try speak(opening.pass(text), into: &out)
        }
        for fragment in chunk.fragments {
            isAnswer = true
            guard calls.add(fragment) else { throw malformed("more than \(ToolCallAccumulator.mostCalls) tool calls") }
        }
        if let reason = chunk.finishReason { finishReason = reason }
        if finishReason == nil { return isAnswer ? .answering : .waiting }
        guard !chunk.hasChoice, chunk.usage != nil else { return .finishing }
        // The chunk with nothing but usage is the last before the end mark.
        try finish(into: &out)
        return .over
    }

    private func speak(_ passed: OpeningGuard.Passed, into out: inout [ModelEvent]) throws(ProviderError) {
        switch passed {
        case .nothing: break
        case .text(let text): out.append(.text(text))
        case .toolCall: throw malformed("a tool call came as text")
        }
    }

    // MARK: Ends

    private mutating func finish(into out: inout [ModelEvent]) throws(ProviderError) {
        isOver = true
        try speak(opening.close(), into: &out)
        if finishReason == "length" {
            // The last call's arguments are cut, and which was the last is not certain: none is made.
            out.append(.finished(.length))
            return
        }
        if finishReason == "content_filter", !hasText {
            throw ProviderError(provider: provider, kind: .rejected, detail: "the content filter left nothing")
        }
        guard let calls = calls.calls(taken: takenIDs) else { throw malformed("a tool call has no name") }
        if brokenLines > 0, !calls.allSatisfy({ JSONScanner.isWhole($0.arguments) }) {
            throw malformed("a broken line tore a tool call")
        }
        out += calls.map { .toolCall($0) }
        out.append(.finished(calls.isEmpty ? .stop : .toolCalls))
    }

    private func malformed(_ detail: String) -> ProviderError {
        ProviderError(provider: provider, kind: .malformed, detail: detail, isRetryable: true)
    }

    private func tooLong() -> ProviderError { malformed("a line of more than \(ServerSentEvents.mostLineBytes) bytes") }

    private func failed(_ failure: ChatChunk.Failure) -> ProviderError {
        let code = HTTPStatusError.shortened(failure.code, without: secret, bytes: 60)
        let message = HTTPStatusError.shortened(failure.message, without: secret)
        let isRefusal = ["insufficient_quota", "invalid_api_key", "invalid_request_error"].contains(failure.code)
        let isRate = failure.code.hasPrefix("rate_limit")
        return ProviderError(
            provider: provider, kind: isRefusal || isRate ? .rejected : .unavailable,
            detail: "failed while answering" + (code.isEmpty ? "" : ", \(code)")
                + (message.isEmpty ? "" : ": \(message)"),
            isRetryable: !isRefusal)
    }
}

/// Holds back an answer's first characters until it is certain that they are no tool call in the clothes of text.
struct OpeningGuard {
    enum Passed { case nothing, text(String), toolCall }

    /// Without white space, as they are compared.
    private static let marks = ["{\"name\"", "<tool_call>", "<function="].map { Array($0.utf8) }

    private var isOpen: Bool
    private var held = ""

    init(isOpen: Bool) { self.isOpen = isOpen }

    mutating func pass(_ text: String) -> Passed {
        if isOpen { return .text(text) }
        held += text
        let start = held.utf8.filter { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }
        for mark in Self.marks {
            if start.starts(with: mark) { return .toolCall }
            if mark.starts(with: start) { return .nothing }
        }
        return close()
    }

    /// No more text comes, or none that matters: what was held is said.
    mutating func close() -> Passed {
        isOpen = true
        defer { held = "" }
        return held.isEmpty ? .nothing : .text(held)
    }
}
