/// What one message of the socket says. Keys come in two spellings, whichever text one reads.
struct ElevenLabsMessage: Equatable {
    var contextID: String?
    var isFinal = false
    var audio: [UInt8] = []
    var times: CharacterTimes?
    var error: String?
    var explanation = ""

    init(_ bytes: [UInt8]) throws(JSONScanner.Broken) {
        var scanner = JSONScanner(bytes)
        var asSent: Range<Int>?
        var asSpoken: Range<Int>?
        try scanner.object { (json, name) throws(JSONScanner.Broken) in
            switch name {
            case "audio":
                guard let (range, hasEscapes) = try json.rawString() else { return }
                let text = hasEscapes ? try json.unescaped(range)[...] : bytes[range]
                guard let audio = Base64.decode(text) else { throw JSONScanner.Broken() }
                self.audio = audio
            case "contextId", "context_id": self.contextID = try json.string()
            case "isFinal", "is_final": self.isFinal = try json.bool() ?? false
            case "alignment": asSent = try json.skip()
            case "normalizedAlignment", "normalized_alignment": asSpoken = try json.skip()
            case "error": self.error = try json.string()
            case "message": self.explanation = try json.string() ?? ""
            default: try json.skip()
            }
        }
        try scanner.expectEnd()
        for range in [asSent, asSpoken] {
            guard times == nil, let range else { continue }
            var part = JSONScanner(bytes, range)
            times = try CharacterTimes(&part)
        }
    }
}
