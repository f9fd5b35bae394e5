import CallTime
import Conversation
import Testing

@Suite struct TurnLedgerTests {
    private func instant(_ milliseconds: Int64) -> CallInstant { CallInstant(milliseconds: milliseconds) }

    private func ledger(commit: Int64, chain: [TurnLedger.Link], audible: Int64) -> TurnLedger {
        TurnLedger(
            turn: 1, lastSpeech: instant(1_000), probableEnd: instant(1_200), commit: instant(commit), chain: chain,
            audible: instant(audible))
    }

    private func link(_ part: TurnLedger.Part, _ began: Int64, _ ended: Int64) -> TurnLedger.Link {
        .init(part, from: instant(began), to: instant(ended))
    }

    private func parts(_ ledger: TurnLedger) -> [String] {
        ledger.partition.map { "\($0.part.rawValue) \(Int($0.duration.milliseconds))" }
    }

    @Test func whenAudioIsReadyBeforeTheEndpointTheEndpointIsWhatWasWaitedFor() {
        let ledger = ledger(
            commit: 1_700,
            chain: [
                link(.transcript, 1_200, 1_300), link(.firstToken, 1_300, 1_400), link(.firstClause, 1_400, 1_450),
                link(.firstAudio, 1_450, 1_550),
            ], audible: 1_710)
        #expect(parts(ledger) == ["detectorConfirmation 200", "endpointDelay 500", "playoutLead 10"])
        #expect(ledger.heldUntilCommit == .milliseconds(150))
        #expect(ledger.hidden.map(\.part) == [.transcript, .firstToken, .firstClause, .firstAudio])
    }

    @Test func whenTheModelIsSlowerThanTheEndpointTheChainIsWhatWasWaitedFor() {
        let ledger = ledger(
            commit: 1_400,
            chain: [
                link(.transcript, 1_200, 1_300), link(.firstToken, 1_300, 1_550), link(.firstClause, 1_550, 1_600),
                link(.firstAudio, 1_600, 1_720),
            ], audible: 1_730)
        #expect(
            parts(ledger) == [
                "detectorConfirmation 200", "transcript 100", "firstToken 250", "firstClause 50", "firstAudio 120",
                "playoutLead 10",
            ])
        #expect(ledger.hidden.map(\.part) == [.endpointDelay])
    }

    @Test func aToolThatWaitedForTheCommitLeavesTheWaitBeforeItToTheEndpoint() {
        let ledger = ledger(
            commit: 1_700,
            chain: [
                link(.transcript, 1_200, 1_300), link(.firstToken, 1_300, 1_500), link(.tool, 1_700, 1_760),
                link(.firstToken, 1_760, 2_010), link(.firstClause, 2_010, 2_060), link(.firstAudio, 2_060, 2_180),
            ], audible: 2_180)
        #expect(
            parts(ledger) == [
                "detectorConfirmation 200", "endpointDelay 500", "tool 60", "firstToken 250", "firstClause 50",
                "firstAudio 120",
            ])
    }

    @Test func thePartsSumToTheGapWhateverTheOrderOfThings() {
        var seed: UInt64 = 1
        func next(_ bound: Int64) -> Int64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64(seed >> 33) % bound
        }
        for _ in 0..<2_000 {
            let transcript = 1_200 + next(900)
            let token = transcript + next(900)
            let clause = token + next(300)
            let audio = clause + next(300)
            let commit = 1_200 + next(1_500)
            let ledger = ledger(
                commit: commit,
                chain: [
                    link(.transcript, 1_200, transcript), link(.firstToken, transcript, token),
                    link(.firstClause, token, clause), link(.firstAudio, clause, audio),
                ], audible: max(audio, commit) + next(40))
            let sum = ledger.partition.reduce(Duration.zero) { $0 + $1.duration }
            #expect(sum == ledger.gap)
            #expect(ledger.partition.allSatisfy { $0.duration > .zero })
        }
    }

    @Test func aWholeTurnOfTheConversationIsMeasuredToTheMillisecond() {
        var scene = Scene()
        scene.at(0, .mediaStarted)
        scene.callerSays("hello", from: 1_000, to: 2_000)
        scene.modelSays("Good morning to you all.", at: 2_550)
        scene.at(2_670, .audioArrived(segment: 1))
        scene.at(2_680, .playoutStarted(segment: 1, audible: instant(2_680)))
        #expect(scene.ledgers.count == 1)
        #expect(scene.ledgers.first?.gap == .milliseconds(680))
        #expect(
            parts(scene.ledgers[0]) == [
                "detectorConfirmation 200", "transcript 100", "firstToken 250", "firstAudio 120", "playoutLead 10",
            ])
    }
}
