import Codecs

/// Packets from the network: whatever the bytes, decoding gives samples in range or an error, never a crash.
///
/// The first byte chooses the rate; the rest is cut into packets, each with its length in front, that go through one
/// decoder, as a call's would. An empty packet stands for a lost one.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCodecs(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // SAFETY: libFuzzer's bytes are readable for this call, and are copied at once.
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    guard let choice = input.first else { return 0 }
    let rates = [8_000, 12_000, 16_000, 24_000, 48_000]
    guard var decoder = try? OpusDecoder(sampleRateHz: rates[Int(choice) % rates.count]) else {
        preconditionFailure("Opus takes \(rates)")
    }
    // 120 ms at 48 kHz: the longest packet there is (RFC 6716, 2.1.4).
    var samples = [Float](repeating: 0, count: 5_760)
    var rest = input.dropFirst()
    while let length = rest.popFirst() {
        let packet = Array(rest.prefix(Int(length)))
        rest = rest.dropFirst(packet.count)
        decode(packet, with: &decoder, into: &samples)
        decodeG711(packet)
    }
    return 0
}

private func decode(_ packet: [UInt8], with decoder: inout OpusDecoder, into samples: inout [Float]) {
    var room = samples.mutableSpan
    switch decoder.decode(packet.span, into: &room) {
    case .success(let count): precondition((0...5_760).contains(count), "\(count) samples from one packet")
    case .failure: break
    }
}

private func decodeG711(_ packet: [UInt8]) {
    for byte in packet {
        precondition(abs(MuLaw.decode(byte)) <= 1 && abs(ALaw.decode(byte)) <= 1, "a sample out of range")
        // Two bytes mean zero in mu-law (ITU-T G.711), and the encoder gives one of them.
        precondition(MuLaw.encode(MuLaw.decode16(byte)) == byte || byte == 0x7F, "mu-law \(byte) is not kept")
        precondition(ALaw.encode(ALaw.decode16(byte)) == byte, "A-law \(byte) is not kept")
    }
}
