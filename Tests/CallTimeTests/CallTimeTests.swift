import CallTime
import Testing

@Suite struct CallTimeTests {
    @Test(arguments: [8_000, 16_000, 24_000, 44_100, 48_000])
    func samplesAndDurationsRoundTrip(hz: Int) {
        let rate = SampleRate(hz: hz)
        for count in [0, 1, 159, 160, 12_345, 10 * 3_600 * hz] {
            #expect(rate.samples(in: rate.duration(of: count)) == count)
        }
    }

    @Test func aSampleOfANarrowbandStreamIsExactlyRepresentable() {
        for index in [0, 1, 7, 8_001, 86_400 * 8_000 + 1] {
            let instant = CallInstant(SampleTime(index), at: .narrowband)
            #expect(instant.nanoseconds == Int64(index) * 125_000)
            #expect(instant.sampleTime(at: .narrowband) == SampleTime(index))
        }
    }

    @Test func twentyMillisecondsAre160SamplesOfANarrowbandStream() {
        #expect(SampleRate.narrowband.samples(in: .milliseconds(20)) == 160)
        #expect(SampleRate.narrowband.duration(of: 160) == .milliseconds(20))
    }

    @Test func instantsAreReadAsSecondsWithThreeDecimals() {
        #expect(CallInstant(milliseconds: 12_345).description == "12.345")
        #expect(CallInstant(milliseconds: 5).description == "0.005")
        #expect(CallInstant(milliseconds: -5).description == "-0.005")
    }

    @Test func instantsAndDurationsAddUp() {
        let a = CallInstant(milliseconds: 100)
        #expect((a + .milliseconds(20)) - a == .milliseconds(20))
        #expect(a - .milliseconds(20) == CallInstant(milliseconds: 80))
    }

    @Test func aConfigurationErrorNamesFieldGivenAndAllowed() {
        let error = ConfigurationError(field: "frame", given: "7 ms", allowed: "10 or 20 ms")
        #expect(error.description == "frame: given 7 ms, allowed 10 or 20 ms")
    }
}
