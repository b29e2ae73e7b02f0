package dev.agentlab.agents;

import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.secrets.Secret;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An agent's configuration as stored: JSON of any form, because the Go original validated little.
/// Its secrets are encrypted, except those decrypted for use.
///
/// @param providerId the id of the registered provider, if the agent uses one
/// @param routeId the id of the model route, if the agent uses one in the place of a provider
record StoredAgentConfig(JsonNode json, Optional<UUID> providerId, Optional<UUID> routeId) {
  private static final String PROVIDER = "provider";
  private static final List<String> STRING_MEMBERS = List.of("name", "system_prompt");
  private static final List<String> OBJECT_MEMBERS = List.of("client", "model");

  StoredAgentConfig {
    // An earlier program that gives the agent a provider leaves the route.
    routeId = routeId.filter(_ -> providerId.isEmpty() && !json.path(PROVIDER).isObject());
  }

  static StoredAgentConfig of(AgentConfig config) {
    Optional<UUID> registered =
        config.provider() instanceof ProviderReference.Registered(var id)
            ? Optional.of(id)
            : Optional.empty();
    Optional<UUID> route =
        config.provider() instanceof ProviderReference.Route(var id)
            ? Optional.of(id)
            : Optional.empty();
    return new StoredAgentConfig(config.toStoredJson(), registered, route);
  }

  /// The inline provider, if the agent uses one.
  Optional<ProviderConfig> inlineProvider(ProviderKinds kinds) {
    return providerId.isEmpty() && json.path(PROVIDER) instanceof ObjectNode provider
        ? Optional.of(kinds.readStored(provider))
        : Optional.empty();
  }

  /// The members that only the Go original has, if any. They are never used or returned.
  ObjectNode unknownMembers() {
    ObjectNode unknown = JsonNodeFactory.instance.objectNode();
    json.forEachEntry((name, value) -> {
      boolean known =
          name.equals(PROVIDER)
              ? value.isObject()
              : STRING_MEMBERS.contains(name) || OBJECT_MEMBERS.contains(name);
      if (!known) {
        unknown.set(name, value);
      }
    });
    return unknown;
  }

  /// A copy with other values of some members.
  StoredAgentConfig withMembers(ObjectNode members) {
    ObjectNode changed = JsonNodeFactory.instance.objectNode();
    changed.setAll((ObjectNode) json);
    changed.setAll(members);
    return new StoredAgentConfig(changed, providerId, routeId);
  }

  /// A copy with another provider in the JSON.
  StoredAgentConfig withProvider(ProviderConfig provider) {
    return withMembers(JsonNodeFactory.instance.objectNode().set(PROVIDER, provider.stored()));
  }

  /// The configuration as JSON for responses: the known members that have the expected type, with
  /// masked secrets.
  ObjectNode toMaskedJson(ProviderKinds kinds) {
    return toMaskedJson(kinds, Secret::toMaskedJson);
  }

  /// The JSON of [#toMaskedJson(ProviderKinds)] with another form of each plaintext secret.
  ObjectNode toMaskedJson(ProviderKinds kinds, Function<Secret, ? extends JsonNode> plaintextForm) {
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    STRING_MEMBERS.forEach(
        member -> json.path(member).stringValueOpt().ifPresent(text -> shown.put(member, text)));
    for (String member : OBJECT_MEMBERS) {
      if (json.path(member) instanceof ObjectNode object) {
        shown.set(member, object);
      }
    }
    inlineProvider(kinds)
        .ifPresent(provider -> shown.set(PROVIDER, provider.toMaskedJson(plaintextForm)));
    providerId.ifPresent(id -> shown.put("provider_id", id.toString()));
    routeId.ifPresent(id -> shown.put("route_id", id.toString()));
    return shown;
  }

  /// Returns a constant, because the JSON may contain secrets.
  @Override
  public String toString() {
    return "***";
  }
}
