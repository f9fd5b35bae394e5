import CallTime
import Foundation
import NIOCore
import NIOPosix

/// Places telephone calls at a server and measures how long callers wait for its answers.
public struct LatencyBench: Sendable {
    public enum Target: Sendable {
        /// A server in this process, with stand-ins for its vendors.
        case own(VendorDelays)
        /// Any server that answers a voice webhook of Twilio's.
        ///
        /// - Parameters:
        ///   - url: `https://host/twilio/voice`
        ///   - authToken: Signs the requests.
        ///   - apiToken: Of a server of ours: it is then asked where the time went.
        case webhook(url: String, authToken: String?, apiToken: String?)
    }

    public static let mostCalls = 500
    public static let mostTurns = 990

    public var calls = 1
    public var turns = 10
    public var utterances: [[UInt8]]
    /// As it was typed, without tokens; for the report.
    public var command = ""

    /// - Parameter utterances: mu-law, each beginning and ending with an audible frame (`CallerUtterances`).
    public init(utterances: [[UInt8]]) { self.utterances = utterances }

    /// - Throws: `BenchFailure`, `ConfigurationError`, or what keeps a server of ours from starting. A call that fails is
    ///   in the report instead.
    public func measure(_ target: Target) async throws -> LatencyReport {
        try check()
        switch target {
        case .own(let delays): return try await measureOwn(delays)
        case .webhook(let url, let authToken, let apiToken):
            return try await measureWebhook(VoiceWebhook(url: url, authToken: authToken), apiToken: apiToken)
        }
    }

    private func check() throws {
        guard (1...Self.mostCalls).contains(calls) else {
            throw ConfigurationError(field: "calls", given: "\(calls)", allowed: "1 to \(Self.mostCalls)")
        }
        guard (1...Self.mostTurns).contains(turns) else {
            throw ConfigurationError(field: "turns", given: "\(turns)", allowed: "1 to \(Self.mostTurns)")
        }
        guard !utterances.isEmpty, utterances.allSatisfy({ !$0.isEmpty }) else {
            throw ConfigurationError(field: "caller", given: "silence", allowed: "speech")
        }
    }

    // MARK: Targets

    private func measureOwn(_ delays: VendorDelays) async throws -> LatencyReport {
        // Threads of their own, so that neither callers nor vendors wait for the server they talk to.
        let vendors = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let server = try await OwnServer(
                delays, calls: calls, turns: turns, seconds: 60 + turns * 30, on: vendors)
            let records = await place(at: server.webhook, dialsOwnHost: true)
            let (turns, note) = await serverTurns(of: records, base: server.base, apiToken: OwnServer.apiToken)
            let asked = server.standIns.counts.values
            await server.stop()
            try await vendors.shutdownGracefully()
            return LatencyReport(
                command: command, target: "a server in this process", machine: .current, delays: delays, asked: asked,
                turnsPerCall: self.turns, records: records, serverTurns: turns, note: note)
        } catch {
            try? await vendors.shutdownGracefully()
            throw error
        }
    }

    private func measureWebhook(_ webhook: VoiceWebhook, apiToken: String?) async throws -> LatencyReport {
        guard let components = URLComponents(string: webhook.url), let scheme = components.scheme,
            ["http", "https"].contains(scheme), let host = components.host, !host.isEmpty, components.user == nil
        else {
            throw ConfigurationError(
                field: "url", given: "something else", allowed: "a voice webhook such as https://host/twilio/voice, without a user")
        }
        let base = "\(scheme)://\(host)" + (components.port.map { ":\($0)" } ?? "")
        let records = await place(at: webhook, dialsOwnHost: false)
        var turns: (turns: [ServerTurn], note: String?) = ([], nil)
        if let apiToken { turns = await serverTurns(of: records, base: base, apiToken: apiToken) }
        return LatencyReport(
            command: command, target: base + components.percentEncodedPath, machine: .current, delays: nil, asked: nil,
            turnsPerCall: self.turns, records: records, serverTurns: turns.turns, note: turns.note)
    }

    private func serverTurns(
        of records: [CallRecord], base: String, apiToken: String
    ) async -> (turns: [ServerTurn], note: String?) {
        do {
            return (try await ServerTurns(base: base, apiToken: apiToken).turns(of: records.map(\.callSID)), nil)
        } catch {
            return ([], "where the time went is not known: \(error)")
        }
    }

    // MARK: Calls

    /// All at once: they begin within a second, evenly, as callers do not all speak at the same moment.
    private func place(at webhook: VoiceWebhook, dialsOwnHost: Bool) async -> [CallRecord] {
        let lines = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let line = PhoneLine(webhook: webhook, dialsOwnHost: dialsOwnHost, eventLoop: lines.next())
        let records = await withTaskGroup(of: (Int, CallRecord).self) { group in
            for number in 0..<calls {
                let script = CallerScript(utterances: utterances, turns: turns, first: number)
                let delay = Duration.seconds(1) * number / calls
                group.addTask {
                    try? await Task.sleep(for: delay)
                    return (number, await line.call(script, callSID: Self.newCallSID()))
                }
            }
            var records = [CallRecord?](repeating: nil, count: calls)
            for await (number, record) in group { records[number] = record }
            return records.compactMap(\.self)
        }
        try? await lines.shutdownGracefully()
        return records
    }

    private static func newCallSID() -> String {
        "CA" + UUID().uuidString.lowercased().filter { $0 != "-" }
    }
}
