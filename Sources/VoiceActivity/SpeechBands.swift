import Glibc

/// Sixteen overlapping triangular bands from 150 to 3,750 Hz, evenly spaced on the mel scale, over bins of 31.25 Hz.
///
/// The bins are the same at 8 and at 16 kHz (windows of 32 ms), so what lies above 4 kHz is never looked at: a model
/// serves both rates, and a wideband call is judged like the same call over a telephone line.
/// - Source: mel = 2595·log10(1 + f/700) (O'Shaughnessy 1987). 150 Hz leaves mains hum's first two harmonics mostly out.
struct SpeechBands: Sendable {
    /// One for the process.
    static let shared = SpeechBands()

    static let count = 16
    static let lowestHz = 150.0
    static let highestHz = 3_750.0
    static let binHz = 31.25
    /// Bins a power spectrum must have: 0…4,000 Hz.
    static let binCount = 129

    /// For each band its weights, padded with zeros to whole groups of four, one band after another.
    private var weights: [Float] = []
    private var firstBins: [Int32] = []
    private var groups: [Int32] = []

    private init() {
        let edges = Self.edgesHz()
        for band in 0..<Self.count {
            let (low, centre, high) = (edges[band], edges[band + 1], edges[band + 2])
            let first = Int((low / Self.binHz).rounded(.up))
            let last = Int((high / Self.binHz).rounded(.down))
            let groupCount = (last - first) / 4 + 1
            for bin in first..<first + groupCount * 4 {
                let hz = Double(bin) * Self.binHz
                weights.append(Float(max(0, hz < centre ? (hz - low) / (centre - low) : (high - hz) / (high - centre))))
            }
            firstBins.append(Int32(first))
            groups.append(Int32(groupCount))
        }
    }

    /// The power in each band.
    /// - Precondition: `power` has `binCount` + 3 values, the last three of which may be anything finite.
    @inline(__always)
    func powers(of power: Span<Float>) -> SIMD16<Float> {
        precondition(power.count >= Self.binCount + 3, "132 bins needed, given \(power.count)")
        // SAFETY: a band's groups end at most three bins after the last of the spectrum (asserted by a test).
        return power.withUnsafeBufferPointer { bins in
            weights.withUnsafeBufferPointer { weights in
                sums(UnsafeRawPointer(bins.baseAddress!), UnsafeRawPointer(weights.baseAddress!))
            }
        }
    }

    @inline(__always)
    private func sums(_ bins: UnsafeRawPointer, _ weights: UnsafeRawPointer) -> SIMD16<Float> {
        var rows = (weights: weights, band: 0)
        // One band after another by name: a lane of a SIMD value chosen at run time would go through the stack.
        let low = SIMD8(
            next(bins, &rows), next(bins, &rows), next(bins, &rows), next(bins, &rows), next(bins, &rows),
            next(bins, &rows), next(bins, &rows), next(bins, &rows))
        let high = SIMD8(
            next(bins, &rows), next(bins, &rows), next(bins, &rows), next(bins, &rows), next(bins, &rows),
            next(bins, &rows), next(bins, &rows), next(bins, &rows))
        return SIMD16(lowHalf: low, highHalf: high)
    }

    /// The power in the band whose weights come next.
    @inline(__always)
    private func next(_ bins: UnsafeRawPointer, _ rows: inout (weights: UnsafeRawPointer, band: Int)) -> Float {
        var column = bins + 4 * Int(firstBins[rows.band])
        var sum = SIMD4<Float>()
        for _ in 0..<groups[rows.band] {
            sum += rows.weights.loadUnaligned(as: SIMD4<Float>.self) * column.loadUnaligned(as: SIMD4<Float>.self)
            rows.weights += 16
            column += 16
        }
        rows.band += 1
        let halves = sum.lowHalf + sum.highHalf
        return halves.x + halves.y
    }

    /// The last bin any band reads.
    var lastBinRead: Int { zip(firstBins, groups).map { Int($0) + 4 * Int($1) - 1 }.max() ?? 0 }

    private static func edgesHz() -> [Double] {
        let mel = { (hz: Double) in 2_595 * log10(1 + hz / 700) }
        let (low, high) = (mel(lowestHz), mel(highestHz))
        return (0..<count + 2).map { i in
            700 * (pow(10, (low + (high - low) * Double(i) / Double(count + 1)) / 2_595) - 1)
        }
    }
}
