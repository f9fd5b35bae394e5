import CallTime
import Glibc

/// Complex correlations of a hop with sixteen frequencies: the eight of the keypad and eight of the network.
///
/// Their phase runs on from hop to hop, so that the sums of several hops are the correlations over all of them, and the
/// advance of a phase from one hop to the next tells how far the tone lies from the frequency.
struct ToneCorrelators: Sendable {
    typealias Lanes = SIMD16<Float>

    /// Rows, columns, then what `NetworkLane` names. Hz.
    static let frequencies: [Double] = [
        697, 770, 852, 941, 1_209, 1_336, 1_477, 1_633, 350, 440, 480, 620, 425, 950, 1_400, 1_800,
    ]

    /// The newest hop.
    private(set) var real = Lanes()
    private(set) var imaginary = Lanes()
    private(set) var energy: Float = 0

    private let table: ToneTable
    private var phaseReal = Lanes(repeating: 1)
    private var phaseImaginary = Lanes()
    private var hops = 0

    init(sampleRate: SampleRate) { table = ToneTable.shared(sampleRate) }

    /// - Precondition: `hop` has the table's number of samples.
    @inline(__always)
    mutating func update(_ hop: Span<Float>) {
        precondition(hop.count == table.count, "a hop has \(table.count) samples, given \(hop.count)")
        var (sumReal, sumImaginary, squares) = (Lanes(), Lanes(), Float(0))
        // SAFETY: the table holds `count` rows of 2 × 16 values.
        hop.withUnsafeBufferPointer { samples in
            var row = table.rows
            for sample in samples {
                sumReal += row.load(as: Lanes.self) * sample
                sumImaginary += row.load(fromByteOffset: 64, as: Lanes.self) * sample
                squares += sample * sample
                row += 128
            }
        }
        let rotatedReal: Lanes = sumReal * phaseReal
        let rotatedImaginary: Lanes = sumReal * phaseImaginary
        real = rotatedReal - sumImaginary * phaseImaginary
        imaginary = rotatedImaginary + sumImaginary * phaseReal
        energy = squares
        advance()
    }

    /// Moves the phases on by a hop; once a second they are made anew, so that rounding does not add up: every
    /// frequency runs a whole number of periods in a second.
    private mutating func advance() {
        hops += 1
        if hops % 100 == 0 {
            (phaseReal, phaseImaginary) = (Lanes(repeating: 1), Lanes())
            return
        }
        let newReal: Lanes = phaseReal * table.stepReal
        let crossReal: Lanes = phaseImaginary * table.stepImaginary
        let newImaginary: Lanes = phaseReal * table.stepImaginary
        phaseImaginary = newImaginary + phaseImaginary * table.stepReal
        phaseReal = newReal - crossReal
    }
}

/// e^(−iωn) of the sixteen frequencies for each sample of a hop, made once a process and rate.
final class ToneTable: @unchecked Sendable {
    let count: Int
    /// For each sample sixteen real parts, then sixteen imaginary ones.
    let rows: UnsafeRawPointer
    let stepReal: SIMD16<Float>
    let stepImaginary: SIMD16<Float>

    private static let narrow = ToneTable(.narrowband)
    private static let wide = ToneTable(.wideband)

    static func shared(_ rate: SampleRate) -> ToneTable { rate == .narrowband ? narrow : wide }

    // SAFETY: written here only and never freed: tables live as long as the process.
    private init(_ rate: SampleRate) {
        count = rate.hz / 100
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 128 * count, alignment: 64)
        let value = { (lane: Int, sample: Int) in
            -2 * Double.pi * ToneCorrelators.frequencies[lane] * Double(sample) / Double(rate.hz)
        }
        for sample in 0..<count {
            for lane in 0..<16 {
                let place = memory + 128 * sample + 4 * lane
                place.storeBytes(of: Float(cos(value(lane, sample))), as: Float.self)
                (place + 64).storeBytes(of: Float(sin(value(lane, sample))), as: Float.self)
            }
        }
        rows = UnsafeRawPointer(memory)
        var (real, imaginary) = (SIMD16<Float>(), SIMD16<Float>())
        for lane in 0..<16 {
            real[lane] = Float(cos(value(lane, count)))
            imaginary[lane] = Float(sin(value(lane, count)))
        }
        (stepReal, stepImaginary) = (real, imaginary)
    }
}
