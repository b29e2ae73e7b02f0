package dev.agentlab.providers;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.SchemaName;
import tools.jackson.databind.JsonNode;

/// The configuration of a provider in a request: not validated, with plaintext secrets.
///
/// @param json any JSON value
@SchemaName("ProviderConfigInput")
public record ProviderConfigInput(@JsonValue JsonNode json) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public ProviderConfigInput {}

  /// Masked entirely, because any part may be a secret.
  @Override
  public String toString() {
    return "***";
  }
}
