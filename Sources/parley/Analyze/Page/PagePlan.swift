import Foundation

/// Where pages are written: one file, or a folder with a page for each recording and an index.
struct PagePlan: Sendable {
    /// One path an input, in their order.
    let paths: [String]
    /// The folder's list of its pages; `nil` where there is only one page.
    let index: String?

    /// Plans the pages and makes the folder.
    ///
    /// - Parameter target: one page where it ends in `.html` or `.htm`, otherwise a folder.
    /// - Throws: `CommandFailure`: usage where one page is named for several inputs, two would share one, or an input
    ///   would be overwritten; failed where the folder can not be made.
    init(inputs: [String], target: String) throws {
        guard target != "-" else {
            throw CommandFailure(.usage, "Error: --html writes files: name one that ends in .html, or a folder")
        }
        if Self.isPage(target) {
            guard inputs.count == 1 else {
                throw CommandFailure(
                    .usage, "Error: \(target) is one page, given \(inputs.count) recordings: name a folder with --html")
            }
            (paths, index) = ([target], nil)
            try ResultPaths.check(paths, inputs)
            return
        }
        let index = ResultPaths.join(target, "index.html")
        paths = inputs.map { ResultPaths.path(for: $0, in: target, "html") }
        self.index = index
        try ResultPaths.check(paths + [index], inputs + ["the index"])
        try ResultPaths.make(folder: target)
    }

    static func isPage(_ target: String) -> Bool {
        let name = target.lowercased()
        return name.hasSuffix(".html") || name.hasSuffix(".htm")
    }
}
