/// A request to Twilio's REST interface, as a value: who sends it is none of its business.
public struct TwilioRequest: Sendable, Equatable {
    public enum Method: String, Sendable { case get = "GET", post = "POST" }

    public var method: Method
    /// Beginning with a slash, percent-encoded.
    public var path: String
    /// Nil for GET.
    public var form: FormFields?
    /// Doing it twice does no more than doing it once.
    public var isIdempotent: Bool
    /// Changes or ends a call that may be over already.
    public var isUpdateOfCall: Bool

    /// Calls somebody.
    public static func createCall(account: String, _ call: TwilioNewCall) -> TwilioRequest {
        TwilioRequest(
            method: .post, path: "\(root(account))/Calls.json", form: call.form, isIdempotent: false,
            isUpdateOfCall: false)
    }

    /// Gives a live call something else to do, also in the midst of a stream, or ends it.
    public static func updateCall(account: String, sid: String, _ update: TwilioCallUpdate) -> TwilioRequest {
        TwilioRequest(
            method: .post, path: "\(root(account))/Calls/\(percentEncoded(sid)).json", form: update.form,
            isIdempotent: update.isIdempotent, isUpdateOfCall: true)
    }

    public static func fetchCall(account: String, sid: String) -> TwilioRequest {
        TwilioRequest(
            method: .get, path: "\(root(account))/Calls/\(percentEncoded(sid)).json", form: nil, isIdempotent: true,
            isUpdateOfCall: false)
    }

    /// The account itself: whether the credentials are good.
    public static func fetchAccount(account: String) -> TwilioRequest {
        TwilioRequest(method: .get, path: "\(root(account)).json", form: nil, isIdempotent: true, isUpdateOfCall: false)
    }

    private static func root(_ account: String) -> String { "/2010-04-01/Accounts/\(percentEncoded(account))" }

    /// One segment of a path: an identifier from outside cannot leave it.
    private static func percentEncoded(_ segment: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in segment.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                bytes.append(byte)
            default: bytes.append(contentsOf: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A call to be made.
public struct TwilioNewCall: Sendable, Equatable {
    public enum StatusEvent: String, Sendable, CaseIterable { case initiated, ringing, answered, completed }

    /// Whether Twilio listens for a machine, and until when.
    public enum MachineDetection: String, Sendable, CaseIterable {
        /// Until it knows.
        case enable = "Enable"
        /// Until a machine's greeting is over.
        case detectMessageEnd = "DetectMessageEnd"
    }

    /// E.164, `client:` or `sip:`.
    public var to: String
    /// A number of the account.
    public var from: String
    /// Asked for TwiML when the call is answered.
    public var url: String
    /// Empty: none is asked for.
    public var statusCallback: String?
    /// Twilio's default is `completed` alone.
    public var statusCallbackEvents: [StatusEvent] = [.initiated, .ringing, .answered, .completed]
    /// How long it may ring: 1…600; Twilio adds up to 5.
    public var timeoutSeconds: Int?
    /// How long the call may last.
    public var timeLimitSeconds: Int?
    public var machineDetection: MachineDetection?
    /// The TwiML runs at once and the verdict is posted here. Without it the call waits for the verdict in silence.
    public var asyncAMDStatusCallback: String?
    /// How long a machine may be listened for: 3…59.
    public var machineDetectionTimeoutSeconds: Int?
    /// Keys pressed once answered; `w` waits half a second. Twilio then detects no machine.
    public var sendDigits: String?

    public init(to: String, from: String, url: String) {
        self.to = to
        self.from = from
        self.url = url
    }

    var form: FormFields {
        var form: FormFields = ["To": to, "From": from, "Url": url]
        func add(_ name: String, _ value: String?) { if let value { form.append(name, value) } }
        add("StatusCallback", statusCallback)
        if statusCallback != nil {
            // Repeated: values joined by a space subscribe to nothing.
            for event in statusCallbackEvents { form.append("StatusCallbackEvent", event.rawValue) }
        }
        add("Timeout", timeoutSeconds.map { String($0) })
        add("TimeLimit", timeLimitSeconds.map { String($0) })
        add("SendDigits", sendDigits)
        if let machineDetection {
            form.append("MachineDetection", machineDetection.rawValue)
            add("MachineDetectionTimeout", machineDetectionTimeoutSeconds.map { String($0) })
            if let asyncAMDStatusCallback {
                form.append("AsyncAmd", "true")
                form.append("AsyncAmdStatusCallback", asyncAMDStatusCallback)
            }
        }
        return form
    }
}

/// What a live call is to do instead.
public enum TwilioCallUpdate: Sendable, Equatable {
    case twiML(TwiML)
    /// Asks this URL for TwiML.
    case url(String)
    /// Ends the call, whatever it is doing.
    case complete
    /// Ends the call only if nobody has answered yet.
    case cancel

    var form: FormFields {
        switch self {
        case .twiML(let document): ["Twiml": document.text]
        case .url(let url): ["Url": url]
        case .complete: ["Status": "completed"]
        case .cancel: ["Status": "canceled"]
        }
    }

    /// An end stays an end; TwiML would begin again.
    var isIdempotent: Bool {
        switch self {
        case .complete, .cancel: true
        case .twiML, .url: false
        }
    }
}

/// What an answer of the REST interface says, as far as it concerns us.
public struct TwilioResponse: Sendable, Equatable {
    public var sid: String?
    /// Of a call, a `TwilioCallStatus`; of an account, its own.
    public var status: String?
    public var answeredBy: AnsweredBy?
    /// Twilio's error code, as in its dictionary.
    public var errorCode: Int?
    /// For people; what it says is Twilio's.
    public var message: String?

    public var callStatus: TwilioCallStatus? { status.flatMap { TwilioCallStatus(rawValue: $0) } }

    public init() {}

    /// Reads a JSON object; unknown members are skipped.
    public init(parsing body: Span<UInt8>) throws(TwilioMessageError) {
        guard body.count <= TwilioMessage.mostBytes else {
            throw TwilioMessageError(.tooLong, at: TwilioMessage.mostBytes)
        }
        var scanner = JSONScanner()
        try scanner.openObject(body)
        while let key = try scanner.nextKey(body) {
            if JSONScanner.matches(key, "sid", body) {
                sid = try JSONScanner.string(scanner.value(body), body)
            } else if JSONScanner.matches(key, "status", body) {
                status = try JSONScanner.string(scanner.value(body), body)
            } else if JSONScanner.matches(key, "answered_by", body) {
                answeredBy = try JSONScanner.string(scanner.value(body), body).flatMap { AnsweredBy(rawValue: $0) }
            } else if JSONScanner.matches(key, "code", body) {
                errorCode = try JSONScanner.integer(scanner.value(body), body)
            } else if JSONScanner.matches(key, "message", body) {
                message = try JSONScanner.string(scanner.value(body), body)
            } else {
                try scanner.skip(body)
            }
        }
        try scanner.end(body)
    }
}
