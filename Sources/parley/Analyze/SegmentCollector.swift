import CallTime
import VoiceActivity

/// Puts the endpointer's events together to stretches of speech and turns.
struct SegmentCollector {
    private(set) var speech: [Analysis.Speech] = []
    private(set) var turns: [Analysis.Turn] = []
    private var openSpeech: (onset: SampleTime, decided: SampleTime)?
    private var openTurn: SampleTime?

    /// Takes one event. Events come in order; an end without a beginning is passed over.
    mutating func take(_ event: EndpointEvent, _ clock: AnalysisClock) {
        switch event {
        case .speechStarted(let onset, let decided):
            openTurn = onset
            openSpeech = (onset, decided)
        case .speechProbablyEnded(let last, let decided):
            closeSpeech(at: last, decided: decided, clock)
        case .speechResumed(let onset, let decided):
            openSpeech = (onset, decided)
        case .speechEnded(let last, let decided, let delay, let reason):
            closeSpeech(at: last, decided: decided, clock)
            guard let onset = openTurn else { return }
            openTurn = nil
            turns.append(
                Analysis.Turn(
                    start: clock.place(of: onset), end: clock.place(of: last), endpoint: clock.handedOver(at: decided),
                    endpointDelayMS: delay.milliseconds, reason: reason))
        }
    }

    private mutating func closeSpeech(at last: SampleTime, decided: SampleTime, _ clock: AnalysisClock) {
        guard let open = openSpeech else { return }
        openSpeech = nil
        speech.append(
            Analysis.Speech(
                start: clock.place(of: open.onset), end: clock.place(of: last),
                decided: clock.handedOver(at: open.decided), endDecided: clock.handedOver(at: decided)))
    }
}
