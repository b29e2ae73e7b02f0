package dev.agentlab.providers;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.SchemaName;
import tools.jackson.databind.JsonNode;

/// The configuration of a provider in a response. Secrets are masked: each is shown as set, with a
/// hint.
///
/// @param json `{"name", "base_url", "options", "model"}`, without `model` if none is stored
@SchemaName("ProviderConfig")
public record MaskedProviderConfig(@JsonValue JsonNode json) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public MaskedProviderConfig {}
}
