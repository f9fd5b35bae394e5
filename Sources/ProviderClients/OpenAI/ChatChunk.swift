/// What one data line of a streamed answer says, or the one object of an answer that is not streamed.
///
/// Only the first choice counts (one is asked for). Whatever else a server adds is passed over.
struct ChatChunk: Equatable {
    var text: String?
    var refusal: String?
    var fragments: [ToolCallFragment] = []
    var finishReason: String?
    var hasChoice = false
    var usage: OpenAIModel.Usage?
    var failure: Failure?

    struct Failure: Equatable {
        var message = ""
        var code = ""
    }

    init(_ line: [UInt8]) throws(JSONScanner.Broken) {
        var scanner = JSONScanner(line)
        try scanner.object { (json, name) throws(JSONScanner.Broken) in
            switch name {
            case "choices" where try json.next() == UInt8(ascii: "["):
                try json.array { (json) throws(JSONScanner.Broken) in
                    let isObject = try json.next() == UInt8(ascii: "{")
                    if isObject, !self.hasChoice { try self.readChoice(&json) } else { try json.skip() }
                }
            case "usage" where try json.next() == UInt8(ascii: "{"): self.usage = try Self.usage(&json)
            case "error": try self.readFailure(&json)
            default: try json.skip()
            }
        }
        try scanner.expectEnd()
    }

    private mutating func readChoice(_ scanner: inout JSONScanner) throws(JSONScanner.Broken) {
        hasChoice = true
        try scanner.object { (json, name) throws(JSONScanner.Broken) in
            switch name {
            case "delta" where try json.next() == UInt8(ascii: "{"): try self.readDelta(&json)
            case "message" where try json.next() == UInt8(ascii: "{"): try self.readDelta(&json)
            case "finish_reason": self.finishReason = try json.string()
            default: try json.skip()
            }
        }
    }

    private mutating func readDelta(_ scanner: inout JSONScanner) throws(JSONScanner.Broken) {
        try scanner.object { (json, name) throws(JSONScanner.Broken) in
            switch name {
            case "content": self.text = try json.string()
            case "refusal": self.refusal = try json.string()
            case "tool_calls" where try json.next() == UInt8(ascii: "["):
                try json.array { (json) throws(JSONScanner.Broken) in
                    guard try json.next() == UInt8(ascii: "{") else {
                        _ = try json.skip()
                        return
                    }
                    self.fragments.append(try ToolCallFragment(&json))
                }
            default: try json.skip()
            }
        }
    }

    private mutating func readFailure(_ scanner: inout JSONScanner) throws(JSONScanner.Broken) {
        var failure = Failure()
        switch try scanner.next() {
        case UInt8(ascii: "{"):
            try scanner.object { (json, name) throws(JSONScanner.Broken) in
                switch name {
                case "message": failure.message = try json.string() ?? ""
                case "code": failure.code = try json.string() ?? failure.code
                case "type":
                    let type = try json.string() ?? ""
                    if failure.code.isEmpty { failure.code = type }
                default: try json.skip()
                }
            }
        case UInt8(ascii: "\""): failure.message = try scanner.string() ?? ""
        default:
            _ = try scanner.skip()
            return
        }
        self.failure = failure
    }

    private static func usage(_ scanner: inout JSONScanner) throws(JSONScanner.Broken) -> OpenAIModel.Usage {
        var usage = OpenAIModel.Usage()
        func count(_ json: inout JSONScanner) throws(JSONScanner.Broken) -> Int {
            Int(exactly: (try json.number() ?? 0).rounded()) ?? 0
        }
        try scanner.object { (json, name) throws(JSONScanner.Broken) in
            switch name {
            case "prompt_tokens": usage.promptTokens = try count(&json)
            case "completion_tokens": usage.completionTokens = try count(&json)
            case "prompt_tokens_details" where try json.next() == UInt8(ascii: "{"):
                try json.object { (json, name) throws(JSONScanner.Broken) in
                    if case "cached_tokens" = name { usage.cachedTokens = try count(&json) } else { try json.skip() }
                }
            default: try json.skip()
            }
        }
        return usage
    }
}

/// A piece of a tool call, with whatever of it a server sends.
struct ToolCallFragment: Equatable {
    var index: Int?
    var id = ""
    var name = ""
    /// A piece of JSON text. Servers that send an object instead of text have it here as it stood.
    var arguments = ""

    init(index: Int? = nil, id: String = "", name: String = "", arguments: String = "") {
        self.index = index
        self.id = id
        self.name = name
        self.arguments = arguments
    }

    init(_ scanner: inout JSONScanner) throws(JSONScanner.Broken) {
        try scanner.object { (json, name) throws(JSONScanner.Broken) in
            switch name {
            case "index": self.index = try json.number().flatMap { Int(exactly: $0) }
            case "id": self.id = try json.string() ?? ""
            case "function" where try json.next() == UInt8(ascii: "{"):
                try json.object { (json, name) throws(JSONScanner.Broken) in
                    switch name {
                    case "name": self.name = try json.string() ?? ""
                    case "arguments" where try json.next() == UInt8(ascii: "{"): self.arguments = try json.raw()
                    case "arguments": self.arguments = try json.string() ?? ""
                    default: try json.skip()
                    }
                }
            default: try json.skip()
            }
        }
    }
}
