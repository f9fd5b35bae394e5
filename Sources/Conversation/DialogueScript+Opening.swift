extension DialogueScript {
    /// A stretch of what the agent says first.
    public struct OpeningLine: Sendable, Equatable {
        public var text: String
        /// This stretch says what we are; it counts as said once its last sample was played.
        public var isDisclosure: Bool
        /// The caller may not talk over it.
        public var isProtected: Bool

        public init(text: String, isDisclosure: Bool = false, isProtected: Bool = false) {
            self.text = text
            self.isDisclosure = isDisclosure
            self.isProtected = isProtected
        }
    }

    /// Where a greeting wants the disclosure said.
    public static let disclosurePlaceholder = "{disclosure}"

    /// What the agent says first, in order: the greeting with the disclosure in its place.
    ///
    /// The place is `{disclosure}` in the greeting; without it, the disclosure comes first. Under a policy other than
    /// `greeting` there is none, and the placeholder vanishes.
    public var opening: [OpeningLine] {
        let halves = Self.split(greeting, at: Self.disclosurePlaceholder)
        guard disclosure.policy == .greeting else {
            return Self.lines(
                [(halves.map(\.trimmedSpaces).filter { !$0.isEmpty }.joined(separator: " "), false)], false)
        }
        let around = halves.count == 1 ? ["", halves[0]] : [halves[0], halves[1...].joined(separator: " ")]
        return Self.lines(
            [(around[0], false), (disclosure.text, true), (around[1], false)], disclosure.isProtected)
    }

    private static func lines(_ parts: [(text: String, isDisclosure: Bool)], _ isProtected: Bool) -> [OpeningLine] {
        parts.compactMap { part in
            let text = part.text.trimmedSpaces
            if text.isEmpty { return nil }
            return OpeningLine(
                text: text, isDisclosure: part.isDisclosure, isProtected: part.isDisclosure && isProtected)
        }
    }

    private static func split(_ text: String, at mark: String) -> [String] {
        var parts: [String] = []
        var part: [Character] = []
        let mark = Array(mark)
        for character in text {
            part.append(character)
            if part.count >= mark.count, part.suffix(mark.count).elementsEqual(mark) {
                parts.append(String(part.dropLast(mark.count)))
                part = []
            }
        }
        return parts + [String(part)]
    }
}

extension String {
    fileprivate var trimmedSpaces: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
