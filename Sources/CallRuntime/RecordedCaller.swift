import CallTime
import Codecs
import Conversation

/// Plays a recording to a live call at the speed of the wall clock, and records both sides.
public struct RecordedCaller: Sendable {
    /// How long the line stays open after the recording's end.
    public var mostSilenceAfterRecording = Duration.seconds(120)

    private static let frame = 160

    public init() {}

    public func run(
        caller: [UInt8], on call: LiveCall, onEntry: (CallTranscript.Entry) -> Void = { _ in }
    ) async throws -> VirtualCall.Outcome {
        let clock = ContinuousClock()
        await call.start()
        let began = clock.now
        let most = caller.count + SampleRate.narrowband.samples(in: mostSilenceAfterRecording)
        var callerAudio: [Int16] = []
        var agentAudio: [Int16] = []
        var journal: [JournalRecord] = []
        var reported = 0
        var position = 0
        while await call.ended == nil, position < most {
            let begin = CallInstant(SampleTime(position), at: .narrowband)
            let frame = await call.nextFrame(Self.frame, at: begin)
            agentAudio += frame.map { MuLaw.decode16(MuLaw.encode($0)) }
            let bytes = (0..<Self.frame).map { position + $0 < caller.count ? caller[position + $0] : MuLaw.silence }
            callerAudio += bytes.map { MuLaw.decode16($0) }
            // The frame is spoken while the clock runs; it is whole at its end.
            try await clock.sleep(until: began + SampleRate.narrowband.duration(of: position + Self.frame))
            await call.receive(bytes, at: SampleTime(position))
            journal += await call.takeJournal()
            let entries = await call.transcript.entries
            for entry in entries[reported...] { onEntry(entry) }
            reported = entries.count
            position += Self.frame
        }
        await call.end()
        journal += await call.takeJournal()
        for entry in await call.transcript.entries[reported...] { onEntry(entry) }
        return await VirtualCall.Outcome(
            end: call.ended, duration: SampleRate.narrowband.duration(of: agentAudio.count),
            transcript: call.transcript, ledgers: call.ledgers, journal: journal, callerAudio: callerAudio,
            agentAudio: agentAudio)
    }
}
