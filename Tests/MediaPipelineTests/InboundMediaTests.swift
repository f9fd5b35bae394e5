import CallTime
import Codecs
import MediaPipeline
import TestSupport
import Testing
import VoiceActivity

@Suite struct InboundMediaTests {
    private struct Heard: Equatable {
        var bytes: [UInt8] = []
        var concealed = 0
        var places: [Int] = []
    }

    private func push(
        _ payload: [UInt8], at time: Int, _ inbound: inout InboundMedia, _ heard: inout Heard
    ) {
        var now = heard
        inbound.push(payload.span, at: SampleTime(time)) { bytes, samples, place in
            now.places.append(place.time.index)
            if place.isConcealed { now.concealed += samples.count }
            now.bytes += bytes.withUnsafeBufferPointer { Array($0) }
        } event: { _ in
        }
        heard = now
    }

    private let ramp = (0..<2_000).map { UInt8($0 % 251) }

    @Test(arguments: [1, 7, 160, 333, 2_000])
    func payloadsOfAnyLengthGiveTheSameStream(length: Int) throws {
        var inbound = try InboundMedia()
        var heard = Heard()
        for begin in stride(from: 0, to: ramp.count, by: length) {
            push(Array(ramp[begin..<min(ramp.count, begin + length)]), at: begin, &inbound, &heard)
        }
        #expect(heard.bytes == ramp)
        let next = inbound.next
        #expect(next == SampleTime(2_000))
    }

    @Test func aHoleIsFilledWithSilenceMarkedAndCounted() throws {
        var inbound = try InboundMedia()
        var heard = Heard()
        push(Array(ramp[..<160]), at: 0, &inbound, &heard)
        push(Array(ramp[..<160]), at: 480, &inbound, &heard)
        #expect(heard.bytes == Array(ramp[..<160]) + [UInt8](repeating: 0xFF, count: 320) + Array(ramp[..<160]))
        #expect(heard.concealed == 320)
        let concealedSamples = inbound.concealedSamples
        #expect(concealedSamples == 320)
    }

    @Test func lateAndDoubledAudioIsDroppedAndTheNewPartOfAnOverlapKept() throws {
        var inbound = try InboundMedia()
        var heard = Heard()
        push(Array(ramp[..<320]), at: 0, &inbound, &heard)
        push(Array(ramp[..<160]), at: 160, &inbound, &heard)
        push(Array(ramp[160..<480]), at: 160, &inbound, &heard)
        #expect(heard.bytes == Array(ramp[..<480]))
        let lateSamples = inbound.lateSamples
        #expect(lateSamples == 320)
    }

    @Test(arguments: [1 << 40, -(1 << 40), Int.max, Int.min, 8_000 * 3_600])
    func aClockThatJumpsIsTakenForANewBeginning(time: Int) throws {
        var inbound = try InboundMedia()
        var heard = Heard()
        push(Array(ramp[..<160]), at: 0, &inbound, &heard)
        push(Array(ramp[160..<320]), at: time, &inbound, &heard)
        push(Array(ramp[320..<480]), at: time &+ 160, &inbound, &heard)
        #expect(heard.bytes == Array(ramp[..<480]))
        let clockJumps = inbound.clockJumps
        #expect(clockJumps == 1)
        let concealedSamples = inbound.concealedSamples
        #expect(concealedSamples == 0)
    }

    @Test func concealedAudioNeitherStartsNorEndsATurn() throws {
        // Nothing but holes: no event, however long.
        var inbound = try InboundMedia()
        var events = 0
        for number in 0..<100 {
            inbound.push(
                [0xFF as UInt8].span, at: SampleTime(number * 4_000), tap: { _, _, _ in }, event: { _ in events += 1 })
        }
        #expect(events == 0)
    }

    @Test func anEmptyPayloadChangesNothing() throws {
        var inbound = try InboundMedia()
        var heard = Heard()
        push([], at: 5_000, &inbound, &heard)
        #expect(heard == Heard())
        let next = inbound.next
        #expect(next == .zero)
    }

    @Test func opusPacketsAreDecodedLostOnesConcealedAndHostileOnesCounted() throws {
        var configuration = InboundMedia.Configuration()
        configuration.codec = .opus(.wideband)
        var inbound = try InboundMedia(configuration)
        var encoder = try OpusEncoder(OpusEncoder.Configuration())
        var room = [UInt8](repeating: 0, count: OpusEncoder.largestPacketBytes)
        let tone = (0..<320).map { Float($0 % 40) / 40 - 0.5 }
        var decoded = 0
        var concealed = 0
        var payloadBytes = 0
        for number in 0..<50 {
            var span = room.mutableSpan
            let length = try encoder.encode(tone.span, into: &span).get()
            if number == 20 { continue }
            let packet = number == 30 ? [0xFF, 0x41, 0x07] : Array(room[..<length])
            inbound.push(packet.span, at: SampleTime(number * 320)) { payload, samples, place in
                payloadBytes += payload.count
                if place.isConcealed { concealed += samples.count } else { decoded += samples.count }
            } event: { _ in
            }
        }
        #expect(payloadBytes == 0)
        #expect(decoded == 48 * 320)
        #expect(concealed == 2 * 320)
        let damagedPackets = inbound.damagedPackets
        #expect(damagedPackets == 1)
    }

    @Test func anOpusSendersSilenceIsNoLoss() throws {
        var configuration = InboundMedia.Configuration()
        configuration.codec = .opus(.narrowband)
        var inbound = try InboundMedia(configuration)
        var encoding = OpusEncoder.Configuration()
        encoding.sampleRateHz = 8_000
        var encoder = try OpusEncoder(encoding)
        var room = [UInt8](repeating: 0, count: OpusEncoder.largestPacketBytes)
        let silence = [Float](repeating: 0, count: 160)
        for time in [0, 160, 1_600] {
            var span = room.mutableSpan
            let length = try encoder.encode(silence.span, into: &span).get()
            inbound.push(
                room.span.extracting(first: length), at: SampleTime(time), missing: .silence,
                tap: { _, _, place in #expect(!place.isConcealed) }, event: { _ in })
        }
        let concealedSamples = inbound.concealedSamples
        #expect(concealedSamples == 0)
        let next = inbound.next
        #expect(next == SampleTime(1_760))
    }
}
