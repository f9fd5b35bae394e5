import Dispatch
import Glibc
import Providers
import Synchronization

/// The process's decoders: at most so many, made when first needed, shared by all calls and agents.
///
/// Decoding is nothing but computing, so more decoders than processors would only take memory. Work that finds none
/// free waits in line, first come first served, without holding a thread.
final class DecoderPool: Sendable {
    typealias Work = @Sendable (Result<PocketSphinxDecoder, ProviderError>) -> Void

    /// One decoder a processor, at least 2 and at most 8: 28 MB each, and their grammars.
    static let shared = DecoderPool(size: max(2, min(8, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))))

    let size: Int
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "parley.recogniser", qos: .userInitiated, attributes: .concurrent)

    private struct State {
        var idle: [PocketSphinxDecoder] = []
        /// Decoders there are, in use or not, and those being made.
        var made = 0
        var waiting: [Work] = []
    }

    private enum Grant {
        case decoder(PocketSphinxDecoder)
        case makeOne
    }

    init(size: Int) {
        precondition(size > 0, "a pool has at least one decoder, given \(size)")
        self.size = size
    }

    /// Decoders made so far.
    var count: Int { state.withLock { $0.made } }

    /// Runs `work` with a decoder of its own on one of the pool's threads, as soon as there is one. Returns at once.
    ///
    /// `work` must not wait for another decoder: when all of them do, none comes free.
    func lease(_ work: @escaping Work) {
        let grant: Grant? = state.withLock { state in
            if let decoder = state.idle.popLast() { return .decoder(decoder) }
            if state.made < size {
                state.made += 1
                return .makeOne
            }
            state.waiting.append(work)
            return nil
        }
        guard let grant else { return }
        queue.async { self.serve(work, grant) }
    }

    /// `lease`, waiting for the work's answer. For setting up, not for a call's threads.
    func withDecoder<Value: Sendable>(
        _ body: @escaping @Sendable (PocketSphinxDecoder) -> Value
    ) throws(ProviderError) -> Value {
        let answer = Mutex<Result<Value, ProviderError>?>(nil)
        let isDone = DispatchSemaphore(value: 0)
        lease { decoder in
            let result = decoder.map(body)
            answer.withLock { $0 = result }
            isDone.signal()
        }
        isDone.wait()
        return try answer.withLock { $0! }.get()
    }

    /// Does one piece of work and then, with the same decoder, whatever waits.
    private func serve(_ first: @escaping Work, _ grant: Grant) {
        var decoder: PocketSphinxDecoder?
        if case .decoder(let idle) = grant { decoder = idle }
        var next: Work? = first
        while let work = next {
            do throws(ProviderError) {
                let own = if let decoder { decoder } else { try PocketSphinxDecoder() }
                decoder = own
                work(.success(own))
            } catch {
                work(.failure(error))
            }
            next = state.withLock { [decoder] state in
                if !state.waiting.isEmpty { return state.waiting.removeFirst() }
                if let decoder { state.idle.append(decoder) } else { state.made -= 1 }
                return nil
            }
        }
    }
}
