import ArgumentParser
import CallTime
import Foundation
import Server

/// The flags of every command that needs a server's settings.
struct ServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Settings as a YAML file; docs/server.md lists them.", valueName: "parley.yaml"))
    var config: String?

    @Option(help: ArgumentHelp("Address to listen at (default: 0.0.0.0).", valueName: "address"))
    var host: String?

    @Option(help: ArgumentHelp("Port to listen at (default: 8080).", valueName: "port"))
    var port: Int?

    @Option(
        help: ArgumentHelp("The server's address as the carrier sees it, https://voice.example.com.", valueName: "url"))
    var publicURL: String?

    @Option(
        help: ArgumentHelp(
            "Folder for the store, journals and spoken lines (default: parley in the user's data folder).",
            valueName: "dir"))
    var data: String?

    @Option(
        help: ArgumentHelp("PEM certificate chain; with --tls-key the server speaks TLS itself.", valueName: "file"))
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("PEM private key.", valueName: "file"))
    var tlsKey: String?

    @Option(
        help: ArgumentHelp(
            "Addresses, comma-separated, whose X-Forwarded-* headers are believed.", valueName: "addresses"))
    var trustedProxies: String?

    @Option(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error or critical (default: info).", valueName: "level"))
    var logLevel: String?

    @Option(help: ArgumentHelp("text or json (default: text).", valueName: "format"))
    var logFormat: String?

    @Option(
        help: ArgumentHelp("Calls at once; the next caller hears a polite line (default: 200).", valueName: "count"))
    var mostCalls: Int?

    @Option(
        help: ArgumentHelp(
            "How long running calls go on after SIGTERM before they are said goodbye to (default: 20).",
            valueName: "seconds"))
    var drainSeconds: Int?

    @Option(help: ArgumentHelp("Audio the carrier may hold ahead of its time (default: 200).", valueName: "ms"))
    var leadMs: Int?

    @Flag(help: "Take the carrier's requests without its signature. For tests only.")
    var insecureNoSignatures = false

    @Flag(help: "Write phone numbers to the log.")
    var insecureLogPrivate = false

    /// - Throws: `CommandFailure` for settings that make no sense.
    func settings() throws -> ServerSettings {
        var flags: [String: String] = [:]
        flags["host"] = host
        flags["port"] = port.map { String($0) }
        flags["public-url"] = publicURL
        flags["data"] = data
        flags["tls-certificate"] = tlsCertificate
        flags["tls-key"] = tlsKey
        flags["trusted-proxies"] = trustedProxies
        flags["log-level"] = logLevel
        flags["log-format"] = logFormat
        flags["most-calls"] = mostCalls.map { String($0) }
        flags["drain-seconds"] = drainSeconds.map { String($0) }
        flags["lead-ms"] = leadMs.map { String($0) }
        if insecureNoSignatures { flags["insecure-no-signatures"] = "true" }
        if insecureLogPrivate { flags["insecure-log-private"] = "true" }
        do {
            return try ServerSettings(flags: flags, configFile: config)
        } catch let error as ConfigurationError {
            throw CommandFailure(.usage, "Error: \(error)")
        }
    }
}
