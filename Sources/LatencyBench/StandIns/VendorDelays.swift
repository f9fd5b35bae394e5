import CallTime

/// How fast the vendors' stand-ins answer. They keep to it exactly, every time.
public struct VendorDelays: Sendable, Equatable {
    /// Recogniser: `Finalize` to the final transcript.
    public var transcript = Duration.milliseconds(70)
    /// Model: request to the first token.
    public var firstToken = Duration.milliseconds(250)
    /// Model: from the first token on.
    public var tokensPerSecond = 60
    /// Voice: text to its first audio.
    public var firstAudio = Duration.milliseconds(120)
    /// Voice: how long a character sounds.
    public var character = Duration.milliseconds(65)

    public init() {}

    /// Reads `transcript=70,first-token=250,tokens=60,first-audio=120`: milliseconds, and tokens a second. What is left
    /// out keeps its default.
    public init(parsing text: String) throws(ConfigurationError) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", omittingEmptySubsequences: false)
            guard pair.count == 2, let value = Int(pair[1]) else {
                throw ConfigurationError(
                    field: "delays", given: String(part),
                    allowed: "transcript=70,first-token=250,tokens=60,first-audio=120")
            }
            let allowed = pair[0] == "tokens" ? 1...10_000 : 0...10_000
            guard allowed.contains(value) else {
                throw ConfigurationError(
                    field: "delays", given: String(part), allowed: "\(allowed.lowerBound) to \(allowed.upperBound)")
            }
            switch pair[0] {
            case "transcript": transcript = .milliseconds(value)
            case "first-token": firstToken = .milliseconds(value)
            case "tokens": tokensPerSecond = value
            case "first-audio": firstAudio = .milliseconds(value)
            default:
                throw ConfigurationError(
                    field: "delays", given: String(pair[0]), allowed: "transcript, first-token, tokens, first-audio")
            }
        }
    }
}
