package dev.agentlab.routing;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.agentlab.json.SchemaName;
import tools.jackson.databind.JsonNode;

/// A model route's configuration as sent in a request: not validated.
///
/// @param json any JSON
@SchemaName("ModelRouteConfigInput")
public record ModelRouteConfigInput(@JsonValue JsonNode json) {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public ModelRouteConfigInput {}

  /// Returns a constant, because the JSON may contain secrets that a client sent by mistake.
  @Override
  public String toString() {
    return "***";
  }
}
