import CallTime
import MediaPipeline

// Playing through a carrier, which takes audio before it sounds, queues it, and can be told to drop its queue.
//
// What was given out and is not heard yet is known without asking: the carrier plays at the line's rate, and an empty
// queue plays what it gets at once. Marks that come back confirm it (`carrierLags`).
extension CallEngine {
    /// Whether `nextAudio` would give anything now.
    public var hasAudio: Bool { ended == nil && playout.hasNext }

    /// How much the carrier has left to play.
    public func lead(at now: CallInstant) -> Duration { max(.zero, playsUntil - now) }

    /// The next audio for the carrier's queue, up to the frame's length.
    ///
    /// - Returns: how many samples there are; what follows them in `frame` means nothing.
    public mutating func nextAudio(into frame: inout MutableSpan<Int16>, at now: CallInstant) -> Int {
        guard ended == nil else { return 0 }
        reportHeard(at: now)
        let audible = max(now, playsUntil)
        var passed: [Playout.Event] = []
        let count = playout.nextFrame(into: &frame, unheard: unheardSamples(now)) { passed.append($0) }
        let begins = passed.contains { if case .started = $0 { true } else { false } }
        if count > 0, playsUntil < now, !begins { underrun += now - playsUntil }
        playsUntil = audible + playout.rate.duration(of: count)
        for event in passed {
            switch event {
            case .started(let segment, let offset):
                let first = audible + playout.rate.duration(of: offset)
                journal(first, "media", "playoutStarted", ["segment": .integer(segment)])
                transcript.segmentStarted(segment, at: first)
                apply(.playoutStarted(segment: segment, audible: first), at: now)
            case .finished(let segment, let offset):
                unheardEnds.append((segment, audible + playout.rate.duration(of: offset)))
            }
        }
        reportHeard(at: now)
        feedVoice(now)
        return count
    }

    /// The carrier was given `count` samples that no segment owns.
    mutating func carrierPlays(_ count: Int, at now: CallInstant) {
        let begin = max(now, playsUntil)
        playsUntil = begin + playout.rate.duration(of: count)
        tonesPlay = begin..<playsUntil
    }

    /// A mark came back later than its audio should have been heard: the carrier's queue is that much longer.
    public mutating func carrierLags(by delay: Duration, at now: CallInstant) {
        guard delay > .zero, playsUntil > now else { return }
        journal(now, "outside", "carrierLags", ["by_us": .microseconds(delay)])
        playsUntil = playsUntil + delay
        for place in unheardEnds.indices { unheardEnds[place].at = unheardEnds[place].at + delay }
    }

    /// Tells turn-taking which segments were heard to their end by `now`.
    mutating func reportHeard(at now: CallInstant) {
        while ended == nil, let next = unheardEnds.first, next.at <= now {
            unheardEnds.removeFirst()
            journal(next.at, "media", "playoutFinished", ["segment": .integer(next.segment)])
            transcript.segmentFinished(next.segment, at: next.at)
            apply(.playoutFinished(segment: next.segment), at: now)
        }
    }

    /// The carrier shall drop its queue: how many samples of it nobody will hear.
    mutating func takeBackUnheard(_ now: CallInstant) -> Int {
        let unheard = unheardSamples(now)
        guard playsUntil > now else { return 0 }
        unheardEnds = []
        tonesPlay = nil
        playsUntil = now
        effects.append(.clearCarrier)
        return unheard
    }

    private func unheardSamples(_ now: CallInstant) -> Int {
        guard playsUntil > now else { return 0 }
        var unheard = playsUntil - now
        if let tones = tonesPlay, tones.upperBound > now {
            unheard -= min(tones.upperBound, playsUntil) - max(tones.lowerBound, now)
        }
        return playout.rate.samples(in: max(.zero, unheard))
    }
}

/// What became of the caller's audio on its way.
public struct CallMediaCounts: Sendable, Equatable {
    public var lateSamples = 0
    public var concealedSamples = 0
    public var clockJumps = 0
    /// All audio there was, the concealed included.
    public var samples = 0
}

extension CallEngine {
    public var mediaCounts: CallMediaCounts {
        CallMediaCounts(
            lateSamples: inbound.lateSamples, concealedSamples: inbound.concealedSamples,
            clockJumps: inbound.clockJumps, samples: inbound.next.index)
    }
}
