import AsyncHTTPClient
import CallTime
import Foundation
import NIOCore
import ProviderClients
import Telephony

/// Asks each configured vendor one cheap question: is it there, and does it take our key?
public struct VendorCheck: Sendable {
    public struct Finding: Sendable, Equatable {
        public var vendor: String
        /// What was found, or what is wrong; a key is never in it.
        public var text: String
        public var isGood: Bool
    }

    private static let deadline = TimeAmount.seconds(5)

    private struct Question {
        var vendor: String
        var isConfigured: Bool
        var keyName: String
        var url: () throws -> String
        var headers: [(String, String)]
    }

    private let settings: ServerSettings

    public init(_ settings: ServerSettings) { self.settings = settings }

    /// In the order carrier, recogniser, model, voice. A vendor without a key is said to be not configured.
    public func findings() async -> [Finding] {
        var findings: [Finding] = []
        for question in questions { findings.append(await ask(question)) }
        return findings
    }

    private var questions: [Question] {
        let (twilio, deepgram, openAI, elevenLabs) = (
            settings.twilio, settings.deepgram, settings.openAI, settings.elevenLabs
        )
        let basic = Data("\(twilio.accountSID):\(twilio.authToken)".utf8).base64EncodedString()
        return [
            Question(
                vendor: "twilio", isConfigured: !twilio.accountSID.isEmpty && !twilio.authToken.isEmpty,
                keyName: "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
                url: { try VendorURL(twilio.baseURL).http(path: "/2010-04-01/Accounts/\(twilio.accountSID).json") },
                headers: [("Authorization", "Basic \(basic)")]),
            Question(
                vendor: "deepgram", isConfigured: !deepgram.key.isEmpty, keyName: "DEEPGRAM_API_KEY",
                url: { try VendorURL(deepgram.baseURL).http(path: "/v1/projects") },
                headers: [("Authorization", "Token \(deepgram.key)")]),
            Question(
                vendor: "openai", isConfigured: !openAI.key.isEmpty || !openAI.baseURL.contains("api.openai.com"),
                keyName: "OPENAI_API_KEY", url: { try VendorURL(openAI.baseURL).http(path: "/models") },
                headers: openAI.key.isEmpty ? [] : [("Authorization", "Bearer \(openAI.key)")]),
            Question(
                vendor: "elevenlabs", isConfigured: !elevenLabs.key.isEmpty, keyName: "ELEVENLABS_API_KEY",
                url: { try VendorURL(elevenLabs.baseURL).http(path: "/v1/user") },
                headers: [("xi-api-key", elevenLabs.key)]),
        ]
    }

    private func ask(_ question: Question) async -> Finding {
        func finding(_ text: String, _ isGood: Bool) -> Finding {
            Finding(vendor: question.vendor, text: text, isGood: isGood)
        }
        guard question.isConfigured else { return finding("not configured: set \(question.keyName)", false) }
        do {
            let url = try question.url()
            var request = HTTPClientRequest(url: url)
            for (name, value) in question.headers { request.headers.add(name: name, value: value) }
            let began = ContinuousClock().now
            let answer = try await HTTPClient.shared.execute(request, timeout: Self.deadline)
            let took = Int((ContinuousClock().now - began).milliseconds)
            switch answer.status.code {
            case 200..<300: return finding("answers in \(took) ms", true)
            case 401, 403: return finding("refuses the key (HTTP \(answer.status.code))", false)
            case 429: return finding("is reached, but our quota or rate is used up (HTTP 429)", false)
            default: return finding("answers HTTP \(answer.status.code)", false)
            }
        } catch let error as ConfigurationError {
            return finding("\(error)", false)
        } catch {
            return finding(
                "cannot be reached: \(Redaction(secrets: settings.secrets, keepsNumbers: true).clean("\(error)"))",
                false)
        }
    }
}
