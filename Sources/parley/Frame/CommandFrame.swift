import ArgumentParser
import CallTime
import Glibc

/// What a command's exit code says; the same for all commands.
enum ExitStatus: Int32 {
    /// All that was asked for was done.
    case done = 0
    /// It could not be done: something went wrong on the way.
    case failed = 1
    /// The command line itself makes no sense.
    case usage = 2
    /// A file that was named can not be used; the others were done.
    case badInput = 3
}

/// An end of a command with a line for its user and an exit status.
struct CommandFailure: Error, CustomStringConvertible {
    var status: ExitStatus
    /// Lines for standard error; empty where all was said already.
    var description: String

    init(_ status: ExitStatus, _ description: String = "") {
        self.status = status
        self.description = description
    }
}

/// The one place where commands start and where what they throw becomes text and an exit code.
enum CommandFrame {
    static func main<Root: AsyncParsableCommand>(_ root: Root.Type) async -> Never {
        do {
            var command = try root.parseAsRoot()
            if var asynchronous = command as? AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            exit(ExitStatus.done.rawValue)
        } catch {
            leave(root, error)
        }
    }

    private static func leave<Root: ParsableCommand>(_ root: Root.Type, _ error: any Error) -> Never {
        switch error {
        case let failure as CommandFailure:
            say(failure.description)
            exit(failure.status.rawValue)
        case let error as ConfigurationError:
            say("Error: \(error)")
            exit(ExitStatus.usage.rawValue)
        default:
            let code = root.exitCode(for: error)
            let text = root.fullMessage(for: error)
            if code.isSuccess { Console.print(text) } else { say(text) }
            exit(code == .validationFailure ? ExitStatus.usage.rawValue : code.rawValue)
        }
    }

    private static func say(_ text: String) {
        if !text.isEmpty { Console.warn(text) }
    }
}
