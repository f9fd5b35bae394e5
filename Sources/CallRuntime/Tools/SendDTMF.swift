import Providers

/// `send_dtmf`: presses keys on the call, as for a menu at the other end.
///
/// Takes `{"digits":"12#"}`: `0`-`9`, `A`-`D`, `*`, `#`, and `w` for a pause. Answers `{"sent":true,"digits":"12#"}`. It only
/// checks; playing the tones is the runtime's part.
public struct SendDTMF: StoreTool {
    /// Longer than any account number with a code behind it.
    static let mostDigits = 32
    private static let tones = "0123456789ABCD*#"

    public init() {}

    public var description: ToolDescription {
        ToolDescription(
            name: "send_dtmf",
            purpose: "Presses keys on the call. Use it when a telephone menu or a machine asks for keys.",
            parametersJSON: """
                {"type":"object","properties":{"digits":{"type":"string",\
                "description":"0-9, A-D, *, # in order; w is a short pause"}},"required":["digits"]}
                """)
    }

    func answer(_ arguments: ToolArguments, context: ToolContext) async throws -> JSONValue {
        let digits = try arguments.text("digits")
        guard (1...Self.mostDigits).contains(digits.utf8.count), digits.contains(where: Self.tones.contains),
            digits.allSatisfy({ $0 == "w" || Self.tones.contains($0) })
        else {
            throw ToolComplaint(
                "digits", given: digits, allowed: "1 to \(Self.mostDigits) of 0-9, A-D, *, # and w for a pause")
        }
        return .object(["sent": .bool(true), "digits": .string(digits)])
    }
}
