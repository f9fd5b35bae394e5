import AgentFile
import Conversation
import Testing

@Test func theExamplesLoad() throws {
    for n in ["appointment-desk", "lead-qualifier", "order-status"] {
        do { _ = try AgentFile.load(path: "/work/wt-agent/Examples/\(n).yaml") } catch { Issue.record("\(error)") }
    }
}
