/// How a file is shown to the decoder, and what was already found out about it.
struct OpeningPlan {
    var view: ByteView
    var claim = LengthClaim.exact
    /// 0 where it is not known.
    var bytesPerSecond = 0
    /// Channels and rate as the header has them, where we read it ourselves: the decoder only says "malformed".
    var stated: (channels: Int, rateHz: Int)?
    var warnings: [AudioFileWarning] = []

    init(_ source: ByteSource, raw: RawAudioFormat?) {
        if let raw {
            view = ByteView(source)
            warn(partial: source.length % raw.bytesPerFrame)
        } else if let wave = WaveLayout(source) {
            view = ByteView(source, header: wave.header, body: wave.data)
            claim = wave.claim
            stated = (wave.channels, wave.sampleRateHz)
            bytesPerSecond = wave.bytesPerSecond
            if claim == .open { warnings.append(.lengthLeftOpen) }
            if case .tail(let bytes) = claim { warnings.append(.unexplainedTail(bytes: bytes)) }
            warn(partial: wave.data.count % wave.bytesPerFrame)
        } else if let sun = ContainerEnd.sunAudio(source) {
            view = ByteView(source, header: sun.header, body: sun.body)
            claim = sun.claim
            bytesPerSecond = Self.bytesPerSecond(sunHeader: sun.header)
            if claim == .open { warnings.append(.lengthLeftOpen) }
        } else if let core = ContainerEnd.coreAudio(source) {
            view = ByteView(source, header: core.header, body: core.body)
            claim = core.claim
            if claim == .open { warnings.append(.lengthLeftOpen) }
        } else {
            view = ByteView(source)
        }
    }

    private mutating func warn(partial bytes: Int) {
        if bytes > 0 { warnings.append(.partialSample(bytes: bytes)) }
    }

    /// Encodings 1 and 27 are G.711, 2 to 5 linear of one to four bytes, 6 and 7 floating point.
    private static func bytesPerSecond(sunHeader head: [UInt8]) -> Int {
        let bytesPerSample = [1: 1, 27: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8][Int(head.big32(12))] ?? 0
        return bytesPerSample * Int(head.big32(16)) * Int(head.big32(20))
    }
}
