import Foundation
import NIOHTTP1
import Testing

@testable import Server

@Suite struct MediaSocketTests {
    /// A socket that has been opened and said nothing, of a server that waits for call `CA1`.
    private func rawSocket(_ rig: PhoneRig) async throws -> ListenerClient {
        try await openSocket(rig.port, "/twilio/media")
    }

    /// The code the server closes the socket with.
    private func closeCode(of client: ListenerClient, within seconds: Int64 = 8) async throws -> Int? {
        while let frame = try await client.takeFrame(within: .seconds(seconds)) {
            if frame.first == 0x88 { return frame.closeCode }
        }
        return nil
    }

    /// What the server says to a socket that sends this, as its first message.
    private func closeCode(_ rig: PhoneRig, after text: String) async throws -> Int? {
        let client = try await rawSocket(rig)
        await client.send(ListenerClient.text(text))
        return try await closeCode(of: client)
    }

    // MARK: Tokens

    @Test func aTokenOpensOneStreamOnce() async throws {
        try await withPhone { rig in
            let offer = try await rig.carrier.ring("CA1")
            let first = try await rig.carrier.open(offer)
            try await first.heard(20)
            let replayed = try await rig.carrier.open(offer)
            #expect(try await replayed.closed() == 1008)
            #expect(rig.metrics.refused.current(.token) == 1)
            #expect(!first.now.isClosed)
        }
    }

    @Test func aTokenOfAnotherCallIsRefused() async throws {
        try await withPhone { rig in
            let (one, two) = (try await rig.carrier.ring("CA1"), try await rig.carrier.ring("CA2"))
            let message = FakeStream.startMessage(callSID: two.callSID, token: one.token)
            #expect(try await closeCode(rig, after: message) == 1008)
            #expect(rig.metrics.refused.current(.token) == 1)
            try await rig.carrier.open(one).heard(20)
        }
    }

    @Test(arguments: ["", "0000", "éé", String(repeating: "0", count: 64)])
    func anUnknownTokenIsRefused(_ token: String) async throws {
        try await withPhone { rig in
            _ = try await rig.carrier.ring("CA1")
            #expect(try await closeCode(rig, after: FakeStream.startMessage(callSID: "CA1", token: token)) == 1008)
            #expect(rig.metrics.refused.current(.token) == 1)
        }
    }

    @Test func aTokenThatIsTooOldIsRefused() async throws {
        try await withPhone { rig in
            let offer = try await rig.carrier.ring("CA1")
            try rig.onlyCall.state.withLock { $0.tokens[0].expires = .now - .seconds(1) }
            let message = FakeStream.startMessage(callSID: "CA1", token: offer.token)
            #expect(try await closeCode(rig, after: message) == 1008)
        }
    }

    @Test func aCallThatIsOverTakesNoStream() async throws {
        try await withPhone { rig in
            let offer = try await rig.carrier.ring("CA1")
            _ = try await rig.carrier.ring("CA2")
            _ = try await rig.carrier.post("/twilio/status", ["CallSid": "CA1", "CallStatus": "completed"])
            let message = FakeStream.startMessage(callSID: "CA1", token: offer.token)
            #expect(try await closeCode(rig, after: message) == 1008)
        }
    }

    @Test func withoutAnyCallNoSocketIsOpened() async throws {
        try await withPhone { rig in
            let client = try await ListenerClient(port: rig.port)
            await client.send(ListenerClient.upgrade("/twilio/media"))
            #expect(try await client.takeHead().hasPrefix("HTTP/1.1 403"))
            #expect(rig.metrics.refused.current(.token) == 1)
        }
    }

    @Test func otherPathsAreNoSockets() async throws {
        try await withPhone { rig in
            let client = try await ListenerClient(port: rig.port)
            await client.send(ListenerClient.upgrade("/media"))
            #expect(try await client.takeHead().hasPrefix("HTTP/1.1 404"))
        }
    }

    // MARK: Order of messages

    @Test func aSocketWithoutAStartIsClosedAfterFiveSeconds() async throws {
        try await withPhone { rig in
            _ = try await rig.carrier.ring("CA1")
            let client = try await rawSocket(rig)
            let began = ContinuousClock.now
            #expect(try await closeCode(of: client, within: 15) == 1008)
            #expect(ContinuousClock.now - began >= .milliseconds(4_800))
            #expect(rig.metrics.refused.current(.noStart) == 1)
        }
    }

    @Test func mediaBeforeTheStartEndsTheSocket() async throws {
        try await withPhone { rig in
            _ = try await rig.carrier.ring("CA1")
            let media = FakeStream.mediaMessage([0xFF], timestampMs: 0)
            #expect(try await closeCode(rig, after: media) == 1008)
            #expect(rig.metrics.refused.current(.badMessage) == 1)
        }
    }

    @Test func aSecondStartEndsTheSocketAndTheCallIsAskedForAgain() async throws {
        try await withPhone { rig in
            let stream = try await rig.carrier.call("CA1")
            try await stream.heard(20)
            let again = try await rig.carrier.ring("CA1")
            stream.send(FakeStream.startMessage(callSID: "CA1", token: again.token))
            #expect(try await stream.closed() == 1008)
            #expect(try StreamOffer(await rig.carrier.afterStream("CA1"), callSID: "CA1").token != again.token)
        }
    }

    @Test func aFormatWeDoNotSpeakIsRefused() async throws {
        try await withPhone { rig in
            let offer = try await rig.carrier.ring("CA1")
            let start = FakeStream.startMessage(callSID: "CA1", token: offer.token)
            let wideband = start.replacingOccurrences(of: #""sampleRate":8000"#, with: #""sampleRate":16000"#)
            #expect(try await closeCode(rig, after: wideband) == 1003)
        }
    }

    // MARK: What strangers send

    @Test func aBinaryMessageEndsTheSocket() async throws {
        try await withPhone { rig in
            let stream = try await rig.carrier.call("CA1")
            try await stream.heard(20)
            stream.send(binary: [0, 1, 2, 3])
            #expect(try await stream.closed() == 1003)
            #expect(rig.metrics.mediaFaults.current(.binary) == 1)
        }
    }

    @Test func randomBytesEndTheirSocketAndNothingElse() async throws {
        try await withPhone { rig in
            let stream = try await rig.carrier.call("CA1")
            var random = SeededBytes(seed: 11)
            for round in 0..<40 {
                let client = try await rawSocket(rig)
                // As text messages with a first byte that is no UTF-8, and as bytes without a frame's shape.
                let bytes = [UInt8(0xFF)] + random.next(200)
                await client.send(round % 2 == 0 ? ListenerClient.frame(1, bytes) : bytes)
                let code = try await closeCode(of: client)
                #expect(code == (round % 2 == 0 ? 1007 : 1002), "round \(round)")
            }
            #expect(rig.metrics.mediaFaults.current(.notUTF8) == 20)
            #expect(rig.metrics.mediaFaults.current(.protocol) == 20)
            try await stream.heard(20)
            #expect(!stream.now.isClosed)
        }
    }

    @Test func everyTruncationOfAStartEndsTheSocketAndSpendsNoToken() async throws {
        try await withPhone { rig in
            let offer = try await rig.carrier.ring("CA1")
            let start = FakeStream.startMessage(callSID: "CA1", token: offer.token)
            for length in 0..<start.utf8.count {
                let code = try await closeCode(rig, after: String(start.prefix(length)))
                #expect(code == 1007, "\(length) of \(start.utf8.count) bytes")
            }
            #expect(rig.metrics.refused.current(.badMessage) == Double(start.utf8.count))
            try await rig.carrier.open(offer).heard(20)
        }
    }

    @Test func everyTruncationOfAMediaMessageIsCountedAndACallSurvivesNineteen() async throws {
        try await withPhone { rig in
            let media = FakeStream.mediaMessage([1, 2, 3, 4, 5, 6], timestampMs: 40)
            let pieces = (0..<media.utf8.count).map { String(media.prefix($0)) }
            var sent = 0
            for (number, start) in stride(from: 0, to: pieces.count, by: 19).enumerated() {
                let stream = try await rig.carrier.call("CA\(number)")
                try await stream.heard(20)
                let some = pieces[start..<min(start + 19, pieces.count)]
                for piece in some { stream.send(piece) }
                sent += some.count
                try await eventually("\(sent) bad messages counted") {
                    rig.metrics.refused.current(.badMessage) == Double(sent)
                }
                #expect(!stream.now.isClosed)
                stream.hangUp()
                #expect(try await stream.closed() == 1000)
            }
        }
    }

    @Test func theTwentiethBadMessageEndsTheSocket() async throws {
        try await withPhone { rig in
            let stream = try await rig.carrier.call("CA1")
            try await stream.heard(20)
            for _ in 0..<20 { stream.send("{}") }
            #expect(try await stream.closed() == 1007)
        }
    }

    @Test func aHugeMessageEndsItsSocketWhileAnotherCallGoesOn() async throws {
        try await withPhone { rig in
            let other = try await rig.carrier.call("CA1")
            _ = try await rig.carrier.ring("CA2")
            try await other.heard(20)
            let client = try await rawSocket(rig)
            await client.send(ListenerClient.frame(1, [UInt8](repeating: 0x61, count: 10 << 20)))
            #expect(try await closeCode(of: client) == 1009)
            #expect(rig.metrics.mediaFaults.current(.messageTooLarge) == 1)
            try await other.heard(other.heardMs + 200)
            #expect(!other.now.isClosed)
        }
    }

    @Test func unknownEventsAreCountedAndSurvived() async throws {
        try await withPhone { rig in
            let stream = try await rig.carrier.call("CA1")
            for _ in 0..<30 { stream.send(#"{"event":"weather","weather":{"rain":[1,{"a":null}]}}"#) }
            try await eventually("unknown events counted") { rig.metrics.mediaUnknown.current == 30 }
            try await stream.heard(200)
            #expect(!stream.now.isClosed)
        }
    }

    @Test func mediaOutOfOrderAndKeysAreSurvived() async throws {
        try await withPhone { rig in
            let stream = try await rig.carrier.call("CA1")
            try await stream.heard(20)
            let silence = [UInt8](repeating: 0xFF, count: 160)
            for timestamp in [100_000, 0, 40, 20, 999_999_999_999, 60] {
                stream.send(FakeStream.mediaMessage(silence, timestampMs: timestamp))
            }
            stream.send(FakeStream.mediaMessage([], timestampMs: 80))
            for key in ["1", "#", "A", "", "long"] {
                stream.send(
                    #"{"event":"dtmf","dtmf":{"track":"inbound_track","digit":"\#(key)"},"streamSid":"MZ0001"}"#)
            }
            stream.send(#"{"event":"mark","mark":{"name":"never sent"},"streamSid":"MZ0001"}"#)
            let before = rig.metrics.mediaMessages.current
            try await eventually("more media read") { rig.metrics.mediaMessages.current > before + 10 }
            #expect(!stream.now.isClosed)
            stream.hangUp()
            #expect(try await stream.closed() == 1000)
            #expect(rig.metrics.mediaLate.current > 0)
        }
    }
}

/// Bytes that are the same every time.
private struct SeededBytes {
    var seed: UInt64

    mutating func next(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: seed >> 33)
        }
    }
}
