import CallStore
import CallTime
import Foundation

/// What a server needs to know besides its agents.
public struct ServerSettings: Sendable {
    public struct Vendor: Sendable {
        public var key: String
        public var baseURL: String
    }

    public struct Twilio: Sendable {
        public var accountSID: String
        public var authToken: String
        public var baseURL: String
        /// Calls are placed from it.
        public var number: String?
    }

    public enum LogFormat: String, Sendable { case text, json }

    public var host = "0.0.0.0"
    public var port = 8_080
    /// Without a trailing slash. What the carrier is told, and what its signatures are computed over.
    public var publicURL: String?
    public var dataFolder = ""
    public var apiToken: String?
    public var certificatePath: String?
    public var keyPath: String?
    public var trustedProxies: [String] = []
    public var logLevel = "info"
    public var logFormat = LogFormat.text
    public var mostCalls = 200
    public var drain = Duration.seconds(20)
    public var lead = Duration.milliseconds(200)
    public var twilio: Twilio
    public var deepgram: Vendor
    public var openAI: Vendor
    public var elevenLabs: Vendor
    public var checksSignatures = true
    public var logsPrivate = false

    /// Every key, so that a log can be kept free of them.
    public var secrets: [String] {
        [apiToken ?? "", twilio.authToken, deepgram.key, openAI.key, elevenLabs.key].filter { !$0.isEmpty }
    }

    /// - Parameters:
    ///   - flags: What the command line set, by the flag's name.
    ///   - configFile: Path of a YAML file.
    /// - Throws: `ConfigurationError`, naming the setting; a key's value is never in it.
    public init(
        flags: [String: String] = [:], environment: [String: String] = ProcessInfo.processInfo.environment,
        configFile: String? = nil
    ) throws {
        let file = try configFile.map { path -> (text: String, path: String) in
            guard let bytes = FileManager.default.contents(atPath: path) else {
                throw ConfigurationError(field: "config", given: path, allowed: "a file that can be read")
            }
            return (String(decoding: bytes, as: UTF8.self), path)
        }
        let reader = try SettingsReader(flags: flags, environment: environment, configFile: file)
        twilio = Twilio(
            accountSID: try reader.text("twilio.account_sid") ?? "",
            authToken: try reader.text("twilio.auth_token") ?? "",
            baseURL: try reader.text("twilio.base_url") ?? "https://api.twilio.com",
            number: try reader.text("twilio.number"))
        deepgram = try Self.vendor("deepgram", "https://api.deepgram.com", reader)
        openAI = try Self.vendor("openai", "https://api.openai.com/v1", reader)
        elevenLabs = try Self.vendor("elevenlabs", "https://api.elevenlabs.io", reader)
        host = try reader.text("host") ?? host
        port = try reader.integer("port", in: 0...65_535, otherwise: port)
        publicURL = try Self.publicURL(reader)
        dataFolder = DataFolder.path(given: try reader.text("data_dir"), environment: environment)
        apiToken = try reader.text("api_token")
        certificatePath = try reader.text("tls.certificate")
        keyPath = try reader.text("tls.key")
        guard (certificatePath == nil) == (keyPath == nil) else {
            throw ConfigurationError(
                field: "tls", given: "only one of certificate and key", allowed: "both, or neither")
        }
        trustedProxies =
            try reader.text("trusted_proxies")?.split(separator: ",")
            .map { $0.trimmingCharacters(in: .whitespaces) } ?? []
        logLevel = try reader.text("log.level") ?? logLevel
        guard ["trace", "debug", "info", "notice", "warning", "error", "critical"].contains(logLevel) else {
            throw ConfigurationError(field: "log.level", given: logLevel, allowed: "trace to critical")
        }
        if let format = try reader.text("log.format") {
            guard let known = LogFormat(rawValue: format) else {
                throw ConfigurationError(field: "log.format", given: format, allowed: "text, json")
            }
            logFormat = known
        }
        mostCalls = try reader.integer("limits.calls", in: 1...10_000, otherwise: mostCalls)
        drain = .seconds(try reader.integer("limits.drain_s", in: 0...3_600, otherwise: 20))
        lead = .milliseconds(try reader.integer("limits.lead_ms", in: 60...1_000, otherwise: 200))
        checksSignatures = try !reader.flag("insecure.no_signatures")
        logsPrivate = try reader.flag("insecure.log_private")
    }

    private static func vendor(_ name: String, _ url: String, _ reader: SettingsReader) throws -> Vendor {
        Vendor(key: try reader.text("\(name).api_key") ?? "", baseURL: try reader.text("\(name).base_url") ?? url)
    }

    private static func publicURL(_ reader: SettingsReader) throws -> String? {
        guard var text = try reader.text("public_url") else { return nil }
        while text.hasSuffix("/") { text.removeLast() }
        guard text.hasPrefix("https://") || text.hasPrefix("http://"), text.count > 8, !text.contains("?") else {
            throw ConfigurationError(field: "public_url", given: text, allowed: "https://host, without a query")
        }
        return text
    }
}
