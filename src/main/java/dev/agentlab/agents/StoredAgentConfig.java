package dev.agentlab.agents;

import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An agent's configuration as stored by any release: arbitrary JSON. Its secrets are encrypted,
/// except those stored by an earlier release and those decrypted for use.
///
/// @param providerId the id of the registered provider, if the agent uses one
record StoredAgentConfig(JsonNode json, Optional<UUID> providerId) {
  private static final String PROVIDER = "provider";
  private static final List<String> STRING_MEMBERS = List.of("name", "system_prompt");
  private static final List<String> OBJECT_MEMBERS = List.of("client", "model");

  static StoredAgentConfig of(AgentConfig config) {
    Optional<UUID> registered =
        config.provider() instanceof ProviderReference.Registered(var id)
            ? Optional.of(id)
            : Optional.empty();
    return new StoredAgentConfig(config.toStoredJson(), registered);
  }

  /// The inline provider, if the agent uses one.
  Optional<ProviderConfig> inlineProvider(ProviderKinds kinds) {
    return providerId.isEmpty() ? providerInJson(kinds) : Optional.empty();
  }

  /// The provider in the JSON, even if a registered provider takes precedence.
  Optional<ProviderConfig> providerInJson(ProviderKinds kinds) {
    return json.path(PROVIDER) instanceof ObjectNode provider
        ? Optional.of(kinds.readStored(provider))
        : Optional.empty();
  }

  /// The members that another release stored and this one does not know, if any. They are never
  /// used or returned, and any string in them may be a secret, as in a configuration of an unknown
  /// provider kind.
  Optional<ProviderConfig> unknownMembers(ProviderKinds kinds) {
    if (!(json instanceof ObjectNode members)) {
      return Optional.empty();
    }
    ObjectNode rest = JsonNodeFactory.instance.objectNode();
    members.forEachEntry((name, value) -> {
      boolean known =
          name.equals(PROVIDER)
              ? value.isObject()
              : STRING_MEMBERS.contains(name) || OBJECT_MEMBERS.contains(name);
      if (!known) {
        rest.set(name, value);
      }
    });
    return rest.isEmpty() ? Optional.empty() : Optional.of(kinds.readStored(rest));
  }

  /// A copy with other values of the unknown members.
  StoredAgentConfig withUnknownMembers(ProviderConfig unknown) {
    ObjectNode changed = JsonNodeFactory.instance.objectNode();
    changed.setAll((ObjectNode) json);
    changed.setAll((ObjectNode) unknown.stored());
    return new StoredAgentConfig(changed, providerId);
  }

  /// A copy with another provider in the JSON.
  StoredAgentConfig withProvider(ProviderConfig provider) {
    ObjectNode changed = JsonNodeFactory.instance.objectNode();
    changed.setAll((ObjectNode) json);
    changed.set(PROVIDER, provider.stored());
    return new StoredAgentConfig(changed, providerId);
  }

  /// The configuration with masked secrets: the known members that have the expected type.
  MaskedAgentConfig masked(ProviderKinds kinds) {
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    STRING_MEMBERS.forEach(
        member -> json.path(member).stringValueOpt().ifPresent(text -> shown.put(member, text)));
    for (String member : OBJECT_MEMBERS) {
      if (json.path(member) instanceof ObjectNode object) {
        shown.set(member, object);
      }
    }
    inlineProvider(kinds).ifPresent(provider -> shown.set(PROVIDER, provider.toMaskedJson()));
    providerId.ifPresent(id -> shown.put("provider_id", id.toString()));
    return new MaskedAgentConfig(shown);
  }

  /// Returns a constant, because the JSON may contain secrets.
  @Override
  public String toString() {
    return "***";
  }
}
