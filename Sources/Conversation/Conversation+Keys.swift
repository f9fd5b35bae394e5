import CallTime

// Keys on the caller's telephone: the answer to a question that wants digits, otherwise something the model is told.
extension Conversation {
    /// More keys than any number has are a child playing.
    private static let mostKeys = 64

    mutating func keyPressed(_ key: String, _ now: CallInstant, _ actions: inout [Action]) {
        actions.append(.note(.keyPressed(key)))
        guard pendingKeys.count < Self.mostKeys else { return }
        guard let wanted = wantedKeys else {
            pendingKeys += key
            return
        }
        actions.append(.disarmTimer(.deadAir))
        if key != "#" { pendingKeys += key }
        if key == "#" || wanted.count == pendingKeys.count {
            keysAreDone(now, &actions)
        } else {
            actions.append(.armTimer(.keysDone, at: now + configuration.keyPause))
        }
    }

    mutating func keysAreDone(_ now: CallInstant, _ actions: inout [Action]) {
        actions.append(.disarmTimer(.keysDone))
        guard !pendingKeys.isEmpty else { return armDeadAir(now, &actions) }
        keysAreWhole = true
        if agent == .listening, caller == .silent { answerKeys(now, &actions) }
    }

    /// The keys are the caller's turn, said without a voice.
    mutating func answerKeys(_ now: CallInstant, _ actions: inout [Action]) {
        keysAreWhole = false
        var keyed = Utterance(number: utterance?.number ?? 0, onset: now, lastSpeech: now, probableEnd: now)
        keyed.endpoint = now
        keyed.final = .init(revision: 0, text: pendingKeys, wasRejected: false, arrived: now)
        pendingKeys = ""
        ignoredUtterance = nil
        utterance = keyed
        settleUtterance(now, &actions)
    }

    /// The caller's words with the keys that no step asked for.
    func withKeys(_ text: String) -> String {
        guard !pendingKeys.isEmpty, wantedKeys == nil else { return text }
        let keys = pendingKeys.map { String($0) }.joined(separator: " ")
        let told = "[pressed on the keypad: \(keys)]"
        return text.isEmpty ? told : text + " " + told
    }

    /// How many keys the question wants (nil: any number of them); nil when it wants none.
    var wantedKeys: (count: Int?, Void)? {
        switch expectedStep.flatMap(configuration.flow.expectedAnswer) {
        case .digits(let count): (count, ())
        case .phoneNumber, .number: (nil, ())
        default: nil
        }
    }
}
