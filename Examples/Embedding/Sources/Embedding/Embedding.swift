// Hears a caller: raw mu-law on standard input, utterance boundaries and barge-ins on standard output.
//
//   sox TestAudio/appointment-call.wav -t ul - | Embedding [--opus] [--playing FROM TO]
//
// --playing says from which second to which the agent is audible; --opus sends the same audio as Opus packets.
import CallTime
import Codecs
import Glibc
import MediaPipeline
import VoiceActivity

@main struct Embedding {
    static func main() throws {
        let arguments = CommandLine.arguments
        let usesOpus = arguments.contains("--opus")
        let option = arguments.firstIndex(of: "--playing") ?? arguments.count
        let span = arguments.dropFirst(option + 1).prefix(2).compactMap { Double($0) }
        let playing = span.count == 2 && span[0] < span[1] ? span[0]..<span[1] : 0..<0
        var configuration = InboundMedia.Configuration()
        configuration.codec = usesOpus ? .opus(.narrowband) : .muLaw
        var caller = try InboundMedia(configuration)
        // A real caller's payloads come from a socket, 20 ms each; a push takes microseconds and allocates nothing.
        for (number, payload) in try payloads(readAll(), asOpus: usesOpus).enumerated() {
            let place = SampleTime(number * 160)
            caller.push(payload.span, at: place, tap: { _, _, _ in }, event: { report($0, playing) })
        }
        caller.finish { report($0, playing) }
    }

    static func report(_ event: EndpointEvent, _ playing: Range<Double>) {
        func seconds(_ time: SampleTime) -> Double { CallInstant(time, at: .narrowband).seconds }
        switch event {
        case .speechStarted(let onset, let decided):
            print("\(seconds(onset)) speech\(playing.contains(seconds(decided)) ? ": barge-in, stop playing" : "")")
        case .speechEnded(let last, let decided, _, _): print("\(seconds(last)) silence, over at \(seconds(decided))")
        case .speechProbablyEnded, .speechResumed: break
        }
    }

    static func payloads(_ audio: [UInt8], asOpus: Bool) throws -> [[UInt8]] {
        let frames = stride(from: 0, to: audio.count / 160 * 160, by: 160).map { Array(audio[$0..<($0 + 160)]) }
        guard asOpus else { return frames }
        var configuration = OpusEncoder.Configuration()
        configuration.sampleRateHz = 8_000
        var encoder = try OpusEncoder(configuration)
        var packet = [UInt8](repeating: 0, count: OpusEncoder.largestPacketBytes)
        return try frames.map { frame in
            let samples = frame.map { MuLaw.decode($0) }
            var room = packet.mutableSpan
            return Array(packet[..<(try encoder.encode(samples.span, into: &room).get())])
        }
    }

    static func readAll() -> [UInt8] {
        var (all, block) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
        while case let count = read(STDIN_FILENO, &block, block.count), count > 0 { all += block[..<count] }
        return all
    }
}
