import AudioCore
import CallTime
import Codecs
import MediaPipeline
import TestSupport
import Testing
import VoiceActivity

/// Unoptimised generic code boxes its values; what a server runs does not.
private let isOptimised: Bool = {
    #if DEBUG && !OPTIMISED_AUDIO
        false
    #else
        true
    #endif
}()

/// The whole path of a call's audio, as a server runs it, on one thread.
@Suite struct AudioPathTests {
    /// Bursts of a loud tone among silence, so that every branch runs: onset, pause, endpoint.
    private func caller(seconds: Int) -> [UInt8] {
        var random = SplitMix64(seed: 11)
        return (0..<(seconds * 8_000)).map { place in
            let isOn = place / 8_000 % 3 != 2
            let phase = Float(place % 67) / 67
            let noise = Float(random.next() >> 40) / Float(1 << 24) - 0.5
            return MuLaw.encode(Int16((isOn ? (phase - 0.5) * 16_000 : 0) + noise * 40))
        }
    }

    @Test(.enabled(if: canCountAllocations && isOptimised))
    func sixtySecondsOfFramesAllocateLockAndWaitForNothing() throws {
        let audio = caller(seconds: 60)
        var ring = RingBuffer.make(of: MediaPacket.self, capacity: 64)
        var inbound = try InboundMedia()
        var resampler = try Resampler(from: .narrowband, to: .wideband)
        var wide = [Float](repeating: 0, count: 512)
        var playout = try Playout()
        let speech = [Int16](repeating: 4_000, count: 1_600)
        var frame = [Int16](repeating: 0, count: 160)
        var events = 0
        var wideSamples = 0
        // The first pass builds the codec's tables and touches everything once.
        var counts = AllocationCounts.none
        for pass in 0..<2 {
            let seconds = pass == 0 ? 1 : 60
            counts = countingAllocations {
                for number in 0..<(seconds * 50) {
                    let place = number * 160
                    let time = SampleTime(inboundPlace(pass, number))
                    if let packet = MediaPacket(audio.span.extracting(place..<(place + 160)), at: time) {
                        _ = ring.producer.write(packet)
                    }
                    while let packet = ring.consumer.read() {
                        packet.withPayload { payload in
                            inbound.push(payload, at: packet.time) { _, samples, _ in
                                var target = wide.mutableSpan
                                wideSamples += resampler.process(samples, into: &target)
                            } event: { _ in
                                events += 1
                            }
                        }
                    }
                    if playout.queued < 1_600, playout.begin(segment: number, turn: 1) {
                        _ = playout.append(speech.span)
                        playout.complete()
                        playout.start(turn: 1)
                    }
                    if number % 500 == 250 {
                        _ = playout.hold()
                        playout.resume(at: nil)
                    }
                    var out = frame.mutableSpan
                    playout.nextFrame(into: &out) { _ in events += 1 }
                }
            }
        }
        #expect(counts == .none)
        #expect(events > 100)
        #expect(wideSamples > 60 * 15_900)
        let late = inbound.lateSamples
        #expect(late == 0)
    }

    /// The stream goes on from the first pass.
    private func inboundPlace(_ pass: Int, _ number: Int) -> Int { (pass == 0 ? 0 : 8_000) + number * 160 }
}
