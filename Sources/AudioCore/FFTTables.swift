import Glibc

/// The twiddle factors of one size, made once a process.
///
/// One set serves every transform of that size: the tables are never written again.
final class FFTTables: @unchecked Sendable {
    let half: Int
    let twiddles: UnsafeMutablePointer<Float>
    let separation: FFTWorkspace.Signal

    private static let of64 = FFTTables(size: 64)
    private static let of128 = FFTTables(size: 128)
    private static let of256 = FFTTables(size: 256)
    private static let of512 = FFTTables(size: 512)
    private static let of1024 = FFTTables(size: 1_024)

    /// - Precondition: `size` is a power of two from 64 to 1,024.
    static func shared(size: Int) -> FFTTables {
        switch size {
        case 64: of64
        case 128: of128
        case 256: of256
        case 512: of512
        default: of1024
        }
    }

    // SAFETY: written here only, and never freed: the shared tables live as long as the process. Rows are multiples of 4
    // floats but for stages shorter than that, which read them one by one.
    private init(size: Int) {
        half = size / 2
        let separationRow = half / 2 + 4
        let twiddleCount = 6 * (half / 4 + half / 16 + half / 64 + half / 256 + half / 1_024 + 4)
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: 2 * separationRow + twiddleCount)
        memory.initialize(repeating: 0, count: 2 * separationRow + twiddleCount)
        separation = FFTWorkspace.Signal(re: memory, im: memory + separationRow)
        twiddles = memory + 2 * separationRow
        fillTables(size: size)
    }

    private func fillTables(size: Int) {
        for k in 0...half / 2 {
            let angle = 2 * Double.pi * Double(k) / Double(size)
            separation.re[k] = Float(cos(angle))
            separation.im[k] = Float(-sin(angle))
        }
        var row = twiddles
        var n = half
        while n >= 4 {
            for p in 0..<n / 4 {
                for power in 1...3 {
                    let angle = 2 * Double.pi * Double(power * p) / Double(n)
                    row[(2 * power - 2) * (n / 4) + p] = Float(cos(angle))
                    row[(2 * power - 1) * (n / 4) + p] = Float(-sin(angle))
                }
            }
            row += 6 * (n / 4)
            n /= 4
        }
    }
}
