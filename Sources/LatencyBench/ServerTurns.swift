// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Names are the protocol's own.

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat

/// One turn as the server's own ledger has it.
public struct ServerTurn: Sendable, Equatable, Decodable {
    public var gapUs: Int
    /// By `TurnLedger.Part`'s name; they sum to the gap.
    public var partsUs: [String: Int]

    private enum CodingKeys: String, CodingKey {
        case gapUs = "gap_us"
        case partsUs = "parts_us"
    }
}

/// Asks a server of ours for what it knows of calls, by its `/v1` interface.
struct ServerTurns: Sendable {
    /// `https://host`, without a path.
    var base: String
    var apiToken: String

    /// How long a call's end may take to show.
    private static let patience = Duration.seconds(5)

    /// - Throws: `BenchFailure`.
    func turns(of callSIDs: [String]) async throws -> [ServerTurn] {
        let listing: Listing = try await get("/v1/calls?limit=500")
        let wanted = Set(callSIDs)
        let ids = listing.calls.filter { $0.carrier_id.map(wanted.contains) ?? false }.map(\.id)
        guard !ids.isEmpty else { throw BenchFailure("the server knows none of the calls") }
        let clock = ContinuousClock()
        let deadline = clock.now + Self.patience
        var turns: [ServerTurn] = []
        for id in ids {
            var detail: Detail = try await get("/v1/calls/\(id)")
            while detail.state != "ended", clock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
                detail = try await get("/v1/calls/\(id)")
            }
            turns += detail.turns
        }
        return turns
    }

    private func get<Answer: Decodable>(_ path: String) async throws -> Answer {
        var request = HTTPClientRequest(url: base + path)
        request.headers.add(name: "Authorization", value: "Bearer \(apiToken)")
        do {
            let response = try await BenchHTTP.client.execute(request, timeout: .seconds(10))
            guard response.status == .ok else { throw BenchFailure("/v1/calls answered \(response.status.code)") }
            let body = try await response.body.collect(upTo: 1 << 24)
            return try JSONDecoder().decode(Answer.self, from: body)
        } catch let failure as BenchFailure {
            throw failure
        } catch {
            throw BenchFailure("/v1/calls cannot be asked: \(BenchHTTP.words(error))")
        }
    }

    private struct Listing: Decodable {
        struct Call: Decodable {
            var id: String
            var carrier_id: String?
        }
        var calls: [Call]
    }

    private struct Detail: Decodable {
        var state: String
        var turns: [ServerTurn]
    }
}
