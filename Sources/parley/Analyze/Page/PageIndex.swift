import Foundation

/// The list of a folder's pages, in the order of the recordings.
struct PageIndex {
    /// One recording's line.
    struct Entry: Sendable, Equatable {
        var file: String
        /// The page's file name in the same folder; `nil` where there is none.
        var page: String?
        var duration = 0.0
        var turns = 0
        /// `2.910 s, 58 %`
        var speech = ""
        /// Why there is no page.
        var reason = ""
    }

    var entries: [Entry] = []

    func write(_ put: (String) throws -> Void) rethrows {
        let count = "\(entries.count) recording\(entries.count == 1 ? "" : "s")"
        try put(
            """
            \(PageText.opening(title: count))
            <h1>\(count)</h1>
            <div class="panel scroll"><table>
            <thead><tr><th>Recording</th><th>Length, s</th><th>Turns</th><th>Speech</th><th>Remark</th></tr></thead>
            <tbody>

            """)
        for entry in entries { try put(row(entry)) }
        try put("</tbody></table></div>\n</body>\n</html>\n")
    }

    private func row(_ entry: Entry) -> String {
        let name = PageText.escaped(entry.file)
        guard let page = entry.page else {
            return "<tr><td>\(name)</td><td></td><td></td><td></td><td>\(PageText.escaped(entry.reason))</td></tr>\n"
        }
        return "<tr><td><a href=\"\(PageText.address(page))\">\(name)</a></td><td>\(Decimal3.text(entry.duration))</td>"
            + "<td>\(entry.turns)</td><td>\(PageText.escaped(entry.speech))</td><td></td></tr>\n"
    }
}
