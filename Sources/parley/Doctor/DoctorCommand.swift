import ArgumentParser

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this machine has of what parley uses.",
        discussion: """
            One line for each: `ok  name  what was found`, or `--  name  missing: how to
            get it`. Exit code 1 where a part is missing without which no call can be
            played here; the others are wanted by tests and by the tools that make test
            audio.
            """)

    func run() throws {
        let findings = Inventory.take()
        let width = findings.map(\.name.count).max() ?? 0
        for finding in findings { Console.print(finding.line(nameWidth: width)) }
        if findings.contains(where: { $0.isNeeded && !$0.isFound }) { throw CommandFailure(.failed) }
    }
}
