import TestSupport
import Testing

@testable import Server

@Suite struct MetricsTests {
    private func lines(_ metrics: Metrics, _ prefix: String) -> [String] {
        metrics.render().split(separator: "\n").map { String($0) }.filter { $0.contains(prefix) }
    }

    @Test func aCounterByTwoLabelsShowsThePairsThatWereBumped() {
        let metrics = Metrics()
        metrics.calls.add(.inbound, .booked)
        metrics.calls.add(.inbound, .booked)
        metrics.calls.add(.outbound, .noAnswer)
        #expect(
            lines(metrics, "parley_calls_total") == [
                "# HELP parley_calls_total Calls that ended.", "# TYPE parley_calls_total counter",
                "parley_calls_total{direction=\"inbound\",outcome=\"booked\"} 2",
                "parley_calls_total{direction=\"outbound\",outcome=\"no_answer\"} 1",
            ])
        #expect(metrics.calls.current(.inbound, .booked) == 2)
    }

    @Test func aCounterByOneLabelShowsAllItsValuesFromTheBeginning() {
        let metrics = Metrics()
        metrics.bargeIns.add(.dismissed)
        #expect(
            lines(metrics, "parley_barge_ins_total{") == [
                "parley_barge_ins_total{result=\"confirmed\"} 0", "parley_barge_ins_total{result=\"dismissed\"} 1",
            ])
    }

    @Test func aGaugeGoesUpAndDown() {
        let metrics = Metrics()
        metrics.callsActive.add(3)
        metrics.callsActive.add(-1)
        #expect(lines(metrics, "parley_calls_active ").suffix(1) == ["parley_calls_active 2"])
        metrics.callsActive.set(0.5)
        #expect(metrics.callsActive.current == 0.5)
    }

    @Test func aHistogramIsCumulativeAndABoundIncludesItself() {
        let metrics = Metrics()
        for milliseconds in [1, 2, 3, 700] { metrics.frameLateness.observe(.milliseconds(milliseconds)) }
        #expect(
            lines(metrics, "parley_frame_lateness_seconds") == [
                "# HELP parley_frame_lateness_seconds How late the 20 ms tick of a call ran.",
                "# TYPE parley_frame_lateness_seconds histogram",
                "parley_frame_lateness_seconds_bucket{le=\"0.001\"} 1",
                "parley_frame_lateness_seconds_bucket{le=\"0.002\"} 2",
                "parley_frame_lateness_seconds_bucket{le=\"0.005\"} 3",
                "parley_frame_lateness_seconds_bucket{le=\"0.01\"} 3",
                "parley_frame_lateness_seconds_bucket{le=\"0.02\"} 3",
                "parley_frame_lateness_seconds_bucket{le=\"0.05\"} 3",
                "parley_frame_lateness_seconds_bucket{le=\"0.1\"} 3",
                "parley_frame_lateness_seconds_bucket{le=\"0.5\"} 3",
                "parley_frame_lateness_seconds_bucket{le=\"+Inf\"} 4",
                "parley_frame_lateness_seconds_sum 0.706", "parley_frame_lateness_seconds_count 4",
            ])
    }

    @Test func aHistogramByALabelKeepsItsSeriesApart() {
        let metrics = Metrics()
        metrics.turnPart.observe(.seconds(1), .firstToken)
        #expect(metrics.turnPart.count(.firstToken) == 1)
        #expect(metrics.turnPart.count(.firstAudio) == 0)
        let text = metrics.render()
        #expect(text.contains("parley_turn_part_seconds_bucket{part=\"firstToken\",le=\"0.8\"} 0\n"))
        #expect(text.contains("parley_turn_part_seconds_bucket{part=\"firstToken\",le=\"1\"} 1\n"))
        #expect(text.contains("parley_turn_part_seconds_sum{part=\"firstToken\"} 1\n"))
    }

    @Test func namesFromOutsideAreEscapedAndBounded() {
        let metrics = Metrics()
        metrics.providerFailures.add("a\"b\\c\nd", .timedOut)
        #expect(
            lines(metrics, "parley_provider_failures_total{") == [
                "parley_provider_failures_total{provider=\"a\\\"b\\\\c\\nd\",kind=\"timed_out\"} 1"
            ])
        for number in 0..<100 { metrics.providerFailures.add("p\(number)", .rejected) }
        #expect(lines(metrics, "parley_provider_failures_total{").count == 17)
        #expect(metrics.providerFailures.current("p14", .rejected) == 1)
        #expect(metrics.providerFailures.current("p15", .rejected) == 0)
        #expect(metrics.providerFailures.current("other", .rejected) == 85)
    }

    @Test func everyFamilyHasOneHelpLineOneTypeLineAndAName() {
        let text = Metrics().render()
        var helped: [String] = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("# HELP ") { helped.append(String(words[2])) }
            if line.hasPrefix("# TYPE ") { #expect(helped.last == String(words[2])) }
            if !line.hasPrefix("#") {
                #expect(words.count == 2 && Double(words[1]) != nil, "\(line)")
                #expect(words[0].hasPrefix(helped.last ?? "none"), "\(line)")
            }
        }
        #expect(Set(helped).count == helped.count)
        #expect(helped.contains("parley_response_gap_seconds") && helped.contains("process_open_fds"))
        #expect(text.hasSuffix("\n"))
    }

    @Test func threadsLoseNoCount() async {
        let metrics = Metrics()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<5_000 {
                        metrics.mediaMessages.add()
                        metrics.responseGap.observe(.milliseconds(250))
                    }
                }
            }
        }
        #expect(metrics.mediaMessages.current == 40_000)
        #expect(metrics.responseGap.count == 40_000)
    }

    @Test func whatAListenerSaysIsCounted() {
        let metrics = Metrics()
        metrics.count(.connectionRefused)
        metrics.count(.upgradeRefused(status: 503))
        metrics.count(.upgradeRefused(status: 403))
        metrics.count(.messageTooLarge)
        #expect(metrics.refused.current(.connections) == 1)
        #expect(metrics.refused.current(.full) == 1)
        #expect(metrics.refused.current(.signature) == 1)
        #expect(metrics.mediaFaults.current(.messageTooLarge) == 1)
    }

    @Test func theProcessIsMeasured() throws {
        let now = try #require(ProcessMetrics.read())
        #expect(now.cpuSeconds > 0)
        #expect(now.residentBytes > 1_000_000)
        #expect(now.openFileDescriptors >= 3)
        #expect(now.mostFileDescriptors == 0 || now.mostFileDescriptors >= now.openFileDescriptors)
    }

    @Test func aProgramsNameMayHoldSpacesAndBrackets() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 1 0"
        #expect(ProcessMetrics.cpuSeconds(stat: stat, ticksPerSecond: 100) == 2)
        #expect(ProcessMetrics.cpuSeconds(stat: "7 a", ticksPerSecond: 100) == nil)
    }

    @Test(.enabled(if: canCountAllocations))
    func bumpingAllocatesNothing() {
        let metrics = Metrics()
        var counts = AllocationCounts.none
        for _ in 0..<2 {
            counts = countingAllocations {
                metrics.mediaMessages.add()
                metrics.bargeIns.add(.confirmed)
                metrics.frameLateness.observe(.milliseconds(3))
            }
        }
        #expect(counts.locks == 0)
        #if !DEBUG
            #expect(counts == .none)
        #endif
    }
}
