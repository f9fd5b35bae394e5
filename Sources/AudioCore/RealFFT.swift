import Glibc

/// The discrete Fourier transform of real samples: spectrum and power spectrum.
///
/// - Input: exactly `size` samples (windowed by the caller), 64, 128, 256, 512 or 1,024 of them.
/// - Output: `binCount` = size/2 + 1 bins, from 0 Hz to half the sample rate, not scaled: X[k] = Σ x[n]·e^(−2πikn/size).
///   A sine of amplitude a on bin k has power (a·size/2)² there.
/// - Exactness: within 2e-6 of the largest bin's magnitude, asserted against a direct transform in double precision.
/// - Real time: no state between calls. The tables are shared by all transforms of a size and made with the first; the
///   scratch memory is the thread's, made with its first transform. After those nothing is allocated.
/// - Method: the even and odd samples become one complex sequence of half the size; a Stockham transform of radix 4
///   (one last stage of radix 2 for sizes 64, 256 and 1,024) with real and imaginary parts apart; then the two halves
///   are separated. Four lanes at a time, which is what SSE2 has.
public struct RealFFT: ~Copyable, Sendable {
    /// Samples a transform.
    public let size: Int
    /// Bins a transform: size/2 + 1.
    public var binCount: Int { size / 2 + 1 }

    private let tables: FFTTables

    /// - Precondition: `size` is a power of two from 64 to 1,024.
    public init(size: Int) {
        precondition(
            size >= 64 && size <= 1_024 && size & (size - 1) == 0,
            "the transform's size is a power of two from 64 to 1024, given \(size)")
        self.size = size
        tables = FFTTables.shared(size: size)
        _ = ThreadScratch.transform
    }

    /// Computes |X[k]|² of `windowed` for each bin.
    ///
    /// - Precondition: `windowed` has `size` samples, `power` at least `binCount`.
    public mutating func powerSpectrum(of windowed: Span<Float>, into power: inout MutableSpan<Float>) {
        precondition(power.count >= binCount, "room for \(binCount) bins needed, given \(power.count)")
        let workspace = FFTWorkspace(tables, scratch: ThreadScratch.transform)
        let transformed = transform(windowed, workspace)
        power.withUnsafeMutableBufferPointer { out in
            // SAFETY: `out` has room for `binCount` bins.
            let base = out.baseAddress!
            workspace.separate(transformed) { k, re, im in
                base[k] = re * re + im * im
            } vector: { k, re, im in
                UnsafeMutableRawPointer(base + k).storeBytes(of: re * re + im * im, as: SIMD4<Float>.self)
            }
        }
    }

    /// Computes X[k] of `windowed` for each bin.
    ///
    /// - Precondition: `windowed` has `size` samples, `real` and `imaginary` at least `binCount`.
    public mutating func spectrum(
        of windowed: Span<Float>, real: inout MutableSpan<Float>, imaginary: inout MutableSpan<Float>
    ) {
        precondition(real.count >= binCount, "room for \(binCount) bins needed, given \(real.count)")
        precondition(imaginary.count >= binCount, "room for \(binCount) bins needed, given \(imaginary.count)")
        let workspace = FFTWorkspace(tables, scratch: ThreadScratch.transform)
        let transformed = transform(windowed, workspace)
        real.withUnsafeMutableBufferPointer { outRe in
            imaginary.withUnsafeMutableBufferPointer { outIm in
                // SAFETY: both have room for `binCount` bins.
                let (re, im) = (outRe.baseAddress!, outIm.baseAddress!)
                workspace.separate(transformed) { k, x, y in
                    re[k] = x
                    im[k] = y
                } vector: { k, x, y in
                    UnsafeMutableRawPointer(re + k).storeBytes(of: x, as: SIMD4<Float>.self)
                    UnsafeMutableRawPointer(im + k).storeBytes(of: y, as: SIMD4<Float>.self)
                }
            }
        }
    }

    private func transform(_ samples: Span<Float>, _ workspace: FFTWorkspace) -> FFTWorkspace.Signal {
        precondition(samples.count == size, "the transform takes \(size) samples, given \(samples.count)")
        return samples.withUnsafeBufferPointer { workspace.complexTransform(of: $0.baseAddress!) }
    }
}
