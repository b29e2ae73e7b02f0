package dev.agentlab.agents;

import dev.agentlab.modelclient.CallPolicy;
import dev.agentlab.modelclient.RetryPolicy;
import dev.agentlab.time.GoDuration;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An agent's configuration with defaults applied. `toString` contains no secrets.
///
/// @param name the configuration's own name; stored but not used
/// @param systemPrompt the system message that starts every conversation; may be empty
/// @param client the policy of the calls; for an agent over a route only its timeouts apply, beside
///   those of the targets
public record AgentConfig(
    Optional<String> name,
    String systemPrompt,
    CallPolicy client,
    ProviderReference provider,
    ModelSettings model) {

  /// The JSON to store, with plaintext secrets. It does not contain the ids of a registered
  /// provider and of a route, which have columns of their own.
  ObjectNode toStoredJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    name.ifPresent(text -> json.put("name", text));
    json.put("system_prompt", systemPrompt).set("client", toJson(client));
    if (provider instanceof ProviderReference.Inline(var config)) {
      json.set("provider", config.stored());
    }
    json.set("model", model.toJson());
    return json;
  }

  private static ObjectNode toJson(CallPolicy client) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("timeout", GoDuration.format(client.timeout())).set("retry", toJson(client.retry()));
    return json.put("connection_pool_size", client.maxIdleConnections())
        .put("connection_timeout", GoDuration.format(client.connectTimeout()));
  }

  private static ObjectNode toJson(RetryPolicy retry) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("max_retries", retry.maxRetries())
        .put("initial_backoff", GoDuration.format(retry.initialBackoff()))
        .put("max_backoff", GoDuration.format(retry.maxBackoff()))
        .put("backoff_multiplier", retry.multiplier())
        .put("jitter", retry.jitter());
  }
}
