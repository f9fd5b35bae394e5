import Providers

/// A tool whose answers tell what a call has achieved.
struct ObservedTool: CallTool {
    let tool: any CallTool
    let call: PhoneCall

    var description: ToolDescription { tool.description }

    func run(_ arguments: String, context: ToolContext) async throws(ProviderError) -> String {
        let json = try await tool.run(arguments, context: context)
        call.toolAnswered(description.name, json)
        return json
    }
}
