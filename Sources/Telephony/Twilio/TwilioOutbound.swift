/// The messages we may send on a media stream. Each is appended whole to `bytes`, ready to be one text message.
///
/// - Real time: no allocation once `bytes` has the capacity; linear in the length.
public enum TwilioOutbound {
    /// Audio: any number of mu-law bytes, 8 kHz mono, without a header. It is played after all that was sent before.
    public static func media(streamSID: String, payload: Span<UInt8>, to bytes: inout [UInt8]) {
        begin("media", streamSID, &bytes)
        JSONScanner.appendRaw(",\"media\":{\"payload\":\"", to: &bytes)
        Base64.append(payload, to: &bytes)
        JSONScanner.appendRaw("\"}}", to: &bytes)
    }

    /// Asks for word when what was sent before was played, or cleared.
    public static func mark(streamSID: String, name: String, to bytes: inout [UInt8]) {
        begin("mark", streamSID, &bytes)
        JSONScanner.appendRaw(",\"mark\":{\"name\":", to: &bytes)
        JSONScanner.append(name, to: &bytes)
        JSONScanner.appendRaw("}}", to: &bytes)
    }

    /// Drops what is queued at Twilio. Every mark that waits comes back at once.
    public static func clear(streamSID: String, to bytes: inout [UInt8]) {
        begin("clear", streamSID, &bytes)
        JSONScanner.appendRaw("}", to: &bytes)
    }

    private static func begin(_ event: StaticString, _ streamSID: String, _ bytes: inout [UInt8]) {
        JSONScanner.appendRaw("{\"event\":\"", to: &bytes)
        JSONScanner.appendRaw(event, to: &bytes)
        JSONScanner.appendRaw("\",\"streamSid\":", to: &bytes)
        JSONScanner.append(streamSID, to: &bytes)
    }
}
