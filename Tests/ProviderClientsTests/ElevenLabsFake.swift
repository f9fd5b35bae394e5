import Foundation
import NIOCore
import Synchronization

@testable import ProviderClients

/// The multi-context socket of the vendor, as far as a client can tell: contexts, their limit, audio, times, end marks.
final class FakeElevenLabs: Sendable {
    struct Behaviour: Sendable {
        /// Before a text's first audio, and between its pieces.
        var delay: Duration = .milliseconds(2)
        var pieces = 3
        /// No end mark.
        var omitsFinal = false
        /// Snake case in keys, and the other spelling of the times.
        var usesOtherSpelling = false
        /// Sent in place of a text's audio.
        var insteadOfAudio: String?
        /// Closes the connection in place of a text's audio, on these sockets.
        var dropsOn: Set<Int> = []
        /// Never answers.
        var isSilent = false
        var refusesWith: Int?
    }

    struct Seen: Sendable {
        var mostContexts = 0
        var open: [Int: Set<String>] = [:]
        var contextIDs: [String] = []
        var texts: [String] = []
        var settingsTwice = false
    }

    private let seen: SeenBox
    let server: FakeWebSocketServer

    private final class SeenBox: Sendable {
        let value = Mutex(Seen())
    }

    init(_ behaviour: Behaviour = Behaviour()) async throws {
        let seen = SeenBox()
        self.seen = seen
        server = try await FakeWebSocketServer(
            accept: { _ in behaviour.refusesWith.map { .refuse(status: $0) } ?? .upgrade },
            received: { client, message in
                guard case .text(let text) = message, !behaviour.isSilent else { return }
                Self.receive(text, client, behaviour, seen)
            })
    }

    var log: Seen { seen.value.withLock { $0 } }
    var clients: [FakeWebSocketClient] { server.clients }
    var connectedCount: Int { server.clients.count { $0.isConnected } }
    var runningCount: Int { log.open.values.reduce(0) { $0 + $1.count } }

    private static func receive(
        _ text: String, _ client: FakeWebSocketClient, _ behaviour: Behaviour, _ seen: SeenBox
    ) {
        guard let message = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
            let id = message["context_id"] as? String
        else { return }
        let number = client.request.index
        var isFull = false
        seen.value.withLock { seen in
            let isNew = seen.open[number, default: []].insert(id).inserted
            if isNew, message["close_context"] != nil {
                seen.open[number]?.remove(id)
                return
            }
            if isNew { seen.contextIDs.append(id) }
            if !isNew, message["voice_settings"] != nil { seen.settingsTwice = true }
            seen.mostContexts = max(seen.mostContexts, seen.open[number]!.count)
            isFull = seen.open[number]!.count > 5
        }
        if isFull {
            client.send(#"{"message":"Maximum exceeded","error":"max_active_conversations","code":1008}"#)
            return client.close(code: 1_008)
        }
        guard let said = message["text"] as? String, said != " ", message["flush"] as? Bool == true else { return }
        seen.value.withLock { $0.texts.append(said) }
        if behaviour.dropsOn.contains(number) { return client.drop() }
        if let instead = behaviour.insteadOfAudio { return client.send(instead) }
        let isMuLaw = client.request.uri.contains("ulaw_8000")
        let samples = said.count * (isMuLaw ? 8_000 : 16_000) / 20
        for piece in 0..<behaviour.pieces {
            client.after(behaviour.delay * (piece + 1)) {
                client.send(audio(said, id, piece, behaviour, samples: samples, isMuLaw: isMuLaw))
            }
        }
        guard !behaviour.omitsFinal else { return }
        client.after(behaviour.delay * (behaviour.pieces + 1)) {
            let key = behaviour.usesOtherSpelling ? #""is_final":true,"context_id""# : #""isFinal":true,"contextId""#
            // The end mark leaves before the count falls: the client cannot open another context in between.
            seen.value.withLock { _ = $0.open[number]?.remove(id) }
            client.send(#"{"audio":null,\#(key):"\#(id)"}"#)
        }
    }

    /// 50 ms a character; every message holds its share of the characters and of the audio.
    private static func audio(
        _ said: String, _ id: String, _ piece: Int, _ behaviour: Behaviour, samples: Int, isMuLaw: Bool
    ) -> String {
        let characters = Array(said)
        func share(_ whole: Int) -> Range<Int> {
            whole * piece / behaviour.pieces..<whole * (piece + 1) / behaviour.pieces
        }
        let part = characters[share(characters.count)]
        let perCharacter = samples / characters.count
        let place = share(characters.count)
        let range = place.lowerBound * perCharacter..<place.upperBound * perCharacter
        var bytes: [UInt8] = []
        for index in range {
            let value = UInt16(truncatingIfNeeded: index &* 37 &+ characters.count &* 911)
            bytes += isMuLaw ? [UInt8(truncatingIfNeeded: value) & 0x7E] : [UInt8(value & 0xFF), UInt8(value >> 8)]
        }
        let (starts, durations) =
            behaviour.usesOtherSpelling
            ? ("charsStartTimesMs", "charsDurationsMs") : ("charStartTimesMs", "charDurationsMs")
        let times: [String: Any] = [
            "chars": part.map { String($0) }, starts: part.indices.map { ($0 - place.lowerBound) * 50 },
            durations: part.map { _ in 50 },
        ]
        let message: [String: Any] = [
            "audio": Data(bytes).base64EncodedString(), "alignment": times, "normalizedAlignment": NSNull(),
            "isFinal": NSNull(), behaviour.usesOtherSpelling ? "context_id" : "contextId": id,
        ]
        return String(decoding: try! JSONSerialization.data(withJSONObject: message), as: UTF8.self)
    }
}
