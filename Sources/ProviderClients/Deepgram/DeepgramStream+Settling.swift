import CallTime
import Foundation
import NIOCore
import Providers

// What follows from each step: sending what may be sent, acting on what is due, the timer for the next.
extension DeepgramStream {
    func settle() {
        guard !isSettling else { return }
        isSettling = true
        defer { isSettling = false }
        repeat {
            let now = NIODeadline.now()
            actOnDue(now)
            send(now)
            while !outbox.isEmpty {
                // `close` empties the rest.
                onEvent(outbox.removeFirst())
            }
        } while !outbox.isEmpty
        freeWaiters(.now())
        arm()
    }

    /// Sends what may be sent: whole messages of audio, all of it before a `Finalize`.
    func send(_ now: NIODeadline) {
        guard isReady, let connection, let audio else { return }
        while true {
            let asked = questions.firstIndex { $0.sent == nil }
            let mustFlush = asked != nil || !waiters.isEmpty
            let limit = asked.map { min(questions[$0].place, audio.end) } ?? audio.end
            while sentEnd < limit {
                let count = min(chunk, limit - sentEnd)
                if count < chunk, !mustFlush { break }
                guard mayCatchUp(count, now) else { return }
                connection.send(binary: audio.slice(sentEnd, count))
                sentEnd += count
                everSent = max(everSent, sentEnd)
                hasSentAudio = true
                lastSent = now
            }
            guard let asked else { break }
            ask(asked, connection, now)
        }
        if audio.end - sentEnd < chunk { catchingUp = nil }
    }

    func ask(_ index: Int, _ connection: WebSocketConnection, _ now: NIODeadline) {
        finalizesSent += 1
        questions[index].sent = (now, finalizesSent)
        if configuration.isFlux {
            if configuration.forcesTurnEnd { connection.send(text: #"{"type":"ForceEndTurn"}"#) }
            return
        }
        connection.send(text: #"{"type":"Finalize"}"#)
        // The vendor does not always answer for a snippet.
        let heard = max(words.finalEnd ?? .min, offset)
        if questions[index].place - heard >= rate.samples(in: DeepgramLimits.snippet), unanswered.count < 64 {
            unanswered.append((now, questions[index].place))
        }
    }

    /// A backlog goes out at once up to `burst`, and at 1.25 times real time beyond.
    func mayCatchUp(_ count: Int, _ now: NIODeadline) -> Bool {
        guard let pace = catchingUp else { return true }
        let elapsed = Double((now - pace.since).nanoseconds) / 1e9
        guard pace.samples + count <= pace.burst + Int(elapsed * DeepgramLimits.speed * Double(rate.hz)) else {
            return false
        }
        catchingUp!.samples += count
        return true
    }

    func actOnDue(_ now: NIODeadline) {
        switch phase {
        case .waiting(let until) where until <= now: connect()
        case .open(isReady: false) where openedAt + DeepgramLimits.greeting <= now: reconnect(isAtOnce: false)
        case .open(isReady: true): watch(now)
        default: break
        }
        for question in questions { settle(question, now) }
    }

    func watch(_ now: NIODeadline) {
        let isFlowing = lastPush + .seconds(1) > now
        if configuration.isFlux {
            let patience = max(3_000, 4 * configuration.endOfTurnTimeoutMs)
            if isFlowing, turns.isOpen(on: generation), lastHeard + .milliseconds(Int64(patience)) <= now {
                reconnect(isAtOnce: true)
            }
        } else if isFlowing, let first = unanswered.first, first.at + DeepgramLimits.watchdog <= now {
            reconnect(isAtOnce: true)
        } else if hasSentAudio, lastSent + DeepgramLimits.keepAlive <= now {
            connection?.send(text: #"{"type":"KeepAlive"}"#)
            lastSent = now
        }
    }

    func settle(_ question: Question, _ now: NIODeadline) {
        if case .givenUp(let error) = phase {
            questions.removeAll { $0.utterance == question.utterance }
            return outbox.append(.failed(error))
        }
        if let brokenSince, brokenSince + DeepgramLimits.outage <= now {
            return fail(question, .unavailable, "no connection; it is being made again")
        }
        let isPatient = question.askedAt + DeepgramLimits.patience > now
        let isDue = question.askedAt + TimeAmount(configuration.finalDeadline) <= now
        // While a backlog is being sent the vendor has not heard the end yet: half a sentence is known at best.
        if isDue, question.sent != nil || !isPatient, !text(of: question.utterance).text.isEmpty {
            return answer(question)
        }
        guard !isPatient else { return }
        if question.sent != nil {
            answer(question, with: DeepgramText([]), isRejected: true)
        } else {
            fail(question, .timedOut, "the connection broke, and what was said has not been sent again yet")
        }
    }

    func freeWaiters(_ now: NIODeadline) {
        guard !waiters.isEmpty else { return }
        var isIdle = questions.isEmpty && sentEnd >= pushedEnd
        switch phase {
        case .closed, .givenUp: isIdle = true
        default: break
        }
        let free = waiters.filter { isIdle || $0.until <= now }
        waiters.removeAll { isIdle || $0.until <= now }
        for waiter in free { waiter.1.resume() }
    }

    /// Sets the timer for whatever comes first. One that is set too early only looks again.
    func arm() {
        guard !isClosed, let next = nextDeadline() else { return }
        if let timer, timer.at <= next { return }
        timer?.task.cancel()
        let stream = NIOLoopBound(self, eventLoop: loop)
        let task = loop.scheduleTask(deadline: next) {
            stream.value.timer = nil
            stream.value.perform { _ in }
        }
        timer = (next, task)
    }

    func nextDeadline() -> NIODeadline? {
        var next: NIODeadline?
        func consider(_ deadline: NIODeadline) { next = min(next ?? deadline, deadline) }
        let now = NIODeadline.now()
        switch phase {
        case .waiting(let until): consider(until)
        case .open(isReady: false): consider(openedAt + DeepgramLimits.greeting)
        case .open(isReady: true):
            if !configuration.isFlux, hasSentAudio { consider(lastSent + DeepgramLimits.keepAlive) }
            if configuration.isFlux, turns.isOpen(on: generation) { consider(now + .seconds(1)) }
            if let first = unanswered.first {
                consider(max(first.at + DeepgramLimits.watchdog, now + .milliseconds(20)))
            }
            if catchingUp != nil, pushedEnd - sentEnd >= chunk { consider(now + .milliseconds(20)) }
        default: break
        }
        for question in questions {
            if let brokenSince { consider(brokenSince + DeepgramLimits.outage) }
            let first = question.askedAt + TimeAmount(configuration.finalDeadline)
            consider(first > now ? first : question.askedAt + DeepgramLimits.patience)
        }
        for waiter in waiters { consider(waiter.until) }
        return next
    }
}
