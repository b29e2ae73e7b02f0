package dev.agentlab.agents;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.SchemaName;
import tools.jackson.databind.JsonNode;

/// An agent's configuration as the API returns it. Secrets are masked: each is shown as set, with a
/// hint.
///
/// @param json `{"name", "system_prompt", "client", "provider" or "provider_id", "model"}`
@SchemaName("AgentConfig")
public record MaskedAgentConfig(@JsonValue JsonNode json) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public MaskedAgentConfig {}
}
