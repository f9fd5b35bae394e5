import ArgumentParser
import CallTime
import Server

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this machine has of what parley uses.",
        discussion: """
            One line for each: `ok  name  what was found`, or `--  name  missing: how to
            get it`. Exit code 1 where a part is missing without which no call can be
            played here; the others are wanted by tests and by the tools that make test
            audio.

            With --online each vendor that `parley serve` may use is asked one cheap question with the keys of
            the environment (or of --config): is it there, does it take the key? Exit code 1 where one that is
            configured does not.
            """)

    @Flag(help: "Also ask each configured vendor whether it is there and takes our key.")
    var online = false

    @Option(help: ArgumentHelp("Settings of `parley serve` as a YAML file.", valueName: "parley.yaml"))
    var config: String?

    func run() async throws {
        try checkMachine()
        if online { try await checkVendors() }
    }

    private func checkVendors() async throws {
        let settings: ServerSettings
        do {
            settings = try ServerSettings(configFile: config)
        } catch let error as ConfigurationError {
            throw CommandFailure(.usage, "Error: \(error)")
        }
        var isGood = true
        for finding in await VendorCheck(settings).findings() {
            let name = finding.vendor + String(repeating: " ", count: max(0, 10 - finding.vendor.count))
            Console.print("\(finding.isGood ? "ok" : "--")  \(name)  \(finding.text)")
            isGood = isGood && (finding.isGood || finding.text.hasPrefix("not configured"))
        }
        if !isGood { throw CommandFailure(.failed) }
    }

    private func checkMachine() throws {
        let findings = Inventory.take()
        let width = findings.map(\.name.count).max() ?? 0
        for finding in findings { Console.print(finding.line(nameWidth: width)) }
        if findings.contains(where: { $0.isNeeded && !$0.isFound }) { throw CommandFailure(.failed) }
    }
}
