import CallTime
import Providers

/// Plays each word as a short tone: a voice for trying out a call without listening to it.
struct ToneVoice: TextToSpeech {
    let name = "tones"

    func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<SpeechEvent, any Error> {
        AsyncThrowingStream { continuation in
            let work = Task {
                do {
                    try speak(request) { continuation.yield($0) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            // Whoever stops listening must not be spoken to any longer.
            continuation.onTermination = { _ in work.cancel() }
        }
    }

    private func speak(_ request: SpeechRequest, _ yield: (SpeechEvent) -> Void) throws(ProviderError) {
        guard ["", "tones"].contains(request.voice) else {
            throw ProviderError(provider: name, kind: .rejected, detail: "there is no voice named \(request.voice)")
        }
        let (tone, gap) = (request.sampleRate.hz / 10, request.sampleRate.hz / 50)
        var spoken = 0
        for range in Self.words(in: Array(request.text.utf8)) {
            if Task.isCancelled { return }
            yield(.words([SpokenWord(textRange: range, samples: spoken..<spoken + tone)]))
            // A square wave; longer words are lower: 2 to 20 samples up, as many down.
            let half = min(2 + range.count, 20)
            let sound = (0..<tone).map { Int16($0 / half % 2 == 0 ? 3_000 : -3_000) }
            yield(.audio(.linear16(sound + [Int16](repeating: 0, count: gap))))
            spoken += tone + gap
        }
    }

    /// Where words stand in the text, in UTF-8: what lies between white space and holds more than punctuation.
    private static func words(in text: [UInt8]) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var begin = 0
        for place in 0...text.count where place == text.count || text[place] <= 0x20 {
            let isWord = text[begin..<place].contains { $0 >= 0x80 || ($0 >= 0x30 && $0 != 0x3F) }
            if isWord { words.append(begin..<place) }
            begin = place + 1
        }
        return words
    }
}
