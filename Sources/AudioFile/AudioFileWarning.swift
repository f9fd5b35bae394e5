/// Something about a file that its user should know although the samples that are there were read.
public enum AudioFileWarning: Sendable, Equatable, CustomStringConvertible {
    /// The header gives a length of 0 or of all ones, as writers to a pipe leave it; read to the end of the file.
    case lengthLeftOpen
    /// The header claims more audio than the file holds; all that is there was read.
    case overclaimed(claimedSeconds: Double, heldSeconds: Double)
    /// The container itself was cut off; the length it meant to have is not known.
    case cutOff(heldSeconds: Double)
    /// The decoder met damage there and reading ended. Its words.
    case damaged(atSeconds: Double, words: String)
    /// The file ends inside a sample; those bytes were left out.
    case partialSample(bytes: Int)
    /// Bytes after the samples that belong to nothing; left out.
    case unexplainedTail(bytes: Int)
    /// Samples that are not a number or are infinite; read as 0.
    case notFinite(count: Int)
    /// Floating-point samples beyond ±1; read as ±1.
    case beyondFullScale(count: Int)

    public var description: String {
        switch self {
        case .lengthLeftOpen: "its header leaves the length open, as a writer to a pipe does; read to the end"
        case .overclaimed(let claimed, let held):
            "its header claims \(seconds(claimed)) of audio, only \(seconds(held)) are there; all of that was read"
        case .cutOff(let held): "is cut off; the \(seconds(held)) of audio that are there were read"
        case .damaged(let place, let words): "is damaged at \(seconds(place)) (\(words)); read up to there"
        case .partialSample(let bytes): "ends inside a sample; its last \(counted(bytes, "byte")) left out"
        case .unexplainedTail(let bytes):
            "has \(counted(bytes, "byte")) after the samples its header tells of; left out"
        case .notFinite(let count): "has \(counted(count, "sample")) that are not finite numbers; read as 0"
        case .beyondFullScale(let count): "has \(counted(count, "sample")) beyond full scale; read as full scale"
        }
    }

    private func seconds(_ value: Double) -> String {
        let milliseconds = Int((min(value, 1e15) * 1_000).rounded())
        let fraction = String(milliseconds % 1_000)
        return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction + " s"
    }

    private func counted(_ count: Int, _ thing: String) -> String { "\(count) \(thing)\(count == 1 ? "" : "s")" }
}
