package dev.agentlab.agents;

/// What an agent is to be: the body of a create and of a replace.
///
/// @param name unique; as [dev.agentlab.errors.NameRule] has it
/// @param config `{"name", "system_prompt", "client", "provider" or "provider_id", "model"}`
public record AgentCommand(String name, GivenAgentConfig config) {}
