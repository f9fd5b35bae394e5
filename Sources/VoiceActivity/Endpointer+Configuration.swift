import CallTime

extension Endpointer {
    public struct Configuration: Sendable, Equatable {
        /// Of the stream whose hops are counted.
        public var sampleRate: SampleRate = .narrowband
        /// Samples from one probability to the next: `VoiceActivityDetector.hopSamples`.
        public var hopSamples = 80
        /// Speech begins at or above this probability …
        public var openThreshold: Float = 0.5
        /// … and goes on at or above this one (hysteresis).
        public var closeThreshold: Float = 0.35
        /// How long the probability must hold before an onset counts, 10 to 500 ms.
        public var onsetConfirmation: Duration = .milliseconds(50)
        /// A fall of the probability shorter than this leaves speech unbroken; after it, speech must show above
        /// `openThreshold` for three hops to count again, 0 to 500 ms.
        public var hangover: Duration = .milliseconds(60)
        /// Silence after the last speech sample until `speechProbablyEnded`, 20 ms to 5 s.
        public var probableEndDelay: Duration = .milliseconds(200)
        /// Silence after the last speech sample until `speechEnded`, 20 ms to 30 s.
        public var endpointDelay: Duration = EndpointingProfile.balanced.endpointDelay

        public init() {}

        func validate() throws(ConfigurationError) {
            try require(
                hopSamples >= 1 && hopSamples <= sampleRate.hz / 10, "hopSamples", "\(hopSamples)", "1 sample to 100 ms"
            )
            try require(
                openThreshold > 0 && openThreshold < 1, "openThreshold", "\(openThreshold)", "between 0 and 1")
            try require(
                closeThreshold > 0 && closeThreshold <= openThreshold, "closeThreshold", "\(closeThreshold)",
                "above 0, up to openThreshold (\(openThreshold))")
            try require(onsetConfirmation, "onsetConfirmation", from: .milliseconds(10), to: .milliseconds(500))
            try require(hangover, "hangover", from: .zero, to: .milliseconds(500))
            try require(probableEndDelay, "probableEndDelay", from: .milliseconds(20), to: .seconds(5))
            try require(endpointDelay, "endpointDelay", from: .milliseconds(20), to: .seconds(30))
        }

        private func require(
            _ holds: Bool, _ field: String, _ given: String, _ allowed: String
        ) throws(ConfigurationError) {
            if !holds { throw ConfigurationError(field: field, given: given, allowed: allowed) }
        }

        private func require(
            _ duration: Duration, _ field: String, from low: Duration, to high: Duration
        ) throws(ConfigurationError) {
            try require(duration >= low && duration <= high, field, "\(duration)", "\(low) to \(high)")
        }
    }
}
