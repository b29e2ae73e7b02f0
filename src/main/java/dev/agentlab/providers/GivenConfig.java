package dev.agentlab.providers;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.SchemaName;
import tools.jackson.databind.JsonNode;

/// A provider's configuration as a caller sent it: not yet checked, secrets in the open.
///
/// @param json any JSON
@SchemaName("ProviderConfigInput")
public record GivenConfig(@JsonValue JsonNode json) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public GivenConfig {}

  /// Shows nothing, for what it would show may be a secret.
  @Override
  public String toString() {
    return "***";
  }
}
