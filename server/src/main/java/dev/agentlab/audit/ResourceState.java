package dev.agentlab.audit;

import dev.agentlab.secrets.Secret;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// The public state of a resource before or after a change.
@FunctionalInterface
public interface ResourceState {
  /// The state as JSON.
  ///
  /// @param hash creates the form in which a secret appears in it: `{"set": true, "hash": "…"}`,
  ///   which shows whether the secret changed but not its value
  JsonNode toJson(Function<Secret, JsonNode> hash);

  /// A state without secrets.
  static ResourceState of(JsonNode json) {
    return _ -> json;
  }
}
