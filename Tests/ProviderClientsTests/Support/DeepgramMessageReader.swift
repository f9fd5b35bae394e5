import Foundation
import NIOCore

@testable import ProviderClients

/// Reads single messages the way a session does.
struct DeepgramMessageReader {
    private let decoder = JSONDecoder()

    func isRefused(_ bytes: some Sequence<UInt8>) -> Bool {
        DeepgramMessage(ByteBuffer(bytes: bytes), with: decoder) == nil
    }
}
