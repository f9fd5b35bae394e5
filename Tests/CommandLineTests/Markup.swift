/// A small check of HTML: every element is closed where it must be, in the order in which they were opened.
enum Markup {
    private static let empty: Set<String> = ["meta", "br", "link", "img", "input", "hr"]

    /// What is wrong first; `nil` where nothing is.
    static func fault(in page: String) -> String? {
        var open: [String] = []
        var rest = page[...]
        while let start = rest.firstIndex(of: "<") {
            rest = rest[start...].dropFirst()
            if rest.hasPrefix("!DOCTYPE") { continue }
            guard let end = rest.firstIndex(of: ">") else { return "a tag that does not end" }
            let tag = rest[..<end]
            rest = rest[end...].dropFirst()
            let name = String(tag.prefix { $0 != " " })
            if name.hasPrefix("/") {
                guard open.popLast() == String(name.dropFirst()) else { return "\(name) closes nothing" }
            } else if !empty.contains(name) {
                guard name.allSatisfy({ $0.isLetter || $0.isNumber }), !name.isEmpty else { return "<\(name)" }
                open.append(name)
                // Inside these, nothing is a tag but their own end.
                if name == "script" || name == "style" {
                    guard let close = rest.firstRange(of: "</\(name)>") else { return "\(name) does not end" }
                    rest = rest[close.lowerBound...]
                }
            }
        }
        return open.isEmpty ? nil : "not closed: \(open)"
    }
}
