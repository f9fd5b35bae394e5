/// A bar on standard error that shows how many of `total` are done; nothing where that is no terminal.
struct ProgressBar {
    private let total: Int
    private let isShown: Bool
    private var done = 0

    init(total: Int, isShown: Bool = Console.errorIsTerminal) {
        self.total = total
        self.isShown = isShown && total > 1
    }

    mutating func advance() {
        done += 1
        draw()
    }

    /// Draws the bar again, after other lines.
    func draw() {
        if isShown, done < total { Console.write("\r" + Self.line(done: done, of: total), to: 2) }
    }

    /// Takes the bar away, so that a line can stand in its place.
    func clear() {
        if isShown { Console.write("\r\u{1B}[K", to: 2) }
    }

    static func line(done: Int, of total: Int, width: Int = 32) -> String {
        let filled = total == 0 ? width : done * width / total
        return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
            + "] \(done)/\(total)"
    }
}
