import CallTime

/// The agent's audio on its way to the caller: a ring indexed by sample, cut into segments.
///
/// - Input: linear 16-bit samples at `rate`, appended segment by segment, in order; silence before the first audible
///   10 ms of a turn is left out, since the caller would only wait for it.
/// - Output: frames of any length, silence where there is nothing to play. Nothing of a turn is played before
///   `start(turn:)`; after `flush` nothing of it ever is.
/// - Hold, resume and flush take effect with the next frame. A hold fades over 5 ms, so that it does not click;
///   the fade does not count as played.
/// - Lead: where frames are taken before they sound (a carrier queues them), `nextFrame` and `hold` are told how many
///   samples are out and unheard. What is unheard stays, so that a hold can take it back.
/// - Full: `append` takes what fits and says how much; the rest is the writer's to keep. What was played of the
///   segment under way stays, so that speech can resume inside it.
/// - Real time: storage is allocated in `init`; no method allocates, locks or waits. One thread at a time.
public struct Playout: ~Copyable {
    public struct Configuration: Sendable, Equatable {
        public var rate = SampleRate.narrowband
        /// Samples the ring holds, a power of two: 262,144 are 32.8 s at 8 kHz, two of the longest segments.
        public var capacity = 1 << 18
        /// A 10 ms block below this is silence. The quietest speech a telephone carries lies near -40 dBFS.
        public var audibleDBFS: Float = -45
        public init() {}
    }

    /// A place inside a segment's synthesized audio, the silence left out counted.
    public struct Position: Sendable, Equatable {
        public var segment: Int
        public var sample: Int
        public init(segment: Int, sample: Int) {
            self.segment = segment
            self.sample = sample
        }
    }

    /// What a frame passed: at which of its samples a segment began or ended.
    public enum Event: Sendable, Equatable {
        case started(segment: Int, offset: Int)
        case finished(segment: Int, offset: Int)
    }

    public let rate: SampleRate
    private let capacity: Int
    private let fadeLength: Int
    private let blockLength: Int
    private let silentBlockEnergy: Float

    // SAFETY: allocated in init, freed in deinit, never shared; indices are masked by the capacity.
    private let samples: UnsafeMutablePointer<Int16>
    private let segments: UnsafeMutablePointer<SegmentRecord>
    private static var mostSegments: Int { 64 }

    /// Absolute sample indices; the ring place is the index modulo the capacity.
    private var readIndex = 0
    private var writeIndex = 0
    /// Absolute segment numbers, likewise: the oldest that is kept, the one being played, the end.
    private var firstSegment = 0
    private var current = 0
    private var endSegment = 0

    private var openTurn: Int?
    private var isHeld = false
    private var fadesOut = false
    private var fadesIn = false
    private var lastTurnTrimmed: Int?

    /// Samples of silence that had to be played inside a segment because its audio was late.
    public private(set) var underrunSamples = 0

    private struct SegmentRecord {
        var id = 0
        var turn = 0
        var begin = 0
        var count = 0
        /// Leading silence that was left out.
        var skipped = 0
        var isTrimming = false
        var blockEnergy: Float = 0
        var isComplete = false
        var hasStarted = false
        var end: Int { begin + count }
    }

    /// - Throws: `ConfigurationError` when the capacity is no power of two from 1,024 to 2^24.
    public init(_ configuration: Configuration = Configuration()) throws(ConfigurationError) {
        let capacity = configuration.capacity
        guard capacity >= 1_024, capacity <= 1 << 24, capacity & (capacity - 1) == 0 else {
            throw ConfigurationError(
                field: "playout.capacity", given: "\(capacity)", allowed: "a power of two from 1024 to 16777216")
        }
        rate = configuration.rate
        self.capacity = capacity
        fadeLength = rate.samples(in: .milliseconds(5))
        blockLength = rate.samples(in: .milliseconds(10))
        var ratio: Float = 1
        // 10^(dB/10) without a math library: a decibel is a factor of 10^0.1.
        for _ in 0..<Int(max(0, -configuration.audibleDBFS)) { ratio /= 1.258_925_4 }
        silentBlockEnergy = ratio * Float(blockLength) * 32_768 * 32_768
        samples = .allocate(capacity: capacity)
        samples.initialize(repeating: 0, count: capacity)
        segments = .allocate(capacity: Self.mostSegments)
        segments.initialize(repeating: SegmentRecord(), count: Self.mostSegments)
    }

    deinit {
        samples.deallocate()
        segments.deallocate()
    }

    // MARK: Writing

    /// Opens the next segment; false when too many wait already (64).
    public mutating func begin(segment: Int, turn: Int) -> Bool {
        guard endSegment - firstSegment < Self.mostSegments else { return false }
        var record = SegmentRecord()
        record.id = segment
        record.turn = turn
        record.begin = writeIndex
        record.isTrimming = lastTurnTrimmed != turn
        self[endSegment] = record
        endSegment += 1
        return true
    }

    /// Appends to the segment that was begun last; returns how many samples were taken.
    public mutating func append(_ source: Span<Int16>) -> Int {
        guard endSegment > firstSegment, !self[endSegment - 1].isComplete else { return 0 }
        var taken = 0
        while taken < source.count, free > 0 {
            put(source[taken])
            taken += 1
        }
        return taken
    }

    /// The segment that was begun last has all its audio.
    public mutating func complete() {
        guard endSegment > firstSegment else { return }
        self[endSegment - 1].isComplete = true
    }

    /// Samples that `append` takes now.
    public var free: Int { capacity - (writeIndex - oldestKept) }

    /// Samples waiting to be played.
    public var queued: Int { writeIndex - readIndex }

    private mutating func put(_ sample: Int16) {
        samples[writeIndex & (capacity - 1)] = sample
        writeIndex += 1
        let last = endSegment - 1
        self[last].count += 1
        guard self[last].isTrimming else { return }
        self[last].blockEnergy += Float(sample) * Float(sample)
        guard self[last].count == blockLength else { return }
        if self[last].blockEnergy < silentBlockEnergy {
            writeIndex -= blockLength
            self[last].count = 0
            self[last].blockEnergy = 0
            self[last].skipped += blockLength
        } else {
            self[last].isTrimming = false
            lastTurnTrimmed = self[last].turn
        }
    }

    /// Whether audible audio of this turn is there to be played.
    public func isReady(turn: Int) -> Bool {
        for number in current..<endSegment where self[number].turn == turn {
            if self[number].count > 0, !self[number].isTrimming { return true }
        }
        return false
    }

    // MARK: Control

    /// From the next frame on, what is queued of this turn is played.
    public mutating func start(turn: Int) {
        openTurn = turn
        isHeld = false
        fadesIn = false
    }

    /// Stands still from the next frame on; returns where, or nil when nothing of a segment was played yet.
    ///
    /// - Parameter unheard: How many of the samples given out last are not audible and never will be: the carrier's
    ///   queue is cleared. They count as not played.
    public mutating func hold(unheard: Int = 0) -> Position? {
        if !isHeld {
            takeBack(unheard)
            isHeld = true
            fadesOut = isInsideSegment
        }
        guard current < endSegment, self[current].hasStarted else { return nil }
        let segment = self[current]
        return Position(segment: segment.id, sample: readIndex - segment.begin + segment.skipped)
    }

    private mutating func takeBack(_ unheard: Int) {
        guard unheard > 0, firstSegment < endSegment else { return }
        readIndex = max(self[firstSegment].begin, readIndex - unheard)
        while current > firstSegment, current == endSegment || self[current].begin > readIndex { current -= 1 }
    }

    /// Plays on from `position` inside the segment under way; nil, or another segment: from where it stands.
    public mutating func resume(at position: Position?) {
        isHeld = false
        fadesOut = false
        fadesIn = isInsideSegment
        guard let position, current < endSegment, self[current].id == position.segment else { return }
        let segment = self[current]
        readIndex = segment.begin + min(max(0, position.sample - segment.skipped), readIndex - segment.begin)
    }

    /// Drops everything that is queued and closes the gate.
    public mutating func flush() {
        firstSegment = endSegment
        current = endSegment
        readIndex = writeIndex
        openTurn = nil
        isHeld = false
        lastTurnTrimmed = nil
    }

    // MARK: Playing

    /// Fills `frame` with what is to be played now, and says through `handle` which segments began and ended in it.
    ///
    /// - Parameter unheard: How many of the samples given out before are still to become audible.
    /// - Returns: how many samples, from the frame's beginning, were there to be played; the rest is silence. A frame
    ///   with less than it could hold had an underrun in it, or the turn's end.
    @discardableResult
    public mutating func nextFrame(
        into frame: inout MutableSpan<Int16>, unheard: Int = 0, _ handle: (Event) -> Void
    ) -> Int {
        letGo(unheard)
        var offset = 0
        if isHeld { offset = fadeOut(into: &frame) }
        while offset < frame.count {
            guard !isHeld, let turn = openTurn, current < endSegment, self[current].turn == turn else { break }
            let segment = self[current]
            let available = segment.isTrimming && !segment.isComplete ? 0 : segment.end - readIndex
            if available > 0 {
                if !segment.hasStarted {
                    self[current].hasStarted = true
                    handle(.started(segment: segment.id, offset: offset))
                }
                let count = min(available, frame.count - offset)
                copy(count, into: &frame, at: offset)
                offset += count
            } else if segment.isComplete {
                if !segment.hasStarted { handle(.started(segment: segment.id, offset: offset)) }
                self[current].hasStarted = true
                current += 1
                handle(.finished(segment: segment.id, offset: offset))
            } else {
                if segment.hasStarted { underrunSamples += frame.count - offset }
                break
            }
        }
        let played = offset
        while offset < frame.count {
            frame[offset] = 0
            offset += 1
        }
        return played
    }

    /// Whether the next frame would hold anything to be heard.
    public var hasNext: Bool {
        if isHeld { return fadesOut }
        guard let turn = openTurn, current < endSegment, self[current].turn == turn else { return false }
        let segment = self[current]
        return segment.isComplete || (!segment.isTrimming && segment.end > readIndex)
    }

    /// Segments that were heard to their end need not be kept.
    private mutating func letGo(_ unheard: Int) {
        while firstSegment < current, self[firstSegment].end <= readIndex - unheard { firstSegment += 1 }
    }

    private mutating func copy(_ count: Int, into frame: inout MutableSpan<Int16>, at offset: Int) {
        for place in 0..<count {
            frame[offset + place] = samples[(readIndex + place) & (capacity - 1)]
        }
        if fadesIn {
            let length = min(fadeLength, count)
            for place in 0..<length {
                frame[offset + place] = Int16(Int(frame[offset + place]) * place / length)
            }
            fadesIn = false
        }
        readIndex += count
    }

    /// The few samples after a hold, falling to nothing; they stay unplayed in the ring.
    private mutating func fadeOut(into frame: inout MutableSpan<Int16>) -> Int {
        guard fadesOut else { return 0 }
        fadesOut = false
        let length = min(fadeLength, frame.count, self[current].end - readIndex)
        for place in 0..<max(0, length) {
            let sample = Int(samples[(readIndex + place) & (capacity - 1)])
            frame[place] = Int16(sample * (length - place) / length)
        }
        return max(0, length)
    }

    // MARK: Ring arithmetic

    private var isInsideSegment: Bool { current < endSegment && self[current].hasStarted }

    /// The oldest sample that may still be played: the start of the oldest segment that is kept.
    private var oldestKept: Int { firstSegment < endSegment ? self[firstSegment].begin : readIndex }

    private subscript(number: Int) -> SegmentRecord {
        get { segments[number & (Self.mostSegments - 1)] }
        nonmutating set { segments[number & (Self.mostSegments - 1)] = newValue }
    }
}
