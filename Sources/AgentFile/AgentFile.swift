// AgentFile
