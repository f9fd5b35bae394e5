/// One thing `doctor` looked for.
struct Finding: Equatable {
    var name: String
    /// Version or place; `nil` where it is missing.
    var found: String?
    /// The Debian package that brings it.
    var package: String
    /// Whether no call can be played without it.
    var isNeeded = false

    var isFound: Bool { found != nil }

    func line(nameWidth: Int) -> String {
        let padded = name + String(repeating: " ", count: max(0, nameWidth - name.count))
        return found.map { "ok  \(padded)  \($0)" } ?? "--  \(padded)  missing: apt-get install \(package)"
    }
}
