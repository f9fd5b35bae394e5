import CallTime
import Codecs
import Foundation

/// The tones of telephone keys (ITU-T Q.23), as mu-law at 8,000 Hz.
enum KeyTones {
    private static let rows: [Double] = [697, 770, 852, 941]
    private static let columns: [Double] = [1_209, 1_336, 1_477, 1_633]
    private static let keys: [[Character]] = [
        ["1", "2", "3", "A"], ["4", "5", "6", "B"], ["7", "8", "9", "C"], ["*", "0", "#", "D"],
    ]
    /// A key sounds for 100 ms and rests for as long; Q.24 asks for 40 ms of each.
    private static let length = 800
    /// `w` waits for half a second.
    private static let wait = 4_000
    /// Each of the two tones: -9 dBFS, so that their sum stays below full scale.
    private static let amplitude = 0.35 * 32_767

    static func muLaw(_ digits: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for digit in digits.uppercased() {
            guard let tones = frequencies(digit) else {
                bytes += [UInt8](repeating: MuLaw.silence, count: wait)
                continue
            }
            for place in 0..<length {
                let time = 2 * Double.pi * Double(place) / 8_000
                let sample = amplitude * (sin(time * tones.row) + sin(time * tones.column))
                bytes.append(MuLaw.encode(Int16(sample)))
            }
            bytes += [UInt8](repeating: MuLaw.silence, count: length)
        }
        return bytes
    }

    private static func frequencies(_ digit: Character) -> (row: Double, column: Double)? {
        for (row, keys) in keys.enumerated() {
            if let column = keys.firstIndex(of: digit) { return (rows[row], columns[column]) }
        }
        return nil
    }
}
