import Glibc

/// The inner loops of `RealFFT` over the shared tables and two complex scratch signals.
///
/// The transform of M = size/2 complex points runs through stages; a stage with sub-transforms of length n at stride s
/// (n·s = M) reads x[q + s(p + jn/4)], j = 0…3, and writes y[q + s(4p + j)]: its output is in order for the next,
/// so that no bit reversal is needed (Stockham). The first stage has s = 1 and runs in parallel over p, the others over q.
struct FFTWorkspace {
    typealias Lane = SIMD4<Float>

    /// Real and imaginary parts of a complex signal, apart.
    struct Signal {
        let re: UnsafeMutablePointer<Float>
        let im: UnsafeMutablePointer<Float>
    }

    private let half: Int
    private let first: Signal
    private let second: Signal
    /// Per stage of radix 4 six rows of n/4: w, w², w³ (re, im each), w = e^(−2πip/n); stages one after another.
    private let twiddles: UnsafeMutablePointer<Float>
    /// cos and −sin of 2πk/size for k in 0..<half/2 + 1: they separate the spectrum of the real signal.
    private let separation: Signal

    // SAFETY: the scratch is the thread's and the tables' memory is never freed; all pointers stay within them by construction.
    /// - Parameter scratch: room for two complex signals, 2·size floats; used by one transform at a time.
    init(_ tables: FFTTables, scratch: UnsafeMutablePointer<Float>) {
        half = tables.half
        (twiddles, separation) = (tables.twiddles, tables.separation)
        first = Signal(re: scratch, im: scratch + half)
        second = Signal(re: scratch + 2 * half, im: scratch + 3 * half)
    }

    /// The transform of z[k] = samples[2k] + i·samples[2k+1], in one of the scratch signals.
    func complexTransform(of samples: UnsafePointer<Float>) -> Signal {
        split(samples)
        var (source, target) = (first, second)
        var row = twiddles
        var (n, stride) = (half, 1)
        while n >= 4 {
            if stride == 1 {
                firstStage(source, target, quarter: n / 4, row)
            } else {
                stage(source, target, quarter: n / 4, stride: stride, row)
            }
            row += 6 * (n / 4)
            n /= 4
            stride *= 4
            swap(&source, &target)
        }
        if n == 2 {
            lastStageOfTwo(source, target, stride: stride)
            swap(&source, &target)
        }
        return source
    }

    private func split(_ samples: UnsafePointer<Float>) {
        var k = 0
        while k < half {
            let pairs = UnsafeRawPointer(samples + 2 * k).loadUnaligned(as: SIMD8<Float>.self)
            store(pairs.evenHalf, first.re + k)
            store(pairs.oddHalf, first.im + k)
            k += 4
        }
    }

    @inline(__always)
    private func load(_ p: UnsafePointer<Float>) -> Lane { UnsafeRawPointer(p).loadUnaligned(as: Lane.self) }

    @inline(__always)
    private func store(_ value: Lane, _ p: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(p).storeBytes(of: value, as: Lane.self)
    }
}

// MARK: - Stages

extension FFTWorkspace {
    /// Four complex numbers a lane.
    private struct Complex4 {
        var re: Lane
        var im: Lane

        @inline(__always) static func + (a: Complex4, b: Complex4) -> Complex4 {
            Complex4(re: a.re + b.re, im: a.im + b.im)
        }
        @inline(__always) static func - (a: Complex4, b: Complex4) -> Complex4 {
            Complex4(re: a.re - b.re, im: a.im - b.im)
        }
        @inline(__always) static func * (a: Complex4, b: Complex4) -> Complex4 {
            // Products first, in typed statements: one long SIMD expression takes the type checker too long.
            let rr: Lane = a.re * b.re
            let ii: Lane = a.im * b.im
            let ri: Lane = a.re * b.im
            let ir: Lane = a.im * b.re
            return Complex4(re: rr - ii, im: ri + ir)
        }
        /// i times it.
        @inline(__always) var turned: Complex4 { Complex4(re: -im, im: re) }
    }

    /// The four-point transform of a, b, c, d without twiddles.
    @inline(__always)
    private func butterfly(
        _ a: Complex4, _ b: Complex4, _ c: Complex4, _ d: Complex4
    ) -> (Complex4, Complex4, Complex4, Complex4) {
        let (sumAC, differenceAC) = (a + c, a - c)
        let (sumBD, turnedBD) = (b + d, (b - d).turned)
        return (sumAC + sumBD, differenceAC - turnedBD, sumAC - sumBD, differenceAC + turnedBD)
    }

    @inline(__always)
    private func load(_ signal: Signal, _ i: Int) -> Complex4 {
        Complex4(re: load(signal.re + i), im: load(signal.im + i))
    }

    @inline(__always)
    private func store(_ value: Complex4, _ signal: Signal, _ i: Int) {
        store(value.re, signal.re + i)
        store(value.im, signal.im + i)
    }

    /// Stride 1: four values of p at a time, whose results lie four apart and are transposed into place.
    private func firstStage(_ x: Signal, _ y: Signal, quarter: Int, _ row: UnsafeMutablePointer<Float>) {
        var p = 0
        while p < quarter {
            let (y0, t1, t2, t3) = butterfly(
                load(x, p), load(x, p + quarter), load(x, p + 2 * quarter), load(x, p + 3 * quarter))
            let y1 = t1 * Complex4(re: load(row + p), im: load(row + quarter + p))
            let y2 = t2 * Complex4(re: load(row + 2 * quarter + p), im: load(row + 3 * quarter + p))
            let y3 = t3 * Complex4(re: load(row + 4 * quarter + p), im: load(row + 5 * quarter + p))
            storeTransposed(y0.re, y1.re, y2.re, y3.re, y.re + 4 * p)
            storeTransposed(y0.im, y1.im, y2.im, y3.im, y.im + 4 * p)
            p += 4
        }
    }

    @inline(__always)
    private func storeTransposed(_ a: Lane, _ b: Lane, _ c: Lane, _ d: Lane, _ target: UnsafeMutablePointer<Float>) {
        store(Lane(a[0], b[0], c[0], d[0]), target)
        store(Lane(a[1], b[1], c[1], d[1]), target + 4)
        store(Lane(a[2], b[2], c[2], d[2]), target + 8)
        store(Lane(a[3], b[3], c[3], d[3]), target + 12)
    }

    /// Stride 4 and more: one value of p, four values of q at a time.
    private func stage(_ x: Signal, _ y: Signal, quarter: Int, stride: Int, _ row: UnsafeMutablePointer<Float>) {
        for p in 0..<quarter {
            let w1 = twiddle(row, p, quarter)
            let w2 = twiddle(row + 2 * quarter, p, quarter)
            let w3 = twiddle(row + 4 * quarter, p, quarter)
            let (from, step, to) = (stride * p, stride * quarter, stride * 4 * p)
            var q = 0
            while q < stride {
                let (y0, t1, t2, t3) = butterfly(
                    load(x, from + q), load(x, from + step + q), load(x, from + 2 * step + q),
                    load(x, from + 3 * step + q))
                store(y0, y, to + q)
                store(t1 * w1, y, to + stride + q)
                store(t2 * w2, y, to + 2 * stride + q)
                store(t3 * w3, y, to + 3 * stride + q)
                q += 4
            }
        }
    }

    @inline(__always)
    private func twiddle(_ row: UnsafeMutablePointer<Float>, _ p: Int, _ quarter: Int) -> Complex4 {
        Complex4(re: Lane(repeating: row[p]), im: Lane(repeating: row[quarter + p]))
    }

    private func lastStageOfTwo(_ x: Signal, _ y: Signal, stride: Int) {
        var q = 0
        while q < stride {
            let (a, b) = (load(x, q), load(x, q + stride))
            store(a + b, y, q)
            store(a - b, y, q + stride)
            q += 4
        }
    }
}

// MARK: - From half-size complex to real

extension FFTWorkspace {
    /// Computes the bins of the real signal from the complex transform `z`:
    /// X[k] = E[k] + W·O[k] and X[half − k] = conj(E[k] − W·O[k]), with E and O the transforms of the even and the odd
    /// samples, E = (Z[k] + conj Z[half − k])/2, O = −i(Z[k] − conj Z[half − k])/2, W = e^(−2πik/size).
    ///
    /// `scalar` receives one bin; `vector` four, k, k + 1, … Bins come in no order, each at least once.
    @inline(__always)
    func separate(
        _ z: Signal, scalar: (_ bin: Int, _ re: Float, _ im: Float) -> Void,
        vector: (_ bin: Int, _ re: Lane, _ im: Lane) -> Void
    ) {
        scalar(0, z.re[0] + z.im[0], 0)
        scalar(half, z.re[0] - z.im[0], 0)
        scalar(half / 2, z.re[half / 2], -z.im[half / 2])
        // Bins 1…half/2 − 1 and their mirrors: four at a time from 1 on. The last group begins at half/2 − 4, repeats
        // one bin, and so ends exactly before the middle; half/2 is a multiple of 4, at least 16.
        var k = 1
        while k < half / 2 {
            let begin = min(k, half / 2 - 4)
            separateFour(z, begin, vector)
            k += 4
        }
    }

    @inline(__always)
    private func separateFour(_ z: Signal, _ k: Int, _ vector: (Int, Lane, Lane) -> Void) {
        let mirror = half - k - 3
        let here = load(z, k)
        let there = Complex4(re: reversed(load(z.re + mirror)), im: -reversed(load(z.im + mirror)))
        let even = here + there
        let difference = here - there
        let odd = Complex4(re: difference.im, im: -difference.re)
        let turned = odd * Complex4(re: load(separation.re + k), im: load(separation.im + k))
        let (low, high) = (even + turned, even - turned)
        vector(k, low.re * 0.5, low.im * 0.5)
        vector(mirror, reversed(high.re) * 0.5, reversed(high.im) * -0.5)
    }

    @inline(__always)
    private func reversed(_ v: Lane) -> Lane { Lane(v[3], v[2], v[1], v[0]) }
}
