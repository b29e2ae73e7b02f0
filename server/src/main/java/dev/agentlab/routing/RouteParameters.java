package dev.agentlab.routing;

import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What a model route changes in the requests of clients.
public final class RouteParameters {
  private final ObjectNode defaults;
  private final Optional<Integer> maxOutputTokens;

  /// @param defaults members of a chat completion request that apply where the client sends none
  /// @param maxOutputTokens the limit of the tokens of a response, 1 to 10,000,000
  public RouteParameters(ObjectNode defaults, Optional<Integer> maxOutputTokens) {
    this.defaults = defaults.deepCopy();
    this.maxOutputTokens = maxOutputTokens;
  }

  /// A copy of the members of a chat completion request that apply where the client sends none.
  public ObjectNode defaults() {
    return defaults.deepCopy();
  }

  /// The limit of the tokens of a response, if the route has one.
  public Optional<Integer> maxOutputTokens() {
    return maxOutputTokens;
  }

  /// Whether requests do not change.
  public boolean isEmpty() {
    return defaults.isEmpty() && maxOutputTokens.isEmpty();
  }

  /// The JSON to store.
  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("defaults", defaults());
    ObjectNode limits = json.putObject("limits");
    maxOutputTokens.ifPresent(limit -> limits.put("max_output_tokens", limit));
    return json;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RouteParameters parameters
        && defaults.equals(parameters.defaults)
        && maxOutputTokens.equals(parameters.maxOutputTokens);
  }

  @Override
  public int hashCode() {
    return 31 * defaults.hashCode() + maxOutputTokens.hashCode();
  }

  @Override
  public String toString() {
    return toJson().toString();
  }
}
