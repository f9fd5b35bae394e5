import Foundation
import Providers

extension CivilDateTime {
    /// What the clock on this machine's wall shows.
    public static var thisMoment: CivilDateTime {
        let parts = Calendar(identifier: .gregorian).dateComponents(
            [.year, .month, .day, .hour, .minute, .second], from: Date())
        return CivilDateTime(
            year: parts.year ?? 1970, month: parts.month ?? 1, dayOfMonth: parts.day ?? 1, hour: parts.hour ?? 0,
            minute: parts.minute ?? 0, second: min(parts.second ?? 0, 59)) ?? CivilDateTime(day: 0)
    }
}
