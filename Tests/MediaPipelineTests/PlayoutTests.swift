import CallTime
import MediaPipeline
import Testing

@Suite struct PlayoutTests {
    /// Loud enough to be speech, and every sample tells its place.
    private func ramp(_ count: Int, from first: Int = 0) -> [Int16] {
        (0..<count).map { Int16(2_000 + (first + $0) % 1_000) }
    }

    private struct Player: ~Copyable {
        var playout: Playout
        var events: [Playout.Event] = []

        init() throws { playout = try Playout() }

        mutating func add(_ segment: Int, turn: Int, _ samples: [Int16], complete: Bool = true) {
            let begun = playout.begin(segment: segment, turn: turn)
            #expect(begun)
            let taken = playout.append(samples.span)
            #expect(taken == samples.count)
            if complete { playout.complete() }
        }

        mutating func next(_ count: Int = 160) -> [Int16] {
            var frame = [Int16](repeating: -1, count: count)
            var span = frame.mutableSpan
            var seen: [Playout.Event] = []
            playout.nextFrame(into: &span) { seen.append($0) }
            events += seen
            return frame
        }

        mutating func isSilent() -> Bool { next().allSatisfy { $0 == 0 } }

        mutating func expectNext(_ expected: [Int16], sourceLocation: SourceLocation = #_sourceLocation) {
            let frame = next()
            #expect(frame == expected, sourceLocation: sourceLocation)
        }

        mutating func expectHold(_ segment: Int, _ sample: Int, sourceLocation: SourceLocation = #_sourceLocation) {
            let position = playout.hold()
            #expect(position == Playout.Position(segment: segment, sample: sample), sourceLocation: sourceLocation)
        }
    }

    @Test func nothingIsPlayedBeforeItsTurnIsStarted() throws {
        var player = try Player()
        player.add(1, turn: 1, ramp(320))
        do {
            let silent = player.isSilent()
            #expect(silent)
        }
        player.playout.start(turn: 2)
        do {
            let silent = player.isSilent()
            #expect(silent)
        }
        player.playout.start(turn: 1)
        player.expectNext(Array(ramp(320)[..<160]))
    }

    @Test func segmentsFollowOneAnotherWithoutAHoleAndSayWhereTheyBeginAndEnd() throws {
        var player = try Player()
        player.add(1, turn: 1, ramp(200))
        player.add(2, turn: 1, ramp(200, from: 200))
        player.playout.start(turn: 1)
        let played = player.next() + player.next() + player.next()
        #expect(played == ramp(400) + [Int16](repeating: 0, count: 80))
        let events = player.events
        #expect(
            events == [
                .started(segment: 1, offset: 0), .finished(segment: 1, offset: 40), .started(segment: 2, offset: 40),
                .finished(segment: 2, offset: 80),
            ])
    }

    @Test(arguments: [1, 7, 80, 160, 441])
    func theFrameLengthChangesNothing(length: Int) throws {
        var player = try Player()
        player.add(1, turn: 1, ramp(1_000))
        player.playout.start(turn: 1)
        var played: [Int16] = []
        while played.count < 1_000 { played += player.next(length) }
        #expect(Array(played[..<1_000]) == ramp(1_000))
    }

    @Test func aTurnsLeadingSilenceIsLeftOutAndCounted() throws {
        var player = try Player()
        player.add(1, turn: 1, [Int16](repeating: 3, count: 1_000) + ramp(320))
        player.playout.start(turn: 1)
        // Whole blocks of 10 ms are left out: 12 of them lie before the first sample that is heard.
        let frame = player.next()
        #expect(Array(frame[40..<160]) == Array(ramp(320)[..<120]))
        player.expectHold(1, 960 + 160)
    }

    @Test func silenceInsideATurnStays() throws {
        var player = try Player()
        player.add(1, turn: 1, ramp(160))
        player.add(2, turn: 1, [Int16](repeating: 0, count: 160) + ramp(160))
        player.playout.start(turn: 1)
        _ = player.next()
        player.expectNext([Int16](repeating: 0, count: 160))
        player.expectNext(ramp(160))
    }

    @Test func aHoldFallsSilentWithinFiveMillisecondsAndTheFadeDoesNotCountAsPlayed() throws {
        var player = try Player()
        player.add(1, turn: 1, ramp(800))
        player.playout.start(turn: 1)
        _ = player.next()
        player.expectHold(1, 160)
        let faded = player.next()
        #expect(faded[0] == ramp(800)[160])
        #expect(faded[39] < 100)
        #expect(faded[40...].allSatisfy { $0 == 0 })
        do {
            let silent = player.isSilent()
            #expect(silent)
        }
        player.playout.resume(at: nil)
        let resumed = player.next()
        #expect(Array(resumed[40...]) == Array(ramp(800)[200..<320]))
    }

    @Test func resumeGoesBackToTheSampleItIsGiven() throws {
        var player = try Player()
        player.add(1, turn: 1, ramp(1_600))
        player.playout.start(turn: 1)
        for _ in 0..<5 { _ = player.next() }
        _ = player.playout.hold()
        _ = player.next()
        player.playout.resume(at: Playout.Position(segment: 1, sample: 500))
        let resumed = player.next()
        #expect(Array(resumed[40...]) == Array(ramp(1_600)[540..<660]))
    }

    @Test func afterAFlushNothingOfTheTurnIsPlayed() throws {
        var player = try Player()
        player.add(1, turn: 1, ramp(1_600))
        player.playout.start(turn: 1)
        _ = player.next()
        player.playout.flush()
        do {
            let silent = player.isSilent()
            #expect(silent)
        }
        // Late audio of the flushed segment has no place any more.
        let taken = player.playout.append(ramp(160).span)
        #expect(taken == 0)
        player.add(2, turn: 2, ramp(160))
        player.playout.start(turn: 2)
        player.expectNext(ramp(160))
    }

    @Test func whatDoesNotFitIsTheWritersToKeep() throws {
        var configuration = Playout.Configuration()
        configuration.capacity = 1_024
        var playout = try Playout(configuration)
        _ = playout.begin(segment: 1, turn: 1)
        let (taken, free) = (playout.append(ramp(2_000).span), playout.free)
        #expect((taken, free) == (1_024, 0))
    }

    @Test func audioThatIsLateInsideASegmentIsCounted() throws {
        var player = try Player()
        player.add(1, turn: 1, ramp(200), complete: false)
        player.playout.start(turn: 1)
        _ = player.next()
        let frame = player.next()
        #expect(Array(frame[..<40]) == Array(ramp(200)[160...]))
        let underrun = player.playout.underrunSamples
        #expect(underrun == 120)
    }

    @Test func moreThan64WaitingSegmentsAreRefused() throws {
        var playout = try Playout()
        let begun = (0...64).map { playout.begin(segment: $0, turn: 1) }
        #expect(begun == [Bool](repeating: true, count: 64) + [false])
    }

    @Test func aRingThatIsNoPowerOfTwoIsRefused() {
        #expect(throws: ConfigurationError.self) {
            var configuration = Playout.Configuration()
            configuration.capacity = 1_000
            _ = try Playout(configuration)
        }
    }

    @Test func hoursOfSegmentsPassThroughTheRing() throws {
        var player = try Player()
        var expected: [Int16] = []
        var played: [Int16] = []
        for number in 0..<400 {
            let samples = ramp(1_000 + number * 7 % 500, from: number)
            expected += samples
            player.add(number, turn: 1, samples)
            player.playout.start(turn: 1)
            while player.playout.queued >= 160 { played += player.next() }
        }
        played += player.next()
        #expect(Array(played[..<expected.count]) == expected)
        let underrun = player.playout.underrunSamples
        #expect(underrun == 0)
    }

    // MARK: A carrier that plays later than it takes

    @Test func whatIsOutAndUnheardIsTakenBackAtAHold() throws {
        var player = try Player()
        player.add(1, turn: 1, ramp(1_600))
        player.playout.start(turn: 1)
        _ = player.next(800)
        let position = player.playout.hold(unheard: 300)
        #expect(position == Playout.Position(segment: 1, sample: 500))
        player.playout.resume(at: position)
        let frame = player.next(160)
        // The first samples fade in; the rest go on where the caller stopped hearing.
        #expect(Array(frame[40...]) == Array(ramp(1_600)[540..<660]))
    }

    @Test func aHoldGoesBackOverTheBorderOfASegment() throws {
        var player = try Player()
        player.add(1, turn: 1, ramp(400))
        player.add(2, turn: 1, ramp(400, from: 400))
        player.playout.start(turn: 1)
        _ = player.next(480)
        let position = player.playout.hold(unheard: 200)
        #expect(position == Playout.Position(segment: 1, sample: 280))
        player.playout.resume(at: position)
        let rest = player.next(520)
        #expect(Array(rest[40...]) == Array(ramp(800)[320..<800]))
    }

    @Test func aFinishedSegmentIsKeptAsLongAsItIsUnheard() throws {
        var player = try Player()
        player.add(1, turn: 1, ramp(400))
        player.playout.start(turn: 1)
        _ = player.next(480)
        let position = player.playout.hold(unheard: 100)
        #expect(position == Playout.Position(segment: 1, sample: 300))
    }
}
