import CallTime
import Providers

/// A voice that hums each word of a text for 100 ms, 20 ms after the last. `fault` breaks one promise.
public struct ScriptedTextToSpeech: TextToSpeech {
    public enum Fault: String, Sendable, CaseIterable {
        case leavesTheText, cutsCharacters, leavesTheAudio, shufflesWords, overlapsWords, ignoresTheRate
        case speaksWidebandMuLaw, isSilent, hearsNoEnd, throwsOnEmptyText, hums, dependsOnTheLast
        case throwsItsOwnError, ignoresCancelling, hangs
    }

    private enum OwnError: Error { case failed }

    public let name = "scripted-tts"
    public var fault: Fault?
    /// Every text throws.
    public var isBroken = false
    private let work = Work()

    public init(fault: Fault? = nil, isBroken: Bool = false) {
        self.fault = fault
        self.isBroken = isBroken
    }

    /// Texts that somebody still works on.
    public var running: Int { work.running }

    public func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<SpeechEvent, any Error> {
        AsyncThrowingStream { continuation in
            let id = work.begin()
            if fault != .ignoresCancelling { continuation.onTermination = { [work] _ in work.end(id) } }
            if isBroken {
                let error = ProviderError(provider: name, kind: .unavailable, detail: "broken")
                return continuation.finish(throwing: fault == .throwsItsOwnError ? OwnError.failed : error)
            }
            let ranges = Self.words(in: request.text)
            if fault == .throwsOnEmptyText, ranges.isEmpty {
                return continuation.finish(throwing: ProviderError(provider: name, kind: .rejected, detail: "no text"))
            }
            for event in events(ranges, request) { continuation.yield(event) }
            if fault != .hangs { continuation.finish() }
        }
    }

    private func events(_ ranges: [Range<Int>], _ request: SpeechRequest) -> [SpeechEvent] {
        let rate = fault == .ignoresTheRate ? SampleRate.narrowband : request.sampleRate
        let (word, gap) = (rate.hz / 10, rate.hz / 50)
        var level = Int16(fault == .isSilent ? 0 : 4_000)
        if fault == .dependsOnTheLast { level += Int16(work.count) }
        var samples: [Int16] = []
        var words: [SpokenWord] = []
        for range in ranges {
            words.append(SpokenWord(textRange: range, samples: samples.count..<samples.count + word))
            samples += (0..<word).map { $0 / 20 % 2 == 0 ? level : -level }
            samples += [Int16](repeating: 0, count: gap)
        }
        if fault == .hums, ranges.isEmpty { samples = [level] }
        spoil(&words)
        var events: [SpeechEvent] = words.isEmpty ? [] : [.words(words)]
        if fault == .hearsNoEnd, let last = words.last { events.append(.words([last])) }
        for begin in stride(from: 0, to: samples.count, by: word) {
            let piece = samples[begin..<min(begin + word, samples.count)]
            let isMuLaw = fault == .speaksWidebandMuLaw
            events.append(.audio(isMuLaw ? .muLaw(piece.map { $0 == 0 ? 0xFF : 0x10 }) : .linear16(Array(piece))))
        }
        return events
    }

    private func spoil(_ words: inout [SpokenWord]) {
        guard let last = words.indices.last else { return }
        switch fault {
        case .leavesTheText: words[last].textRange = words[last].textRange.lowerBound..<10_000
        case .cutsCharacters: words = words.map { .init(textRange: $0.textRange.dropLastByte, samples: $0.samples) }
        case .leavesTheAudio: words[last].samples = words[last].samples.lowerBound..<10_000_000
        case .shufflesWords: words.reverse()
        case .overlapsWords:
            words = words.map { .init(textRange: 0..<$0.textRange.upperBound, samples: $0.samples) }
        default: break
        }
    }

    private static func words(in text: String) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var place = 0
        for piece in text.split(separator: " ", omittingEmptySubsequences: false) {
            let end = place + piece.utf8.count
            if piece.contains(where: { $0.isLetter || $0.isNumber }) { words.append(place..<end) }
            place = end + 1
        }
        return words
    }
}

extension Range<Int> {
    /// Shorter by one from the end of "Zoë." on: between the bytes of the last letter, where that has two.
    fileprivate var dropLastByte: Range<Int> { count > 2 ? lowerBound..<upperBound - 2 : self }
}
