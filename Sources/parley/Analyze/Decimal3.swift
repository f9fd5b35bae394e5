/// Numbers with three decimals, rounded to nearest: milliseconds of seconds, thousandths of a probability.
enum Decimal3 {
    /// `12.345`; with `trimmed`, `12.3` and `12` where the rest is zeros. Magnitudes stay below 1e15.
    static func text(_ value: Double, trimmed: Bool = false) -> String {
        let thousandths = Int((value * 1_000).rounded())
        let (whole, rest) = abs(thousandths).quotientAndRemainder(dividingBy: 1_000)
        var digits = String(1_000 + rest).dropFirst()
        if trimmed { while digits.last == "0" { digits.removeLast() } }
        return (thousandths < 0 ? "-" : "") + "\(whole)" + (digits.isEmpty ? "" : "." + digits)
    }
}
