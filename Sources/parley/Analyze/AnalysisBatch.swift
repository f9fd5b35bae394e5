import Foundation

/// Analyses many files, some at a time, and hands the results on in the order of the files.
struct AnalysisBatch {
    let analyzer: RecordingAnalyzer
    /// Files analysed at once.
    let jobs: Int
    /// Where pages go, if they were asked for.
    var pages: PagePlan?

    /// One file's end: the text of its report, or the line that says why there is none.
    struct Outcome: Sendable {
        var index: Int
        var remarks: [String] = []
        var report: String?
        var audioSeconds = 0.0
        var turns = 0
        /// Its line in the index of pages.
        var entry: PageIndex.Entry?
        /// Why its page could not be written.
        var pageFailure: String?
    }

    func run(_ inputs: [String], into sink: ReportSink) async -> BatchTotals {
        var totals = BatchTotals(startingNow: inputs.count)
        var progress = ProgressBar(total: inputs.count)
        var early: [Int: Outcome] = [:]
        var next = 0
        var index = PageIndex()
        await withTaskGroup(of: Outcome.self) { group in
            var started = 0
            func startOne() {
                guard started < inputs.count else { return }
                let index = started
                started += 1
                group.addTask { analyze(inputs[index], index, sink.report) }
            }
            for _ in 0..<jobs { startOne() }
            for await outcome in group {
                startOne()
                early[outcome.index] = outcome
                progress.advance()
                while let ready = early.removeValue(forKey: next) {
                    progress.clear()
                    totals.add(ready, isWritten: sink.take(ready))
                    if let entry = ready.entry { index.entries.append(entry) }
                    next += 1
                }
                progress.draw()
            }
        }
        progress.clear()
        if let path = pages?.index, let failure = PageFile.write(path, index.write) {
            Console.warn(failure)
            totals.addUnwritable()
        }
        totals.stop()
        return totals
    }

    private func analyze(_ input: String, _ index: Int, _ report: Report) -> Outcome {
        do {
            let analysis = try analyzer.analyze(input)
            var outcome = Outcome(
                index: index, remarks: analysis.remarks, report: report.text(of: analysis),
                audioSeconds: analysis.duration, turns: analysis.turns.count)
            if let pages { writePage(analysis, to: pages.paths[index], &outcome) }
            return outcome
        } catch {
            var outcome = Outcome(index: index, remarks: ["\(error)"])
            if pages != nil { outcome.entry = PageIndex.Entry(file: input, reason: "\(error)") }
            return outcome
        }
    }

    /// Pages are large: each is written where it was made, not handed on.
    private func writePage(_ analysis: Analysis, to path: String, _ outcome: inout Outcome) {
        guard let data = analysis.page else { return }
        outcome.pageFailure = PageFile.write(path, HTMLReport(analysis: analysis, data: data).write)
        outcome.entry = PageIndex.Entry(
            file: analysis.file, page: outcome.pageFailure == nil ? URL(fileURLWithPath: path).lastPathComponent : nil,
            duration: analysis.duration, turns: analysis.turns.count, speech: PageTables.share(analysis),
            reason: outcome.pageFailure ?? "")
    }
}

/// What a batch came to.
struct BatchTotals {
    let files: Int
    private(set) var refused = 0
    private(set) var unwritable = 0
    private(set) var turns = 0
    private(set) var audioSeconds = 0.0
    private(set) var elapsed: Duration = .zero
    private let start = ContinuousClock.now

    init(startingNow files: Int) { self.files = files }

    mutating func add(_ outcome: AnalysisBatch.Outcome, isWritten: Bool) {
        audioSeconds += outcome.audioSeconds
        turns += outcome.turns
        if outcome.report == nil { refused += 1 } else if !isWritten { unwritable += 1 }
    }

    mutating func addUnwritable() { unwritable += 1 }

    mutating func stop() { elapsed = ContinuousClock.now - start }
}
