import AgentFile
import CallRuntime
import CallStore
import Foundation
import Logging
import NIOHTTP1
import ProviderConformance
import Providers
import Synchronization
import Telephony

@testable import Server

/// A phone server on a free port with a data folder of its own, and the carrier's and the operator's ends of it.
struct PhoneRig: Sendable {
    static let authToken = "carrier-auth-token-93aa"
    static let apiToken = "operator-api-token-51bc"
    static let publicURL = "https://voice.example.test"

    let server: PhoneServer
    let port: Int
    let folder: String
    let rest: FakeREST
    /// Ends when the server's `run` does.
    let running: Task<Void, any Error>

    var desk: CallDesk { server.desk }
    var metrics: Metrics { server.desk.metrics }

    /// Signs as Twilio does, for the address the server knows as its own.
    var carrier: FakeCarrier {
        FakeCarrier(
            port: port, address: server.settings.publicURL ?? "http://127.0.0.1:\(port)", authToken: Self.authToken)
    }

    /// A request of the operator's.
    func operate(_ method: HTTPMethod, _ path: String, headers: [(String, String)] = [], body: String? = nil)
        async throws -> HTTPAnswer
    {
        try await ask(
            method, path, port: port, headers: [("Authorization", "Bearer \(Self.apiToken)")] + headers, body: body)
    }

    /// The only call there is.
    var onlyCall: PhoneCall {
        get throws {
            guard let call = desk.directory.all.first, desk.directory.all.count == 1 else {
                throw Overdue(description: "there are \(desk.directory.all.count) calls")
            }
            return call
        }
    }

    /// Places a call by the interface, and has it answered by the callee.
    ///
    /// - Returns: the call, and the stream the carrier is told to connect.
    func placed(machineDetection: Bool = false) async throws -> (id: String, offer: StreamOffer) {
        let answer = try await operate(
            .POST, "/v1/calls", body: #"{"to": "+15550100009", "machine_detection": \#(machineDetection)}"#)
        guard let id = answer.json?["id"] as? String else { throw Overdue(description: "not placed: \(answer.body)") }
        let sid = FakeREST.sid(rest.creates.count)
        let twiML = try await carrier.post("/twilio/outbound/\(id)", ["CallSid": sid])
        return (id, try StreamOffer(twiML, callSID: sid))
    }

    /// The outcome a call ended with.
    func outcome(of id: String) async throws -> String? {
        try await eventually("call \(id) is not over") { desk.directory.call(id)?.isOver ?? false }
        return desk.directory.call(id)?.state.withLock { $0.outcome?.rawValue }
    }
}

/// Runs a phone server for as long as the body takes, and demands that it stops afterwards.
///
/// - Parameters:
///   - agents: nil: one that answers every number, whose recogniser, model and voice are scripted.
///   - isPublic: whether the server has a `public_url`.
///   - model: of agents with scripted providers; they hear `hears`, whatever the caller says.
///   - usesFiles: the agents' own providers are made, as in a server.
func withPhone(
    agents: [AgentFile]? = nil, flags: [String: String] = [:], environment: [String: String] = [:],
    isPublic: Bool = true, hears: String = "I would like a person.", model: any LanguageModel = ScriptedLanguageModel(),
    usesFiles: Bool = false, logger: Logger? = nil, _ body: (PhoneRig) async throws -> Void
) async throws {
    let folder = NSTemporaryDirectory() + "phone-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let rest = FakeREST()
    let restPort = try await rest.start()
    var all = [
        "TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": PhoneRig.authToken, "PARLEY_API_TOKEN": PhoneRig.apiToken,
        "TWILIO_BASE_URL": "http://127.0.0.1:\(restPort)",
    ]
    all.merge(environment) { $1 }
    var allFlags = ["port": "0", "host": "127.0.0.1", "data": folder]
    if isPublic { allFlags["public-url"] = PhoneRig.publicURL }
    allFlags.merge(flags) { $1 }
    let settings = try ServerSettings(flags: allFlags, environment: all)
    var quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    quiet.logLevel = .critical
    let files = try agents ?? [TestAgent.file()]
    let server =
        usesFiles
        ? try await PhoneServer(settings: settings, agents: files, logger: logger ?? quiet)
        : try await PhoneServer(settings: settings, agents: files, logger: logger ?? quiet) { file, store in
            ServedAgent(
                file: file,
                providers: CallProviders(
                    speechToText: ScriptedSpeechToText(text: hears), languageModel: model,
                    voices: [ScriptedTextToSpeech()], tools: try await BuiltInTools.make(for: file, store: store)))
        }
    let running = Task { try await server.run() }
    let rig = PhoneRig(
        server: server, port: try await server.boundPort(), folder: folder, rest: rest, running: running)
    do {
        try await body(rig)
    } catch {
        await server.stop()
        await rest.stop()
        throw error
    }
    await server.stop()
    await rest.stop()
    try await running.value
}

enum TestAgent {
    /// An agent that talks freely.
    static func file(
        name: String = "Test Desk", greeting: String = "Hello from the desk.", more: String = ""
    ) throws -> AgentFile {
        try AgentFile.load(
            yaml: """
                name: \(name)
                language: en-US
                greeting: "\(greeting) {disclosure}"
                disclosure:
                  policy: greeting
                  text: "I am a machine."
                instructions: Be brief.
                providers:
                  language_model: [openai]
                \(more)
                """)
    }

    /// One that hands over.
    static func escalating() throws -> AgentFile {
        try file(
            more: """
                tools: [escalate_to_human, end_call]
                escalation:
                  target: "+15550100200"
                  announce: "One moment please."
                  unanswered: "Nobody is free now."
                  timeout_s: 17
                """)
    }

    /// One with a message for answering machines.
    static func calling(holdSeconds: Int = 4) throws -> AgentFile {
        try file(
            more: """
                numbers: ["+15550100001"]
                outbound:
                  greeting: "Good day. {disclosure}"
                  hold_greeting_s: \(holdSeconds)
                voicemail:
                  message: "Please call us back tomorrow."
                """)
    }

    static func example(_ name: String) throws -> AgentFile {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try AgentFile.load(path: root.appending(path: "Examples/\(name)").path)
    }
}

/// A model that answers as a closure says, and keeps what it was asked.
final class StubModel: LanguageModel {
    let name = "stub"
    private let requests = Mutex<[ModelRequest]>([])
    private let answer: @Sendable (ModelRequest) -> [ModelEvent]

    var seen: [ModelRequest] { requests.withLock { $0 } }

    init(_ answer: @escaping @Sendable (ModelRequest) -> [ModelEvent]) { self.answer = answer }

    func reply(to request: ModelRequest) -> AsyncThrowingStream<ModelEvent, any Error> {
        requests.withLock { $0.append(request) }
        return AsyncThrowingStream { continuation in
            for event in answer(request) { continuation.yield(event) }
            continuation.finish()
        }
    }
}
