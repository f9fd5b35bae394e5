/// The last seconds of a caller's audio at the session's rate, by place in the stream.
///
/// - Bound: `capacity` samples; older ones are forgotten. What is kept depends on places alone, never on how the audio
///   was cut into pushes.
struct UtteranceAudio {
    private(set) var end = 0
    private var samples: [Int16] = []
    private let capacity: Int
    private var hasBegun = false

    init(capacity: Int) { self.capacity = capacity }

    /// The oldest place there is audio of.
    var start: Int { max(end - samples.count, end - capacity) }

    /// Appends audio that begins at `place`. A hole becomes silence; what was pushed before is not taken again.
    mutating func append(_ new: [Int16], at place: Int) {
        if !hasBegun {
            (hasBegun, end) = (true, place)
        }
        var new = new[...]
        if place < end {
            new = new.dropFirst(end - place)
        } else if place > end {
            samples += [Int16](repeating: 0, count: min(place - end, capacity))
            end = place
        }
        samples += new
        end += new.count
        // Forgetting in large steps, so that a push moves the whole only now and then.
        if samples.count > 2 * capacity { samples.removeFirst(samples.count - capacity) }
    }

    /// The audio of `range`, as far as there is any.
    func slice(_ range: Range<Int>) -> [Int16] {
        let (lower, upper) = (max(range.lowerBound, start), min(range.upperBound, end))
        guard lower < upper else { return [] }
        let base = end - samples.count
        return Array(samples[(lower - base)..<(upper - base)])
    }
}
