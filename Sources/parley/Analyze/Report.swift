/// How found events are written.
enum ReportFormat: String, Sendable, CaseIterable {
    case text, json, csv
}

/// What is written about each file.
enum Report: Sendable, Equatable {
    /// Speech and turns.
    case events(ReportFormat)
    /// Every value of the detector, as CSV.
    case frames

    /// What the name of a result file ends in.
    var fileExtension: String {
        switch self {
        case .events(.text): "txt"
        case .events(.json): "json"
        case .events(.csv), .frames: "csv"
        }
    }

    /// What stands above the first report: a CSV's names; empty for others.
    var heading: String {
        switch self {
        case .events(.csv): CSVReport.heading
        case .frames: FrameReport.heading
        case .events(.text), .events(.json): ""
        }
    }

    /// One file's report, whole lines.
    func text(of analysis: Analysis) -> String {
        switch self {
        case .events(.text): TextReport.text(of: analysis)
        case .events(.json): JSONReport.text(of: analysis)
        case .events(.csv): CSVReport.text(of: analysis)
        case .frames: FrameReport.text(of: analysis)
        }
    }

    /// Whether a machine reads it: then nothing else may stand on standard output.
    var isForMachines: Bool { self != .events(.text) }
}
