import Foundation

/// The processor cores this program may use.
enum Cores {
    /// At least 1; fewer than the machine has where the program is confined to some of them.
    static var available: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }
}
