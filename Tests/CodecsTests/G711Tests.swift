import AudioCore
import CallTime
import Codecs
import TestSupport
import Testing

@Suite("G.711")
struct G711Tests {
    private static let allBytes = Array(UInt8.min...UInt8.max)
    private static let allSamples = Array(Int16.min...Int16.max)

    @Test func everyByteDecodesAsTheStandardSays() {
        #expect(
            Self.digest(Self.allBytes.map(MuLaw.decode16))
                == "3dab54339e520bb2c924826e3b72a917a2b612e9fd12fc867500f1d983a75827")
        #expect(
            Self.digest(Self.allBytes.map(ALaw.decode16))
                == "e04788d110e58ff8c70c93b8480190d973e3b67876b6119abbaec766cc75c174")
    }

    @Test func everySampleEncodesAsTheStandardSays() {
        #expect(
            SHA256.hex(Self.allSamples.map { MuLaw.encode($0) })
                == "5ee7cf5f273f842d2234121e4cb0c98d6b20a99ac29026f94e05b36955b195be")
        #expect(
            SHA256.hex(Self.allSamples.map { ALaw.encode($0) })
                == "38488f6fd710f4686360edc4d38639f96c491595ef93f8eb8d62d5e07ca6ce7b")
    }

    @Test(arguments: [
        (0x00, -32124, -5504), (0x01, -31100, -5248), (0x0F, -16764, -6784), (0x10, -15996, -2752),
        (0x1F, -8316, -3392), (0x20, -7932, -22016), (0x3F, -1980, -13568), (0x40, -1884, -344), (0x55, -716, -8),
        (0x7E, -8, -880), (0x7F, 0, -848), (0x80, 32124, 5504), (0x8F, 16764, 6784), (0x90, 15996, 2752),
        (0xA0, 7932, 22016), (0xAA, 5372, 32256), (0xD5, 716, 8), (0xEF, 132, 1696), (0xF0, 120, 688),
        (0xFE, 8, 880), (0xFF, 0, 848),
    ])
    func bytesDecodeAsInTheTable(byte: Int, muLaw: Int, aLaw: Int) {
        #expect(MuLaw.decode16(UInt8(byte)) == Int16(muLaw))
        #expect(ALaw.decode16(UInt8(byte)) == Int16(aLaw))
    }

    @Test(arguments: [
        (0, 0xFF, 0xD5), (-1, 0x7F, 0x55), (4, 0xFE, 0xD5), (100, 0xF2, 0xD3), (-100, 0x72, 0x53),
        (1_000, 0xCE, 0xFA), (-1_000, 0x4E, 0x7A), (10_000, 0x9C, 0xB6), (-10_000, 0x1C, 0x36),
        (32_767, 0x80, 0xAA), (-32_768, 0x00, 0x2A),
    ])
    func samplesEncodeAsInTheTable(sample: Int, muLaw: Int, aLaw: Int) {
        #expect(MuLaw.encode(Int16(sample)) == UInt8(muLaw))
        #expect(ALaw.encode(Int16(sample)) == UInt8(aLaw))
    }

    @Test func everyByteSurvivesARoundTripButMuLawsNegativeZero() {
        for byte in Self.allBytes {
            #expect(MuLaw.encode(MuLaw.decode16(byte)) == (byte == 0x7F ? 0xFF : byte))
            #expect(ALaw.encode(ALaw.decode16(byte)) == byte)
        }
    }

    @Test func silenceIsTheCodeOfZero() {
        #expect(MuLaw.silence == MuLaw.encode(0))
        #expect(ALaw.silence == ALaw.encode(0))
        #expect(MuLaw.decode(MuLaw.silence) == 0)
    }

    @Test func spansAreCodedLikeSingleSamples() {
        var decoded = [Float](repeating: .nan, count: 300)
        var encoded = [UInt8](repeating: 0, count: Self.allSamples.count)
        for law in Law.allCases {
            var samples = decoded.mutableSpan
            law.decode(Self.allBytes.span, into: &samples)
            #expect(Array(decoded[..<256]) == Self.allBytes.map { Float(law.decode16($0)) / 32_768 })
            #expect(Array(decoded[..<256]) == Self.allBytes.map { law.decode($0) })
            #expect(decoded[256].isNaN)
            var bytes = encoded.mutableSpan
            law.encode(Self.allSamples.span, into: &bytes)
            #expect(encoded == Self.allSamples.map { law.encode($0) })
            let floats = Self.allSamples.map { Float($0) / 32_768 }
            encoded = encoded.map { ~$0 }
            bytes = encoded.mutableSpan
            law.encode(floats.span, into: &bytes)
            #expect(encoded == Self.allSamples.map { law.encode($0) })
        }
    }

    @Test func floatsAreRoundedClippedAndNeverTrap() {
        let step: Float = 1 / 32_768
        let floats: [Float] = [
            1, -1, 1.5, -7, .infinity, -.infinity, .nan, 0.6 * step, -0.6 * step, 99.6 * step, 1e30, -1e30, 1e-30,
        ]
        let samples: [Int16] = [32_767, -32_768, 32_767, -32_768, 32_767, -32_768, 0, 1, -1, 100, 32_767, -32_768, 0]
        for law in Law.allCases {
            var encoded = [UInt8](repeating: 0, count: floats.count)
            var span = encoded.mutableSpan
            law.encode(floats.span, into: &span)
            #expect(encoded == samples.map { law.encode($0) })
        }
    }

    @Test(arguments: [
        (32_000.0, 39.2, 38.9), (1_000.0, 36.4, 38.7), (100.0, 29.2, 23.3),
    ])
    func aSineKeepsItsSignalToNoiseRatio(amplitude: Double, muLawDB: Double, aLawDB: Double) {
        let sine = Signals.sine(997, at: .narrowband, count: 8_000, amplitude: amplitude / 32_768)
        for (law, expected) in [(Law.mu, muLawDB), (.a, aLawDB)] {
            var encoded = [UInt8](repeating: 0, count: sine.count)
            var bytes = encoded.mutableSpan
            law.encode(sine.span, into: &bytes)
            var decoded = [Float](repeating: 0, count: sine.count)
            var samples = decoded.mutableSpan
            law.decode(encoded.span, into: &samples)
            let ratio = AudioMeasures.signalToNoiseDB(of: decoded, against: sine)
            #expect(abs(ratio - expected) < 0.5, "\(law): \(ratio) dB")
        }
    }

    @Test(.enabled(if: canCountAllocations))
    func codingAllocatesNothing() {
        G711.prepareTables()
        var bytes = [UInt8](repeating: 0x55, count: 160)
        let noise = Signals.noise(seed: 1, count: 160)
        var samples = noise
        let integers = [Int16](repeating: 77, count: 160)
        func code() {
            var sampleSpan = samples.mutableSpan
            MuLaw.decode(bytes.span, into: &sampleSpan)
            ALaw.decode(bytes.span, into: &sampleSpan)
            var byteSpan = bytes.mutableSpan
            MuLaw.encode(integers.span, into: &byteSpan)
            ALaw.encode(integers.span, into: &byteSpan)
            MuLaw.encode(noise.span, into: &byteSpan)
            ALaw.encode(noise.span, into: &byteSpan)
        }
        code()
        #expect(countingAllocations(code) == .none)
    }

    private static func digest(_ samples: [Int16]) -> String {
        SHA256.hex(samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
    }
}

/// Both laws through one door.
private enum Law: CaseIterable {
    case mu, a

    func decode16(_ byte: UInt8) -> Int16 { self == .mu ? MuLaw.decode16(byte) : ALaw.decode16(byte) }
    func decode(_ byte: UInt8) -> Float { self == .mu ? MuLaw.decode(byte) : ALaw.decode(byte) }
    func encode(_ sample: Int16) -> UInt8 { self == .mu ? MuLaw.encode(sample) : ALaw.encode(sample) }

    func decode(_ source: Span<UInt8>, into target: inout MutableSpan<Float>) {
        self == .mu ? MuLaw.decode(source, into: &target) : ALaw.decode(source, into: &target)
    }
    func encode(_ source: Span<Float>, into target: inout MutableSpan<UInt8>) {
        self == .mu ? MuLaw.encode(source, into: &target) : ALaw.encode(source, into: &target)
    }
    func encode(_ source: Span<Int16>, into target: inout MutableSpan<UInt8>) {
        self == .mu ? MuLaw.encode(source, into: &target) : ALaw.encode(source, into: &target)
    }
}

@Suite("SHA-256 of the test support")
struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func givesTheDigestsOfFIPS180(text: String, digest: String) {
        #expect(SHA256.hex(Array(text.utf8)) == digest)
    }
}
