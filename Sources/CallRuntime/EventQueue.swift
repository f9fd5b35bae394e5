import CallTime

/// What is going to happen, in the order (instant, insertion): the heart of virtual time.
struct EventQueue<Element> {
    private struct Entry {
        var at: CallInstant
        var number: Int
        var element: Element
        static func before(_ a: Entry, _ b: Entry) -> Bool { (a.at, a.number) < (b.at, b.number) }
    }

    /// A binary heap: the earliest entry is the first.
    private var entries: [Entry] = []
    private var inserted = 0

    var next: CallInstant? { entries.first?.at }

    mutating func insert(_ element: Element, at instant: CallInstant) {
        inserted += 1
        entries.append(Entry(at: instant, number: inserted, element: element))
        var place = entries.count - 1
        while place > 0, Entry.before(entries[place], entries[(place - 1) / 2]) {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func popFirst() -> (at: CallInstant, element: Element)? {
        guard let first = entries.first else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            var place = 0
            while true {
                let children = [2 * place + 1, 2 * place + 2].filter { $0 < entries.count }
                guard let least = children.min(by: { Entry.before(entries[$0], entries[$1]) }),
                    Entry.before(entries[least], entries[place])
                else { break }
                entries.swapAt(place, least)
                place = least
            }
        }
        return (first.at, first.element)
    }

    /// Drops what is no longer wanted.
    mutating func removeAll(where isUnwanted: (Element) -> Bool) {
        let kept = entries.filter { !isUnwanted($0.element) }
        // A sorted array is a heap.
        entries = kept.sorted(by: Entry.before)
    }
}
