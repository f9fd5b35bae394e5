import Codecs
import NIOCore
import Providers

/// The call's audio as it is sent: what waits to be sent and what may have to be sent again.
///
/// Places are samples of the call. Nothing here knows connections; `DeepgramStream` says what may be forgotten.
struct DeepgramAudio {
    enum Encoding: String {
        case mulaw, linear16
        var bytesPerSample: Int { self == .mulaw ? 1 : 2 }
    }

    let encoding: Encoding
    /// The place of the first byte that is kept.
    private(set) var start: Int
    private var bytes = ByteBuffer()

    init(encoding: Encoding, start: Int) {
        self.encoding = encoding
        self.start = start
    }

    var end: Int { start + bytes.readableBytes / encoding.bytesPerSample }

    /// What overlaps is left out; a hole, which the runtime promises never to leave, becomes silence, so that places
    /// stay true.
    ///
    /// - Parameter longest: a hole beyond it is not filled; the audio begins anew behind it. True when that happened.
    mutating func append(_ audio: AudioPayload, at place: Int, longest: Int) -> Bool {
        let isNew = place - end > longest
        if isNew {
            bytes.clear()
            start = place
        } else if place > end {
            let silence: UInt8 = encoding == .mulaw ? MuLaw.silence : 0
            bytes.writeRepeatingByte(silence, count: (place - end) * encoding.bytesPerSample)
        }
        let known = end - place
        guard known < audio.sampleCount else { return isNew }
        switch (audio, encoding) {
        case (.muLaw(let codes), .mulaw): bytes.writeBytes(codes[known...])
        case (.muLaw(let codes), .linear16):
            for code in codes[known...] { bytes.writeInteger(MuLaw.decode16(code), endianness: .little) }
        case (.linear16(let samples), .linear16):
            bytes.reserveCapacity(minimumWritableBytes: 2 * samples.count)
            for sample in samples[known...] { bytes.writeInteger(sample, endianness: .little) }
        case (.linear16(let samples), .mulaw):
            for sample in samples[known...] { bytes.writeInteger(MuLaw.encode(sample)) }
        }
        return isNew
    }

    /// A view of the samples, for as long as it takes to send them: kept longer it would make `append` copy.
    func slice(_ place: Int, _ count: Int) -> ByteBuffer {
        let size = encoding.bytesPerSample
        return bytes.getSlice(at: bytes.readerIndex + (place - start) * size, length: count * size)!
    }

    mutating func forget(before place: Int) {
        guard place > start else { return }
        let count = min(place, end) - start
        bytes.moveReaderIndex(forwardBy: count * encoding.bytesPerSample)
        start += count
        // Moving bytes costs; once in some seconds it is nothing.
        if bytes.readerIndex > 32_768 { bytes.discardReadBytes() }
    }
}
