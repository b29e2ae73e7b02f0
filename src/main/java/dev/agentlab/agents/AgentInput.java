package dev.agentlab.agents;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.agentlab.errors.NameRule;
import dev.agentlab.json.Bounds;
import dev.agentlab.json.SchemaName;

/// What an agent is to be: the body of a create and of a replace. What answers have beside that is
/// ignored, so that what was read can be sent back.
///
/// @param name unique; as [dev.agentlab.errors.NameRule] has it
/// @param config `{"name", "system_prompt", "client", "provider" or "provider_id", "model"}`
@JsonIgnoreProperties({"id", "revision", "created_at", "updated_at", "warnings"})
@SchemaName("AgentInput")
public record AgentInput(
    @Bounds(min = 1, max = NameRule.MAX_LENGTH) String name, GivenAgentConfig config) {}
