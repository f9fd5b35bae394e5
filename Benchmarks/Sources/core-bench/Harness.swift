import CMallocBench
import Glibc

/// One measured line: nanoseconds a frame, as percentiles over batches.
struct Measurement {
    var name: String
    var p1: Double
    var p50: Double
    var p99: Double
}

/// Times `frame` in `batches` batches of `batch` calls, after a warm-up of ten batches.
///
/// A batch's time over its calls is one value: single frames are shorter than what the clock resolves. It is the
/// thread's processor time, so that other work of the machine is not counted; reading it costs about 0.3 µs, which a
/// batch has to be long against.
func measure(_ name: String, batch: Int = 200, batches: Int = 300, _ frame: () -> Void) -> Measurement {
    for _ in 0..<10 * batch { frame() }
    var values: [Double] = []
    for _ in 0..<batches {
        let begin = nanoseconds()
        for _ in 0..<batch { frame() }
        values.append(Double(nanoseconds() - begin) / Double(batch))
    }
    values.sort()
    let percentile = { values[min(batches - 1, batches * $0 / 100)] }
    return Measurement(name: name, p1: percentile(1), p50: percentile(50), p99: percentile(99))
}

private func nanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Prints a group of lines; each line's ratio is to the first, the baseline: above 1 is faster than it.
func report(_ title: String, _ lines: [Measurement]) {
    print("\n\(title)\n  ns p50     ns p99   times as fast")
    for line in lines {
        print("\(padded(line.p50)) \(padded(line.p99)) \(padded(lines[0].p50 / line.p50, digits: 2))   \(line.name)")
    }
}

/// Prints what 20 ms of one call cost, and how many calls one core does of it by the median: 20 ms over that.
func reportStages(_ title: String, _ lines: [Measurement]) {
    print("\n\(title)\n\n| Stage | ns p1 | ns p50 | ns p99 | calls per core |\n|---|---|---|---|---|")
    for line in lines {
        let times = [line.p1, line.p50, line.p99].map { "\(Int($0.rounded()))" }.joined(separator: " | ")
        print("| \(line.name) | \(times) | \(Int(20_000_000 / line.p50)) |")
    }
}

/// What one stage of one call keeps in memory.
struct StateSize {
    var name: String
    var inlineBytes: Int
    var heapBytes: Int
}

func reportState(_ rows: [StateSize]) {
    print("\nMemory of one call, bytes\n\n| Stage | inline | heap, as the allocator rounds it |\n|---|---|---|")
    for row in rows { print("| \(row.name) | \(row.inlineBytes) | \(row.heapBytes) |") }
}

/// What the allocator has handed out: of its arenas, and what it mapped for large blocks.
func allocatedBytes() -> Int {
    let info = mallinfo2()
    return Int(info.uordblks + info.hblkhd)
}

/// The machine's load of the last minute, for a note that times were taken on a busy machine.
func loadAverage() -> Double {
    var load = 0.0
    return getloadavg(&load, 1) == 1 ? load : .nan
}

private func padded(_ value: Double, digits: Int = 0) -> String {
    let scale = digits == 0 ? 1.0 : 100.0
    let whole = Int((value * scale).rounded())
    let fraction = String(whole % 100)
    let text =
        digits == 0 ? "\(whole)" : "\(whole / 100)." + String(repeating: "0", count: 2 - fraction.count) + fraction
    return String(repeating: " ", count: max(0, 10 - text.count)) + text
}
