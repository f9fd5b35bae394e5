import CallTime
import Conversation
import Providers
import VoiceActivity

// What goes into the journal: everything from outside, every decision with its reason.
extension CallEngine {
    mutating func journal(
        _ at: CallInstant, _ source: String, _ event: String, _ fields: KeyValuePairs<String, JSONValue> = [:]
    ) {
        records.append(JournalRecord(at, source, event, fields))
    }

    // MARK: Outside

    mutating func journalOutside(_ event: OutsideEvent, _ now: CallInstant) {
        switch event {
        case .transcript(.interim(let transcript)):
            journal(now, "outside", "interimTranscript", Self.fields(transcript))
        case .transcript(.final(let transcript)):
            journal(now, "outside", "finalTranscript", Self.fields(transcript))
        case .transcript(.fellBack(let error)), .model(_, .fellBack(let error)), .speech(_, .fellBack(let error)):
            journal(
                now, "outside", "providerFailed",
                [
                    "provider": .string(error.provider), "kind": .string(error.kind.rawValue),
                    "reason": .string(error.detail),
                ])
        case .transcript(.failed(let error)):
            journal(now, "outside", "transcriptFailed", ["reason": .string(error.description)])
        case .model(let request, let answer):
            journalModel(request, answer, now)
        case .modelFailed(let request, let error):
            journal(
                now, "outside", "replyFailed",
                ["request": .integer(request), "reason": .string(error.description)])
        case .speech(let segment, .audio(let audio)):
            journal(
                now, "outside", "speechAudio",
                ["segment": .integer(segment), "samples": .integer(audio.sampleCount)])
        case .speech(let segment, .words(let words)):
            let places = words.map { word in
                JSONValue.array([
                    .integer(word.textRange.lowerBound), .integer(word.textRange.upperBound),
                    .integer(word.samples.lowerBound), .integer(word.samples.upperBound),
                ])
            }
            journal(now, "outside", "speechWords", ["segment": .integer(segment), "words": .array(places)])
        case .speechEnded(let segment):
            journal(now, "outside", "speechEnded", ["segment": .integer(segment)])
        case .speechFailed(let segment, let error):
            journal(
                now, "outside", "speechFailed",
                ["segment": .integer(segment), "reason": .string(error.description)])
        case .toolFinished(let call, let json):
            journal(now, "outside", "toolFinished", ["id": .string(call), "result": .string(json)])
        case .callerHungUp:
            journal(now, "outside", "callerHungUp")
        case .keyPressed(let key):
            journal(now, "outside", "keyPressed", ["key": .string(key)])
        case .endRequested(let line, let reason):
            journal(now, "outside", "endRequested", ["line": .string(line), "reason": .string(reason.rawValue)])
        case .leaveMessage(let message):
            journal(now, "outside", "machineAnswered", ["message": .string(message)])
        }
    }

    private mutating func journalModel(_ request: Int, _ answer: ModelEvent, _ now: CallInstant) {
        let request = JSONValue.integer(request)
        switch answer {
        case .text(let text):
            journal(now, "outside", "replyText", ["request": request, "text": .string(text)])
        case .toolCall(let call):
            journal(
                now, "outside", "replyToolCall",
                [
                    "request": request, "id": .string(call.id), "tool": .string(call.name),
                    "arguments": .string(call.arguments),
                ])
        case .expects(let step):
            journal(now, "outside", "replyExpects", ["request": request, "step": .optional(step)])
        case .fellBack: break
        case .finished(let reason):
            journal(now, "outside", "replyFinished", ["request": request, "reason": .string(reason.rawValue)])
        }
    }

    private static func fields(_ transcript: Transcript) -> KeyValuePairs<String, JSONValue> {
        [
            "utterance": .integer(transcript.utterance), "revision": .integer(transcript.revision),
            "text": .string(transcript.text), "rejected": .bool(transcript.wasRejected),
            "confidence_permille": .integer(Int((transcript.confidence * 1_000).rounded())),
            "audio_end": .integer(transcript.audioEnd.index),
        ]
    }

    // MARK: Media

    mutating func journalEndpoint(_ event: EndpointEvent, _ now: CallInstant) {
        switch event {
        case .speechStarted(let onset, let decided):
            journal(
                now, "media", "speechStarted",
                ["onset": .integer(onset.index), "decided": .integer(decided.index)])
        case .speechProbablyEnded(let last, let decided):
            journal(
                now, "media", "speechProbablyEnded",
                ["last_speech": .integer(last.index), "decided": .integer(decided.index)])
        case .speechResumed(let onset, let decided):
            journal(
                now, "media", "speechResumed",
                ["onset": .integer(onset.index), "decided": .integer(decided.index)])
        case .speechEnded(let last, let decided, let delay, let reason):
            journal(
                now, "media", "speechEnded",
                [
                    "last_speech": .integer(last.index), "decided": .integer(decided.index),
                    "endpoint_delay_ms": .integer(Int(delay.milliseconds)), "reason": .string(reason.rawValue),
                ])
        }
    }

    // MARK: Decisions

    mutating func journalAction(_ action: Action, _ now: CallInstant) {
        switch action {
        case .finalizeTranscript(let utterance, let revision, _):
            decision(now, "finalizeTranscript", ["utterance": .integer(utterance), "revision": .integer(revision)])
        case .expectAnswer(let step, let delay):
            decision(
                now, "expectAnswer",
                [
                    "step": .optional(step),
                    "endpoint_delay_ms": .integer(Int((delay ?? settings.endpointDelay).milliseconds)),
                ])
        case .requestReply(let request, let messages, let isSpeculative):
            decision(
                now, "requestReply",
                [
                    "request": .integer(request), "messages": .integer(messages.count),
                    "speculative": .bool(isSpeculative),
                ])
        case .cancelReply(let request): decision(now, "cancelReply", ["request": .integer(request)])
        case .runTool(let call):
            decision(
                now, "runTool",
                ["id": .string(call.id), "tool": .string(call.name), "arguments": .string(call.arguments)])
        case .speak(let segment):
            decision(
                now, "speak",
                [
                    "segment": .integer(segment.id), "turn": .integer(segment.turn), "text": .string(segment.text),
                ])
        case .startPlayout(let turn): decision(now, "startPlayout", ["turn": .integer(turn)])
        case .holdPlayout: decision(now, "holdPlayout")
        case .resumePlayout(let position):
            decision(
                now, "resumePlayout",
                position.map { ["segment": .integer($0.segment), "sample": .integer($0.sample)] } ?? [:])
        case .flushPlayout: decision(now, "flushPlayout")
        case .armTimer(let timer, let at):
            decision(now, "armTimer", ["timer": .string(timer.rawValue), "fires_us": .microseconds(at)])
        // Disarming changes nothing that could be heard, and would be half of the journal.
        case .disarmTimer: break
        case .hangUp(let reason): decision(now, "hangUp", ["reason": .string(reason.rawValue)])
        case .turnMeasured(let ledger): decision(now, "turnMeasured", Self.fields(ledger))
        case .note(let note): journalNote(note, now)
        }
    }

    private mutating func decision(
        _ now: CallInstant, _ event: String, _ fields: KeyValuePairs<String, JSONValue> = [:]
    ) {
        journal(now, "decision", event, fields)
    }

    public static func fields(_ ledger: TurnLedger) -> KeyValuePairs<String, JSONValue> {
        // Each part from whole microsecond to whole microsecond, so that they sum to the gap here too. A reply that went
        // to a tool and back has waited for a first token twice.
        var cursor = ledger.lastSpeech
        var spent: [TurnLedger.Part: Int64] = [:]
        for (part, duration) in ledger.partition {
            let begin = cursor
            cursor = cursor + duration
            spent[part, default: 0] += cursor.nanoseconds / 1_000 - begin.nanoseconds / 1_000
        }
        let parts = TurnLedger.Part.allCases.compactMap { part in
            spent[part].map { JSONValue.Member(name: part.rawValue, value: .integer(Int($0))) }
        }
        let hidden = ledger.hidden.map { JSONValue.Member(name: $0.part.rawValue, value: .microseconds($0.duration)) }
        let gap = ledger.audible.nanoseconds / 1_000 - ledger.lastSpeech.nanoseconds / 1_000
        return [
            "turn": .integer(ledger.turn), "last_speech_us": .microseconds(ledger.lastSpeech),
            "audible_us": .microseconds(ledger.audible), "gap_us": .integer(Int(gap)),
            "parts_us": .object(parts),
            "hidden_us": .object(hidden),
            "held_until_commit_us": .microseconds(ledger.heldUntilCommit),
            "endpoint_delay_us": .microseconds(ledger.effectiveEndpointDelay),
        ]
    }

    private mutating func journalNote(_ note: Note, _ now: CallInstant) {
        switch note {
        case .greetingStarted: decision(now, "greetingStarted")
        case .disclosureHeard: decision(now, "disclosureHeard")
        case .callerTurn(let utterance, let text):
            decision(now, "callerTurn", ["utterance": .integer(utterance), "text": .string(text)])
        case .agentTurn(let turn, let text, let wasInterrupted):
            decision(
                now, "agentTurn",
                ["turn": .integer(turn), "text": .string(text), "interrupted": .bool(wasInterrupted)])
        case .speculationDiscarded(let request, let reason):
            decision(now, "speculationDiscarded", ["request": .integer(request), "reason": .string(reason)])
        case .replyCommitted(let turn, let delay):
            decision(now, "replyCommitted", ["turn": .integer(turn), "endpoint_delay_us": .microseconds(delay)])
        case .utteranceIgnored(let utterance, let reason):
            decision(now, "utteranceIgnored", ["utterance": .integer(utterance), "reason": .string(reason)])
        case .bargeInSuspected(let utterance):
            decision(now, "bargeInSuspected", ["utterance": .integer(utterance)])
        case .bargeInConfirmed(let utterance, let reason):
            decision(now, "bargeInConfirmed", ["utterance": .integer(utterance), "reason": .string(reason)])
        case .bargeInDismissed(let utterance, let reason):
            decision(now, "bargeInDismissed", ["utterance": .integer(utterance), "reason": .string(reason)])
        case .late(let timer, let culprit):
            decision(now, "late", ["timer": .string(timer.rawValue), "culprit": .string(culprit)])
        case .providerFailed(let provider, let reason):
            decision(now, "providerFailed", ["provider": .string(provider), "reason": .string(reason)])
        case .keyPressed(let key): decision(now, "keyPressed", ["key": .string(key)])
        case .deadAirPrompt(let number):
            decision(now, "deadAirPrompt", ["number": .integer(number)])
        }
    }
}
