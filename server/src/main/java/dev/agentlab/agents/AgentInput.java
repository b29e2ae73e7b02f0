package dev.agentlab.agents;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.agentlab.errors.NameRule;
import dev.agentlab.json.SchemaBounds;
import dev.agentlab.json.SchemaName;

/// The body of a request that creates or replaces an agent. Read-only members of responses are
/// ignored, so that a response can be sent back.
///
/// @param name unique; must satisfy [dev.agentlab.errors.NameRule]
/// @param config `{"name", "system_prompt", "client", "provider" or "provider_id", "model"}`
@JsonIgnoreProperties({"id", "revision", "created_at", "updated_at", "warnings"})
@SchemaName("AgentInput")
public record AgentInput(
    @SchemaBounds(min = 1, max = NameRule.MAX_LENGTH) String name, AgentConfigInput config) {}
