/// One message of a media stream, as Twilio sends it.
public enum TwilioMessage: Sendable, Equatable {
    /// The first message of a socket.
    case connected
    /// The second one: what the stream carries and whose call it is.
    case start(TwilioStart)
    /// Audio. Its bytes are in what `read` was given for them.
    case media(TwilioMedia)
    /// A key the caller pressed: `0`…`9`, `*`, `#`, `A`…`D`.
    case dtmf(digit: String)
    /// A mark of ours came back: what was queued before it was played, or was cleared.
    case mark(name: String)
    /// The stream is over; the call may go on.
    case stop
    /// An event that did not exist when this was written. Count it and go on.
    case unknown(event: String)
}

/// What a stream carries and whose call it is.
public struct TwilioStart: Sendable, Equatable {
    /// A `<Parameter>` of the TwiML that opened the stream.
    public struct Parameter: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public var streamSID: String
    public var callSID: String
    /// Empty when Twilio did not say.
    public var accountSID: String
    /// `audio/x-mulaw` has been the only one.
    public var encoding: String
    public var sampleRateHz: Int
    public var channels: Int
    /// `inbound`, `outbound`.
    public var tracks: [String]
    /// In the order of the message.
    public var customParameters: [Parameter]

    public init(
        streamSID: String, callSID: String, accountSID: String, encoding: String = "audio/x-mulaw",
        sampleRateHz: Int = 8_000, channels: Int = 1, tracks: [String] = ["inbound"],
        customParameters: [Parameter] = []
    ) {
        self.streamSID = streamSID
        self.callSID = callSID
        self.accountSID = accountSID
        self.encoding = encoding
        self.sampleRateHz = sampleRateHz
        self.channels = channels
        self.tracks = tracks
        self.customParameters = customParameters
    }

    /// The value of the first parameter of that name.
    public func parameter(_ name: String) -> String? { customParameters.first { $0.name == name }?.value }
}

/// Where a piece of audio belongs.
public struct TwilioMedia: Sendable, Equatable {
    /// When the piece is to be heard, from the stream's beginning.
    public var timestampMs: Int
    /// Counts the messages of the stream from 1; 0 when the message does not say.
    public var sequenceNumber: Int
    /// Counts the pieces of audio from 1; 0 when the message does not say.
    public var chunk: Int
    /// Of the caller, not of ourselves.
    public var isInbound: Bool

    public init(timestampMs: Int, sequenceNumber: Int, chunk: Int, isInbound: Bool) {
        self.timestampMs = timestampMs
        self.sequenceNumber = sequenceNumber
        self.chunk = chunk
        self.isInbound = isInbound
    }
}

/// A message that cannot be read: why, and at which byte. Nothing of the message is quoted.
public struct TwilioMessageError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Reason: String, Sendable, CaseIterable {
        /// More than `TwilioMessage.mostBytes`.
        case tooLong
        /// Not JSON, or not an object.
        case malformed
        /// Objects and arrays more than 16 within each other.
        case tooDeep
        /// A member has a value of a kind that it cannot have.
        case wrongType
        /// Not a whole number of at most 18 digits.
        case badNumber
        /// Not UTF-8, or half a surrogate pair.
        case badText
        case badBase64
        /// A member that the event needs is not there; the offset is the end of the message.
        case missing
    }

    public var reason: Reason
    /// From the beginning of the message, in bytes.
    public var offset: Int

    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    public var description: String { "media stream message: \(reason.rawValue) at byte \(offset)" }
}
