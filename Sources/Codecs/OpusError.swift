import CallTime

/// Why a packet or a frame could not be coded. Expected on the audio path: count it, conceal, go on.
public enum OpusError: Error, Sendable, Equatable {
    /// No bytes. libopus would take it for a lost packet; here a loss is said with `conceal`.
    case emptyPacket
    /// Not an Opus packet: truncated, or not of the form RFC 6716 §3 allows.
    case invalidPacket
    /// The target is too small, in samples (decoding).
    case outputTooSmall(needed: Int, given: Int)
    /// Not a length this operation takes, in samples at the codec's rate; see the operation.
    case unsupportedLength(samples: Int)
    /// libopus said no for another reason: its code (−3 internal, −6 invalid state …).
    case library(code: Int32)
}

/// What encoder and decoder check alike.
enum Opus {
    /// Whether libopus runs at a rate (RFC 6716 §2.1.1).
    static func runs(atHz rate: Int) -> Bool {
        switch rate {
        case 8_000, 12_000, 16_000, 24_000, 48_000: true
        default: false
        }
    }
    /// The longest packet, in ms (RFC 6716 §3.2.5).
    static let longestPacketMilliseconds = 120

    static func validated(sampleRateHz: Int, channels: Int) throws(ConfigurationError) {
        guard runs(atHz: sampleRateHz) else {
            throw ConfigurationError(
                field: "sampleRateHz", given: "\(sampleRateHz)", allowed: "8000, 12000, 16000, 24000 or 48000")
        }
        guard channels == 1 else {
            throw ConfigurationError(field: "channels", given: "\(channels)", allowed: "1")
        }
    }

    static func created<T>(_ state: T?, code: Int32, field: String) throws(ConfigurationError) -> T {
        guard let state, code == 0 else {
            throw ConfigurationError(field: field, given: "libopus error \(code)", allowed: "memory for one state")
        }
        return state
    }
}
