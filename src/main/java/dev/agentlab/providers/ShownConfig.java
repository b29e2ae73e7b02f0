package dev.agentlab.providers;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.SchemaName;
import tools.jackson.databind.JsonNode;

/// A provider's configuration as a caller sees it: of each secret only that it is set, and a hint.
///
/// @param json `{"name", "base_url", "options", "model"}`, without a `model` if none was given
@SchemaName("ProviderConfig")
public record ShownConfig(@JsonValue JsonNode json) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public ShownConfig {}
}
