/// Every setting of a server: its name in a configuration file, in the environment, and on the command line.
///
/// A flag wins over the environment, the environment over the file.
public struct Setting: Sendable, Equatable {
    /// Dotted path in the file: `twilio.auth_token`.
    public var path: String
    public var environment: String
    /// Long flag without its dashes; nil: keys and what nobody types.
    public var flag: String?
    /// Keys: never printed, and in a file only as `env:NAME` or `file:PATH`.
    public var isSecret = false
    public var help: String

    public static let all: [Setting] = [
        .init(path: "host", environment: "PARLEY_HOST", flag: "host", help: "Address to listen at (0.0.0.0)."),
        .init(path: "port", environment: "PARLEY_PORT", flag: "port", help: "Port to listen at (8080)."),
        .init(
            path: "public_url", environment: "PARLEY_PUBLIC_URL", flag: "public-url",
            help: "The server's address as the carrier sees it, https://voice.example.com."),
        .init(
            path: "data_dir", environment: "PARLEY_DATA_DIR", flag: "data",
            help: "Folder for the store, journals and spoken lines (parley in the user's data folder)."),
        .init(
            path: "api_token", environment: "PARLEY_API_TOKEN", flag: nil, isSecret: true,
            help: "Bearer token of the /v1 interface; without one it is closed."),
        .init(
            path: "tls.certificate", environment: "PARLEY_TLS_CERTIFICATE", flag: "tls-certificate",
            help: "PEM certificate chain; with tls.key the server speaks TLS itself."),
        .init(path: "tls.key", environment: "PARLEY_TLS_KEY", flag: "tls-key", help: "PEM private key."),
        .init(
            path: "trusted_proxies", environment: "PARLEY_TRUSTED_PROXIES", flag: "trusted-proxies",
            help: "Addresses, comma-separated, whose X-Forwarded-* headers are believed (none)."),
        .init(path: "log.level", environment: "PARLEY_LOG_LEVEL", flag: "log-level", help: "trace to critical (info)."),
        .init(path: "log.format", environment: "PARLEY_LOG_FORMAT", flag: "log-format", help: "text or json (text)."),
        .init(
            path: "limits.calls", environment: "PARLEY_MOST_CALLS", flag: "most-calls",
            help: "Calls at once; the next caller hears a polite line (200)."),
        .init(
            path: "limits.drain_s", environment: "PARLEY_DRAIN_SECONDS", flag: "drain-seconds",
            help: "How long running calls go on after SIGTERM before they are said goodbye to (20)."),
        .init(
            path: "limits.lead_ms", environment: "PARLEY_LEAD_MS", flag: "lead-ms",
            help: "Audio the carrier may hold ahead of its time, 60 to 1000 ms (200)."),
        .init(
            path: "twilio.account_sid", environment: "TWILIO_ACCOUNT_SID", flag: nil, isSecret: true,
            help: "Twilio account, AC and 32 digits."),
        .init(
            path: "twilio.auth_token", environment: "TWILIO_AUTH_TOKEN", flag: nil, isSecret: true,
            help: "Signs Twilio's requests, and ours to it."),
        .init(
            path: "twilio.base_url", environment: "TWILIO_BASE_URL", flag: nil,
            help: "Twilio's REST interface (https://api.twilio.com)."),
        .init(
            path: "twilio.number", environment: "TWILIO_NUMBER", flag: nil,
            help: "The number that calls are placed from (the agent's first number)."),
        .init(
            path: "deepgram.api_key", environment: "DEEPGRAM_API_KEY", flag: nil, isSecret: true, help: "Deepgram key."),
        .init(
            path: "deepgram.base_url", environment: "DEEPGRAM_BASE_URL", flag: nil,
            help: "Deepgram (https://api.deepgram.com)."),
        .init(
            path: "openai.api_key", environment: "OPENAI_API_KEY", flag: nil, isSecret: true,
            help: "OpenAI key; servers that imitate it may need none."),
        .init(
            path: "openai.base_url", environment: "OPENAI_BASE_URL", flag: nil,
            help: "OpenAI or what speaks its protocol, with /v1 (https://api.openai.com/v1)."),
        .init(
            path: "elevenlabs.api_key", environment: "ELEVENLABS_API_KEY", flag: nil, isSecret: true,
            help: "ElevenLabs key."),
        .init(
            path: "elevenlabs.base_url", environment: "ELEVENLABS_BASE_URL", flag: nil,
            help: "ElevenLabs (https://api.elevenlabs.io)."),
        .init(
            path: "insecure.no_signatures", environment: "PARLEY_INSECURE_NO_SIGNATURES",
            flag: "insecure-no-signatures", help: "Take requests of the carrier without its signature."),
        .init(
            path: "insecure.log_private", environment: "PARLEY_INSECURE_LOG_PRIVATE", flag: "insecure-log-private",
            help: "Write phone numbers to the log."),
    ]
}
