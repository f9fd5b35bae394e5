import CallTime
import Codecs
import Foundation
import Providers
import Synchronization

/// A voice that remembers lines which are said on every call: greeting, prompts, fillers, apologies, goodbyes.
///
/// The first time a line is synthesized by the voice; then it is kept in memory for all calls and in a folder for the
/// next start, by text and voice, and needs no vendor. Other texts go through.
public final class FixedLines: TextToSpeech {
    private struct Line: Sendable {
        var audio: [UInt8]
        var words: [SpokenWord]
    }

    private let voice: any TextToSpeech
    private let texts: Set<String>
    private let folder: String?
    /// Names what the voice sounds like beyond its name: vendor, model, voice id.
    private let identity: String
    private let known = Mutex<[String: Line]>([:])
    public var name: String { voice.name }

    /// - Parameters:
    ///   - texts: The lines, cut as they are spoken.
    ///   - folder: Where they are kept; nil: in memory only.
    ///   - identity: Changes when the voice would sound different.
    public init(_ voice: any TextToSpeech, texts: Set<String>, folder: String?, identity: String) {
        self.voice = voice
        self.texts = texts
        self.folder = folder
        self.identity = identity
    }

    public func callBegan(_ callID: String) { voice.callBegan(callID) }
    public func callEnded(_ callID: String) { voice.callEnded(callID) }

    /// Whether it can be spoken without the voice.
    func knows(_ request: SpeechRequest) -> Bool {
        texts.contains(request.text) && request.sampleRate == .narrowband && line(request) != nil
    }

    /// Synthesizes the lines that are not known yet, one after another. What fails is tried again when it is needed.
    public func prepare() async {
        for text in texts.sorted() where line(SpeechRequest(text: text)) == nil {
            do {
                for try await _ in synthesize(SpeechRequest(text: text)) {}
            } catch {
                return
            }
        }
    }

    public func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<SpeechEvent, any Error> {
        guard texts.contains(request.text), request.sampleRate == .narrowband else { return voice.synthesize(request) }
        if let line = line(request) {
            return AsyncThrowingStream { continuation in
                if !line.words.isEmpty { continuation.yield(.words(line.words)) }
                continuation.yield(.audio(.muLaw(line.audio)))
                continuation.finish()
            }
        }
        return learning(request)
    }

    private func learning(_ request: SpeechRequest) -> AsyncThrowingStream<SpeechEvent, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                var line = Line(audio: [], words: [])
                do {
                    for try await event in voice.synthesize(request) {
                        switch event {
                        case .audio(.muLaw(let bytes)): line.audio += bytes
                        case .audio(.linear16(let samples)): line.audio += samples.map { MuLaw.encode($0) }
                        case .words(let words):
                            line.words.removeAll {
                                $0.textRange.lowerBound >= (words.first?.textRange.lowerBound ?? .max)
                            }
                            line.words += words
                        case .fellBack: break
                        }
                        continuation.yield(event)
                    }
                    if !Task.isCancelled, !line.audio.isEmpty { keep(line, request) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    // MARK: Keeping

    private func key(_ request: SpeechRequest) -> String {
        // FNV-1a: names files, guards nothing; the text is stored beside the audio and compared.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(identity)|\(request.voice)|\(request.text)".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        return String(hash, radix: 16)
    }

    private func line(_ request: SpeechRequest) -> Line? {
        let key = key(request)
        if let line = known.withLock({ $0[key] }) { return line }
        guard let line = stored(request, key) else { return nil }
        known.withLock { $0[key] = line }
        return line
    }

    private func keep(_ line: Line, _ request: SpeechRequest) {
        let key = key(request)
        known.withLock { $0[key] = line }
        guard let folder else { return }
        let words = line.words.map { word in
            "\(word.textRange.lowerBound) \(word.textRange.upperBound) "
                + "\(word.samples.lowerBound) \(word.samples.upperBound)"
        }
        let note = ([identity, request.voice, request.text] + words).joined(separator: "\n")
        // A line that cannot be kept is made again at the next start; a call must not suffer from a full disk.
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try? Data(line.audio).write(to: URL(fileURLWithPath: "\(folder)/\(key).ulaw"), options: .atomic)
        try? Data(note.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(key).txt"), options: .atomic)
    }

    private func stored(_ request: SpeechRequest, _ key: String) -> Line? {
        guard let folder, let note = FileManager.default.contents(atPath: "\(folder)/\(key).txt"),
            let audio = FileManager.default.contents(atPath: "\(folder)/\(key).ulaw"), !audio.isEmpty
        else { return nil }
        let lines = String(decoding: note, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, lines[0] == identity, lines[1] == request.voice, lines[2] == request.text else {
            return nil
        }
        let words = lines[3...].compactMap { line -> SpokenWord? in
            let numbers = line.split(separator: " ").compactMap { Int($0) }
            guard numbers.count == 4, numbers[0] < numbers[1], numbers[2] <= numbers[3] else { return nil }
            return SpokenWord(textRange: numbers[0]..<numbers[1], samples: numbers[2]..<numbers[3])
        }
        return Line(audio: [UInt8](audio), words: words)
    }
}
