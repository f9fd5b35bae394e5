import Foundation

/// Where reports go: standard output, or one file an input in a folder. Remarks go to standard error.
struct ReportSink: Sendable {
    let report: Report
    /// One path an input, in their order; `nil` for standard output.
    private let paths: [String]?

    /// Plans the result files and makes the folder.
    ///
    /// - Throws: `CommandFailure`: usage where two inputs would share a result file or one would be overwritten;
    ///   failed where the folder can not be made.
    init(inputs: [String], folder: String?, report: Report) throws {
        self.report = report
        guard let folder else {
            paths = nil
            if !report.heading.isEmpty { Console.write(report.heading, to: 1) }
            return
        }
        let planned = inputs.map { ResultPaths.path(for: $0, in: folder, report.fileExtension) }
        try ResultPaths.check(planned, inputs)
        try ResultPaths.make(folder: folder)
        paths = planned
    }

    /// Passes on one file's remarks and report.
    ///
    /// - Returns: whether the report and the page, as far as there are any, were written.
    func take(_ outcome: AnalysisBatch.Outcome) -> Bool {
        for remark in outcome.remarks + [outcome.pageFailure].compactMap(\.self) { Console.warn(remark) }
        let isPageWritten = outcome.pageFailure == nil
        guard let text = outcome.report else { return isPageWritten }
        guard let paths else {
            Console.write(text, to: 1)
            return isPageWritten
        }
        let path = paths[outcome.index]
        do {
            try Data((report.heading + text).utf8).write(to: URL(fileURLWithPath: path))
            return isPageWritten
        } catch {
            Console.warn("\(path): could not be written (\(String(cString: strerror(errno)).lowercased()))")
            return false
        }
    }

    /// The last line: how much was done, and how fast. Standard output stays clean for machines.
    func summarize(_ totals: BatchTotals) {
        let toOutput = paths == nil && !report.isForMachines
        Console.write(Self.summary(totals) + "\n", to: toOutput ? 1 : 2)
    }

    static func summary(_ totals: BatchTotals) -> String {
        let refused = totals.refused == 0 ? "" : ", \(totals.refused) not usable"
        let count = counted(totals.files, "file") + refused
        guard totals.audioSeconds > 0 else { return count }
        let seconds = max(1e-6, Double(totals.elapsed.nanoseconds) / 1e9)
        let speed = Int((totals.audioSeconds / seconds).rounded())
        return "\(count), \(counted(totals.turns, "turn")), \(Decimal3.text(totals.audioSeconds)) s of audio "
            + "in \(Decimal3.text(seconds)) s: \(speed) times real time"
    }

    private static func counted(_ count: Int, _ thing: String) -> String { "\(count) \(thing)\(count == 1 ? "" : "s")" }
}
