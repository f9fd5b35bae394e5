import AgentFile

@testable import LocalProviders

/// The appointment desk's recogniser, made once for all tests.
enum RecogniserFixture {
    static let agent: PocketSphinxRecogniser = {
        let file = DialogueRehearsal.agent("appointment-desk")
        do { return try PocketSphinxRecogniser(script: file.script, names: file.names) } catch {
            fatalError("\(error)")
        }
    }()
}
