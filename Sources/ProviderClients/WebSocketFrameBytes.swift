import NIOCore

/// A client's frame as bytes: header, random mask, masked payload (RFC 6455, 5.2), in one buffer.
enum WebSocketFrameBytes {
    enum Opcode: UInt8 {
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10
    }

    static func make(
        _ opcode: Opcode, _ payload: some Collection<UInt8>, allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        let count = payload.count
        var frame = allocator.buffer(capacity: count + 14)
        // One frame a message: FIN is always set.
        frame.writeInteger(0x80 | opcode.rawValue)
        switch count {
        case ...125: frame.writeInteger(0x80 | UInt8(count))
        case ...0xFFFF: frame.writeMultipleIntegers(UInt8(0x80 | 126), UInt16(count))
        default: frame.writeMultipleIntegers(UInt8(0x80 | 127), UInt64(count))
        }
        // The mask must not be guessed by whoever chooses the payload (10.3): the system's generator.
        let mask = UInt32.random(in: .min ... .max)
        frame.writeInteger(mask)
        let begin = frame.writerIndex
        frame.writeBytes(payload)
        frame.withUnsafeMutableReadableBytes { bytes in
            // SAFETY: the closure stays inside the readable bytes, which it alone holds while it runs.
            let offset = bytes.count - count
            for index in 0..<count {
                bytes[offset + index] ^= UInt8(truncatingIfNeeded: mask >> UInt32(24 - 8 * (index & 3)))
            }
        }
        assert(frame.writerIndex == begin + count)
        return frame
    }

    static func close(code: UInt16, reason: String, allocator: ByteBufferAllocator) -> ByteBuffer {
        // A control frame holds 125 bytes; ours are ASCII, so that none is cut within a character.
        make(.close, [UInt8(code >> 8), UInt8(code & 255)] + Array(reason.utf8.prefix(123)), allocator: allocator)
    }
}
