import Telephony

/// Messages as Twilio sends them.
enum TwilioSamples {
    static let connected = #"{"event":"connected","protocol":"Call","version":"1.0.0"}"#
    static let start =
        #"{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC1","streamSid":"MZ1","callSid":"CA1","#
        + #""tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"#
        + #""customParameters":{"token":"9f\u00e9","agent":"a \"b\""}},"streamSid":"MZ1"}"#
    /// 160 bytes of silence; 379 bytes long, with the identifiers a real one has.
    static let media =
        #"{"event":"media","sequenceNumber":"234","media":{"track":"inbound","chunk":"233","timestamp":"4640","#
        + #""payload":""# + silence + #""},"streamSid":"MZ0123456789abcdef0123456789abcdef"}"#
    static let silence = String(repeating: "/", count: 212) + "/w=="
    static let dtmf =
        ##"{"event":"dtmf","streamSid":"MZ1","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"#"}}"##
    static let mark = #"{"event":"mark","sequenceNumber":"131","streamSid":"MZ1","mark":{"name":"1.1"}}"#
    static let stop =
        #"{"event":"stop","sequenceNumber":"900","stop":{"accountSid":"AC1","callSid":"CA1"},"streamSid":"MZ1"}"#
    static let strange = #"{"event":"later","sequenceNumber":"7","later":{"a":[1,-2.5e+3,{"b":null}],"c":true}}"#

    static let all = [connected, start, media, dtmf, mark, stop, strange]

    static func read(_ text: String) throws(TwilioMessageError) -> (TwilioMessage, [UInt8]) {
        var payload: [UInt8] = []
        let message = try read(Array(text.utf8), &payload)
        return (message, payload)
    }

    static func read(_ bytes: [UInt8], _ payload: inout [UInt8]) throws(TwilioMessageError) -> TwilioMessage {
        try TwilioMessage.read(bytes.span, payload: &payload)
    }
}
