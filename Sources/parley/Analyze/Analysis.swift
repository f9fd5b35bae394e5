import VoiceActivity

/// What was found in one file. Times are seconds of the file.
struct Analysis: Sendable, Equatable {
    /// A stretch of speech: until it paused for long enough that the turn might have been over.
    struct Speech: Sendable, Equatable {
        var start: Double
        var end: Double
        /// When it was known that somebody speaks.
        var decided: Double
        /// When it was known that it had paused.
        var endDecided: Double
    }

    /// An utterance, from its first speech to its last, and where its end was decided.
    struct Turn: Sendable, Equatable {
        var start: Double
        var end: Double
        var endpoint: Double
        /// The silence that was waited for, in milliseconds.
        var endpointDelayMS: Double
        var reason: EndpointReason
    }

    /// One value of the detector.
    struct Frame: Sendable, Equatable {
        /// How much of the file had been handed over when it came out.
        var time: Double
        var probability: Float
    }

    /// The file as its user named it.
    var file: String
    var duration: Double
    var sampleRateHz: Int
    /// What was analysed of it: `channel 1 of 2`; empty for a file of one channel.
    var channel = ""
    var speech: [Speech] = []
    var turns: [Turn] = []
    /// Empty unless they were asked for.
    var frames: [Frame] = []
    /// What an HTML page shows beyond that; `nil` unless one was asked for.
    var page: PageData?
    /// Lines for the user, each beginning with the file's name.
    var remarks: [String] = []
}
