import Providers
import Testing

@Suite struct CivilDateTimeTests {
    @Test func everyDayOfFourCenturiesRoundTrips() throws {
        var expected = try #require(CivilDateTime(year: 1_800, month: 1, dayOfMonth: 1)).day
        for year in 1_800..<2_200 {
            for month in 1...12 {
                for dayOfMonth in 1...CivilDateTime.daysInMonth(month, year: year) {
                    let date = try #require(CivilDateTime(year: year, month: month, dayOfMonth: dayOfMonth))
                    try #require(date.day == expected)
                    try #require((date.year, date.month, date.dayOfMonth) == (year, month, dayOfMonth))
                    expected += 1
                }
            }
        }
    }

    @Test func theEpochIsAThursdayAndTheSecondOfMarch2026AMonday() throws {
        #expect(CivilDateTime(day: 0).dateText == "1970-01-01")
        #expect(CivilDateTime(day: 0).weekday == 3)
        #expect(try #require(CivilDateTime("2026-03-02")).weekday == 0)
    }

    @Test(arguments: [
        "2026-02-29", "2026-13-01", "2026-00-01", "2026-3-2", "2026-03-02T24:00", "2026-03-02 09:00", "", "T",
        "2026-03-02T09",
    ])
    func whatIsNoDateIsNil(text: String) {
        #expect(CivilDateTime(text) == nil)
    }

    @Test func textRoundTripsAndSecondsMayBeLeftOut() throws {
        #expect(try #require(CivilDateTime("2026-03-02T09:05")).description == "2026-03-02T09:05:00")
        #expect(try #require(CivilDateTime("2026-03-02T23:59:58")).description == "2026-03-02T23:59:58")
    }

    @Test func minutesCarryOverMidnightBothWays() throws {
        let now = try #require(CivilDateTime("2026-03-01T00:10"))
        #expect(now.adding(minutes: -20).description == "2026-02-28T23:50:00")
        #expect(now.adding(minutes: 24 * 60).description == "2026-03-02T00:10:00")
        #expect(now.adding(minutes: -24 * 60 - 10).description == "2026-02-28T00:00:00")
    }
}
