package dev.agentlab.agents;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.SchemaName;
import tools.jackson.databind.JsonNode;

/// An agent's configuration as sent in a request: not validated, with plaintext secrets.
///
/// @param json any JSON
@SchemaName("AgentConfigInput")
public record AgentConfigInput(@JsonValue JsonNode json) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public AgentConfigInput {}

  /// Returns a constant, because the JSON may contain secrets.
  @Override
  public String toString() {
    return "***";
  }
}
