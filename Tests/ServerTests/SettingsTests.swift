import CallTime
import Foundation
import Testing

@testable import Server

@Suite struct SettingsTests {
    /// Settings read with a configuration file of this text.
    private func settings(
        _ yaml: String, flags: [String: String] = [:], environment: [String: String] = [:]
    ) throws -> ServerSettings {
        let path = NSTemporaryDirectory() + "settings-\(UUID().uuidString).yaml"
        try Data(yaml.utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try ServerSettings(flags: flags, environment: environment, configFile: path)
    }

    private func problem(
        _ yaml: String, flags: [String: String] = [:], environment: [String: String] = [:]
    ) -> String {
        do {
            _ = try settings(yaml, flags: flags, environment: environment)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func aFlagWinsOverTheEnvironmentAndThatOverTheFile() throws {
        let (file, environment) = ("port: 1000", ["PARLEY_PORT": "2000"])
        #expect(try settings("").port == 8_080)
        #expect(try settings(file).port == 1_000)
        #expect(try settings(file, environment: environment).port == 2_000)
        #expect(try settings(file, flags: ["port": "3000"], environment: environment).port == 3_000)
        #expect(try settings(file, environment: ["PARLEY_PORT": ""]).port == 1_000)
    }

    @Test func sectionsAndListsOfAFileAreRead() throws {
        let read = try settings("limits: {calls: 7, lead_ms: 300}\ntrusted_proxies: [10.0.0.1, 10.0.0.2]\nlog: {format: json}")
        #expect(read.mostCalls == 7)
        #expect(read.lead == .milliseconds(300))
        #expect(read.trustedProxies == ["10.0.0.1", "10.0.0.2"])
        #expect(read.logFormat == .json)
    }

    @Test func anUnknownKeyOfAFileIsNamed() {
        #expect(problem("limits: {call: 7}").contains("limits.call"))
        #expect(problem("prot: 80").contains("prot"))
    }

    @Test func aFileThatIsNoYAMLOrIsNotThereIsNamed() {
        #expect(problem("a: [").contains("settings-"))
        #expect(problem("a: &x 1\nb: *x") != "")
        #expect(throws: ConfigurationError.self) { try ServerSettings(environment: [:], configFile: "/nowhere/at.yaml") }
    }

    @Test(arguments: Setting.all.filter(\.isSecret).map(\.path))
    func aKeyWrittenIntoAFileIsRefusedAndNotRepeated(_ path: String) {
        let parts = path.split(separator: ".")
        let yaml = parts.count == 2 ? "\(parts[0]):\n  \(parts[1]): planted-key-77" : "\(path): planted-key-77"
        let text = problem(yaml)
        #expect(text.contains(path))
        #expect(!text.contains("planted-key-77"))
    }

    @Test func aFileRefersToKeysInTheEnvironmentAndInFiles() throws {
        let path = NSTemporaryDirectory() + "key-\(UUID().uuidString)"
        try Data("from-a-file\n".utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let yaml = "openai: {api_key: env:OTHER}\ndeepgram: {api_key: \"file:\(path)\"}"
        let read = try settings(yaml, environment: ["OTHER": "from-elsewhere"])
        #expect(read.openAI.key == "from-elsewhere")
        #expect(read.deepgram.key == "from-a-file")
        #expect(problem("openai: {api_key: env:OTHER}").contains("OTHER"))
        #expect(problem("openai: {api_key: file:/nowhere/key}").contains("/nowhere/key"))
    }

    @Test func allKeysAreKnownToTheLog() throws {
        let keys = ["TWILIO_AUTH_TOKEN", "PARLEY_API_TOKEN", "DEEPGRAM_API_KEY", "OPENAI_API_KEY", "ELEVENLABS_API_KEY"]
        let environment = Dictionary(uniqueKeysWithValues: keys.map { ($0, "planted-" + $0) })
        #expect(try Set(settings("", environment: environment).secrets) == Set(environment.values))
    }

    @Test(arguments: [
        ("port", "65536"), ("port", "x"), ("most-calls", "0"), ("lead-ms", "10"), ("log-level", "loud"),
        ("log-format", "xml"), ("insecure-no-signatures", "maybe"), ("public-url", "voice.example.test"),
        ("public-url", "https://a?b"), ("tls-key", "key.pem"),
    ])
    func aValueOutsideItsRangeIsNamed(_ flag: String, _ value: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try ServerSettings(flags: [flag: value], environment: [:]) }
        #expect(error.map { "\($0)" }?.isEmpty == false)
        let path = Setting.all.first { $0.flag == flag }?.path ?? ""
        #expect(path.hasPrefix(error?.field ?? "?"))
    }

    @Test func aPublicAddressLosesItsTrailingSlash() throws {
        #expect(try settings("public_url: https://a.example.test//").publicURL == "https://a.example.test")
    }

    @Test func noProblemOfAnySettingRepeatsAKey() {
        let planted = "planted-key-42"
        var environment: [String: String] = [:]
        for setting in Setting.all where setting.isSecret { environment[setting.environment] = planted }
        for setting in Setting.all where !setting.isSecret {
            guard let flag = setting.flag else { continue }
            do {
                _ = try ServerSettings(flags: [flag: "\u{1}nonsense"], environment: environment)
            } catch {
                #expect(!"\(error)".contains(planted), "\(flag)")
            }
        }
    }
}
