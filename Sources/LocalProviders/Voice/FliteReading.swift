import CallTime
import Providers

/// One request being spoken, on `FliteLibrary.queue`.
struct FliteReading {
    private let request: SpeechRequest
    private let voice: FliteLibrary.Voice

    init(_ request: SpeechRequest) throws(ProviderError) {
        guard request.text.utf8.count <= FliteVoice.longestText else {
            throw ProviderError(
                provider: "flite", kind: .rejected,
                detail:
                    "a text of \(request.text.utf8.count) bytes, at most \(FliteVoice.longestText) are spoken at once")
        }
        self.request = request
        voice = try FliteLibrary.voice(named: request.voice)
    }

    /// Synthesizes and hands over each event; `deliver` answers false to stop the work.
    func speak(_ deliver: @escaping (SpeechEvent) -> Bool) throws(ProviderError) {
        let tokens = SpokenText.tokens(of: request.text)
        guard !tokens.isEmpty else { return }
        let handle = try FliteLibrary.handle(of: voice)
        let utterance = try FliteUtterance(tokens, voice: handle)
        let output = Output(tokens: tokens, voice: voice, wanted: request.sampleRate, deliver: deliver)
        let synthesize = { utterance.synthesize(output.receive) }
        if voice.isStatistical { FliteLibrary.withFreshRandomness(synthesize) } else { synthesize() }
        try output.finish()
    }

    /// What the wave becomes while it grows.
    private final class Output {
        private let tokens: [SpokenText.Token]
        private let voice: FliteLibrary.Voice
        private let wanted: SampleRate
        private let deliver: (SpeechEvent) -> Bool
        private var shaper: SpeechShaper?
        private var failure: ProviderError?
        private var isStopped = false

        init(
            tokens: [SpokenText.Token], voice: FliteLibrary.Voice, wanted: SampleRate,
            deliver: @escaping (SpeechEvent) -> Bool
        ) {
            self.tokens = tokens
            self.voice = voice
            self.wanted = wanted
            self.deliver = deliver
        }

        /// The next raw samples; false to stop flite.
        func receive(_ segments: borrowing FliteSegments, _ samples: UnsafeBufferPointer<Int16>, _ rateHz: Int) -> Bool
        {
            if shaper == nil { begin(segments, SampleRate(hz: rateHz)) }
            guard failure == nil, !isStopped, shaper != nil else { return false }
            for chunk in shaper!.process(samples) { send(.audio(.linear16(chunk))) }
            return !isStopped
        }

        func finish() throws(ProviderError) {
            if let failure { throw failure }
            guard shaper != nil, !isStopped else { return }
            for chunk in shaper!.finish() { send(.audio(.linear16(chunk))) }
        }

        private func begin(_ segments: borrowing FliteSegments, _ rate: SampleRate) {
            let plan = SpeechPlan(
                words: words(segments.tokens()), pauses: segments.pauses(), rate: rate,
                lead: voice.isStatistical ? .milliseconds(5) : .zero)
            guard !plan.words.isEmpty else {
                isStopped = true
                return
            }
            do throws(ProviderError) {
                let made = try SpeechShaper(plan: plan, gain: voice.gain, from: rate, to: wanted)
                send(.words(made.words))
                shaper = consume made
            } catch {
                failure = error
            }
        }

        /// flite's tokens, put together again to the text's words.
        private func words(_ spoken: [Range<Float>?]) -> [(text: Range<Int>, seconds: Range<Float>)] {
            var words: [(text: Range<Int>, seconds: Range<Float>)] = []
            var next = spoken.startIndex
            for token in tokens {
                let end = min(next + token.parts.count, spoken.endIndex)
                let speech = spoken[next..<end].compactMap { $0 }
                next = end
                guard let first = speech.first, let last = speech.last else { continue }
                words.append((token.range, first.lowerBound..<last.upperBound))
            }
            return words
        }

        private func send(_ event: SpeechEvent) {
            if !isStopped { isStopped = !deliver(event) }
        }
    }
}
