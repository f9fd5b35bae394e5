import Foundation

/// What the kernel says of this process, read when it is asked.
struct ProcessMetrics: Sendable, Equatable {
    /// Of all threads, in user and kernel mode, since the process began.
    var cpuSeconds: Double
    var residentBytes: Int
    var openFileDescriptors: Int
    /// The soft limit; 0 when there is none.
    var mostFileDescriptors: Int

    /// Nil where there is no /proc.
    static func read() -> ProcessMetrics? {
        guard let stat = text("/proc/self/stat"), let memory = text("/proc/self/statm"),
            let cpuSeconds = cpuSeconds(stat: stat, ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK)))),
            let pages = memory.split(separator: " ").dropFirst().first.flatMap({ Int($0) }),
            let descriptors = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        else { return nil }
        var limit = rlimit()
        let isLimited = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 && limit.rlim_cur < Int.max
        return ProcessMetrics(
            cpuSeconds: cpuSeconds, residentBytes: pages * Int(sysconf(Int32(_SC_PAGESIZE))),
            // One of them was open to read the list.
            openFileDescriptors: max(0, descriptors.count - 1),
            mostFileDescriptors: isLimited ? Int(limit.rlim_cur) : 0)
    }

    /// Fields 14 and 15 of proc_pid_stat(5). The second one, the program's name, may hold spaces and brackets.
    static func cpuSeconds(stat: String, ticksPerSecond: Double) -> Double? {
        guard let nameEnd = stat.lastIndex(of: ")"), ticksPerSecond > 0 else { return nil }
        let fields = stat[stat.index(after: nameEnd)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
        return (user + system) / ticksPerSecond
    }

    /// Files of /proc have no length, so that they are read until they end.
    private static func text(_ path: String) -> String? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        return (try? file.readToEnd()).map { String(decoding: $0, as: UTF8.self) }
    }

    func write(to text: inout PrometheusText) {
        text.begin("process_cpu_seconds_total", "CPU time used, user and system.", "counter")
        text.sample("process_cpu_seconds_total", [], cpuSeconds)
        text.begin("process_resident_memory_bytes", "Memory resident.", "gauge")
        text.sample("process_resident_memory_bytes", [], Double(residentBytes))
        text.begin("process_open_fds", "Open file descriptors.", "gauge")
        text.sample("process_open_fds", [], Double(openFileDescriptors))
        text.begin("process_max_fds", "File descriptors that may be open.", "gauge")
        text.sample("process_max_fds", [], Double(mostFileDescriptors))
    }
}
