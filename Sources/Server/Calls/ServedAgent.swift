import AgentFile
import CallRuntime
import CallStore
import Conversation
import Foundation
import Providers

/// An agent that takes calls on a server: its file, and the providers its calls share.
public struct ServedAgent: Sendable {
    public let file: AgentFile
    /// In a path: small letters, digits and `-`.
    public let slug: String
    let providers: CallProviders
    let fixedLines: [FixedLines]

    init(file: AgentFile, providers: CallProviders, fixedLines: [FixedLines] = []) {
        self.file = file
        self.providers = providers
        self.fixedLines = fixedLines
        slug = Self.slug(of: file.name)
    }

    /// A vendor's final transcript is free of charge for us and 70 ms away: it is asked for at the first pause that is
    /// longer than the detector's hangover. The model is asked when it comes, and by then silence has lasted 130 ms.
    private static let vendorsProbableEnd = Duration.milliseconds(60)

    static func slug(of name: String) -> String {
        let parts = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return parts.joined(separator: "-")
    }

    /// What one stream of a call needs to know.
    func settings(for call: PhoneCall, now: CivilDateTime) -> CallSettings {
        let agent = Agent(file, providers: providers)
        var settings = agent.settings(callID: call.id, now: now)
        if file.providers.speechToText.first == "deepgram" { settings.probableEndDelay = Self.vendorsProbableEnd }
        for name in call.variables.keys.sorted() {
            settings.instructions += "\n\(name): \(call.variables[name] ?? "")"
        }
        if !call.caller.isEmpty, call.direction == .inbound {
            settings.instructions += "\nThe caller's number is \(call.caller)."
        }
        let (history, comesBackWith) = call.state.withLock { ($0.history, $0.comesBackWith) }
        settings.history = history
        if let comesBackWith {
            settings.conversation.opening = [.init(text: comesBackWith)]
            settings.conversation.openingExpects = nil
        } else if call.direction == .outbound {
            settings.conversation.opening = file.outboundScript.opening
        }
        return settings
    }

    /// Every line that is said without the model, cut as it is spoken.
    static func fixedTexts(of file: AgentFile) -> Set<String> {
        let lines = Conversation.Configuration(file.script)
        var texts = lines.opening.map(\.text) + lines.deadAirLadder.map(\.say)
        texts += [
            lines.deadAirGoodbye, lines.waitLine, lines.apology, lines.failureGoodbye, lines.limitGoodbye,
            lines.fillerLine, lines.handoffLine, ServerLines.drain, ServerLines.cutOff,
        ]
        texts += [file.script.escalation?.unanswered, file.voicemail].compactMap(\.self)
        texts += file.outboundScript.opening.map(\.text)
        var pieces: Set<String> = []
        for text in texts {
            var segmenter = SentenceSegmenter(.wholeSentences)
            segmenter.append(text) { pieces.insert($0) }
            segmenter.finish { pieces.insert($0) }
        }
        return pieces
    }
}

/// What the server itself has agents say.
enum ServerLines {
    static let drain = "I'm sorry, I have to end this call now. Please call again in a few minutes. Goodbye."
    static let cutOff = "Sorry, we were cut off for a moment. Please go on."
    /// Said by the carrier's own voice, since nothing of ours runs for that caller.
    static let busy = "All our lines are busy at the moment. Please call again in a few minutes. Goodbye."
    static let noAgent = "This number is not in service. Goodbye."
    static let operatorEnd = "I'm sorry, this call has to end now. Goodbye."
}
