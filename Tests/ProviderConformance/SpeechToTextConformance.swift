import CallTime
import Providers

/// Recorded speech with what is known of it, for a recogniser to be tried on.
public struct SpokenSample: Sendable {
    /// The stream from the call's first sample on, with some silence before and after the speech.
    public var audio: AudioPayload
    public var sampleRate: SampleRate
    /// Samples in which somebody speaks. A pause in the middle of it is not needed.
    public var speech: Range<Int>
    /// What is said, as the recogniser writes it; nil: anything but nothing.
    public var text: String?
    /// The step whose answer it is.
    public var step: String?

    public init(
        audio: AudioPayload, sampleRate: SampleRate, speech: Range<Int>, text: String? = nil, step: String? = nil
    ) {
        precondition(
            speech.lowerBound >= 0 && !speech.isEmpty && speech.upperBound <= audio.sampleCount,
            "speech lies within its audio, given \(speech) of \(audio.sampleCount) samples")
        self.audio = audio
        self.sampleRate = sampleRate
        self.speech = speech
        self.text = text
        self.step = step
    }
}

/// What every `SpeechToText` must do. `violations()` is empty for one that does.
public struct SpeechToTextConformance: Sendable {
    public var provider: any SpeechToText
    public var sample: SpokenSample
    /// The same kind of provider in a state in which it cannot work: no model, no network, a wrong key.
    public var failing: (any SpeechToText)?
    /// Whether the same audio must give the same transcripts however it is cut into pushes.
    public var isRepeatable = true
    /// How long nothing may come after `close`; whatever comes sooner is a violation.
    public var quiet: Duration = .milliseconds(100)
    /// What counts as never, per situation.
    public var limit: Duration = .seconds(60)

    public init(_ provider: any SpeechToText, sample: SpokenSample) {
        self.provider = provider
        self.sample = sample
    }

    public func violations() async -> [Violation] {
        var found = await inCall(.normal, normal)
        if isRepeatable { found += await Watchdog.watch(.normal, limit: limit, repeatable) }
        found += await inCall(.late, late)
        found += await inCall(.empty, empty)
        found += await inCall(.doubled, doubled)
        found += await inCall(.outOfOrder, outOfOrder)
        found += await Watchdog.watch(.cancelled, limit: limit, cancelled)
        if failing != nil { found += await Watchdog.watch(.failing, limit: limit, fails) }
        return found
    }

    // MARK: Situations

    private func normal(_ call: RehearsedCall) async -> [String] {
        await call.play(sample, utterance: 1, chunk: sample.sampleRate.hz / 50)
        return call.problems(of: 1, revisions: [0]) + textProblems(call, of: 1)
    }

    /// Pushes of 20 ms, of an odd size, and all at once: the same final transcript.
    private func repeatable() async -> [String] {
        var finals: [[Transcript]] = []
        for chunk in [sample.sampleRate.hz / 50, 333, sample.audio.sampleCount] {
            do throws(ProviderError) {
                let call = try await RehearsedCall(provider, sample.sampleRate)
                await call.play(sample, utterance: 1, chunk: chunk)
                finals.append(call.log.finals)
                await call.session.close()
            } catch {
                return ["opening failed: \(error)"]
            }
        }
        return finals.allSatisfy { $0 == finals[0] } ? [] : ["the size of the pushes changed the result: \(finals)"]
    }

    /// The caller speaks again before the first answer is there: each answer bears its utterance's number.
    private func late(_ call: RehearsedCall) async -> [String] {
        call.session.expect(step: sample.step)
        for utterance in [1, 2] { call.begin(sample, utterance: utterance, chunk: sample.sampleRate.hz / 50) }
        await call.session.drained()
        let early = call.log.count
        call.session.utteranceEnded(2)
        await call.session.drained()
        let rest = call.log.count > early ? ["an event came after drained() had returned, without a question"] : []
        return rest + [1, 2].flatMap { call.problems(of: $0, revisions: [0]) + textProblems(call, of: $0) }
    }

    /// Digital silence that a detector took for speech.
    private func empty(_ call: RehearsedCall) async -> [String] {
        await call.session.drained()
        let count = sample.audio.sampleCount
        let silence = SpokenSample(
            audio: sample.audio.silence(count), sampleRate: sample.sampleRate, speech: count / 4..<count / 2,
            step: sample.step)
        await call.play(silence, utterance: 1, chunk: sample.sampleRate.hz / 50)
        let text = call.log.finals.first { !$0.text.isEmpty }
        return call.problems(of: 1, revisions: [0]) + (text.map { ["silence was understood as \"\($0.text)\""] } ?? [])
    }

    private func doubled(_ call: RehearsedCall) async -> [String] {
        call.session.expect(step: sample.step)
        call.begin(sample, utterance: 1, chunk: sample.sampleRate.hz / 50, isEnded: false)
        call.session.finalize(1, revision: 0, lastSpeech: SampleTime(sample.speech.upperBound))
        await call.session.drained()
        call.session.finalize(1, revision: 0, lastSpeech: SampleTime(sample.speech.upperBound))
        call.session.utteranceEnded(1)
        call.session.utteranceEnded(1)
        call.session.finalize(1, revision: 1, lastSpeech: SampleTime(sample.speech.upperBound))
        await call.session.drained()
        return call.problems(of: 1, revisions: [0])
    }

    /// Revision 0 is asked in the middle, 2 at the end; 1 and 0 come when nobody wants them any more.
    private func outOfOrder(_ call: RehearsedCall) async -> [String] {
        let (start, end) = (sample.speech.lowerBound, sample.speech.upperBound)
        let middle = (start + end) / 2
        call.session.expect(step: sample.step)
        call.push(sample.audio, 0..<middle, chunk: sample.sampleRate.hz / 50)
        call.session.utteranceStarted(1, onset: SampleTime(start))
        call.session.finalize(1, revision: 0, lastSpeech: SampleTime(middle))
        await call.session.drained()
        call.push(sample.audio, middle..<sample.audio.sampleCount, chunk: sample.sampleRate.hz / 50)
        call.session.finalize(1, revision: 2, lastSpeech: SampleTime(end))
        call.session.finalize(1, revision: 1, lastSpeech: SampleTime(end))
        call.session.finalize(1, revision: 0, lastSpeech: SampleTime(end))
        call.session.finalize(9, revision: 0, lastSpeech: SampleTime(end))
        call.session.utteranceEnded(1)
        await call.session.drained()
        let stray = call.log.finals.contains { $0.utterance == 9 } ? ["an utterance that never began was answered"] : []
        return call.problems(of: 1, revisions: [0, 2]) + stray + textProblems(call, of: 1)
    }

    /// The call ends while an answer is due; what is asked afterwards is not heard.
    private func cancelled() async -> [String] {
        do throws(ProviderError) {
            let call = try await RehearsedCall(provider, sample.sampleRate)
            call.session.expect(step: sample.step)
            call.begin(sample, utterance: 1, chunk: sample.sampleRate.hz / 50, isEnded: false)
            await call.session.close()
            let count = call.log.count
            call.begin(sample, utterance: 2, chunk: sample.sampleRate.hz / 50)
            call.session.finalize(1, revision: 1, lastSpeech: SampleTime(sample.speech.upperBound))
            await call.session.drained()
            await call.session.close()
            let isBroken = await Watchdog.eventually(within: quiet) { call.log.count != count }
            return !isBroken ? [] : ["an event came after close() had returned: \(call.log.all.last!)"]
        } catch {
            return ["opening failed: \(error)"]
        }
    }

    /// `open` throws, or the session says `.failed`, in the provider's own name.
    private func fails() async -> [String] {
        guard let failing else { return [] }
        do throws(ProviderError) {
            let call = try await RehearsedCall(failing, sample.sampleRate)
            await call.play(sample, utterance: 1, chunk: sample.sampleRate.hz / 50)
            await call.session.close()
            guard let error = call.log.failure else { return ["it failed without an error: \(call.log.all)"] }
            return ErrorShape.problems(of: error, from: failing.name)
        } catch {
            return ErrorShape.problems(of: error, from: failing.name)
        }
    }

    // MARK: Parts

    private func inCall(
        _ situation: Violation.Situation, _ act: @escaping @Sendable (RehearsedCall) async -> [String]
    ) async -> [Violation] {
        await Watchdog.watch(situation, limit: limit) {
            do throws(ProviderError) {
                let call = try await RehearsedCall(provider, sample.sampleRate)
                let found = await act(call)
                await call.session.close()
                return found + (call.log.failure.map { ["the session failed: \($0)"] } ?? [])
            } catch {
                return ["opening failed: \(error)"]
            }
        }
    }

    private func textProblems(_ call: RehearsedCall, of utterance: Int) -> [String] {
        let last = call.log.finals.last { $0.utterance == utterance }
        guard let last, !last.text.isEmpty, !last.wasRejected else {
            return ["the last final transcript of utterance \(utterance) is empty"]
        }
        if let text = sample.text, last.text != text { return ["\"\(text)\" was understood as \"\(last.text)\""] }
        return []
    }
}
