package dev.agentlab.agents;

import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An agent's configuration as it is stored, by whatever release: any JSON. Its secrets are sealed,
/// but for what an earlier release stored and for what is at hand only to be used.
///
/// @param providerId the registered provider it uses, if it uses one
record StoredAgentConfig(JsonNode json, Optional<UUID> providerId) {
  private static final String PROVIDER = "provider";
  private static final List<String> TEXTS = List.of("name", "system_prompt");
  private static final List<String> OBJECTS = List.of("client", "model");

  static StoredAgentConfig of(AgentConfig config) {
    Optional<UUID> followed =
        config.provider() instanceof ProviderReference.Registered(var id)
            ? Optional.of(id)
            : Optional.empty();
    return new StoredAgentConfig(config.stored(), followed);
  }

  /// The provider of the agent's own, if it has one.
  Optional<ProviderConfig> inline(ProviderKinds kinds) {
    return providerId.isEmpty() ? provider(kinds) : Optional.empty();
  }

  /// The provider that stands in the JSON, even if it is not the one that counts.
  Optional<ProviderConfig> provider(ProviderKinds kinds) {
    return json.path(PROVIDER) instanceof ObjectNode provider
        ? Optional.of(kinds.stored(provider))
        : Optional.empty();
  }

  /// What another release stored beside what a configuration has, if it did. It is never used or
  /// shown, and any text of it may be a secret, as in a configuration of an unknown kind.
  Optional<ProviderConfig> beside(ProviderKinds kinds) {
    if (!(json instanceof ObjectNode members)) {
      return Optional.empty();
    }
    ObjectNode rest = JsonNodeFactory.instance.objectNode();
    members.forEachEntry((name, value) -> {
      boolean known =
          name.equals(PROVIDER) ? value.isObject() : TEXTS.contains(name) || OBJECTS.contains(name);
      if (!known) {
        rest.set(name, value);
      }
    });
    return rest.isEmpty() ? Optional.empty() : Optional.of(kinds.stored(rest));
  }

  /// The same with other values of that.
  StoredAgentConfig withBeside(ProviderConfig beside) {
    ObjectNode changed = JsonNodeFactory.instance.objectNode();
    changed.setAll((ObjectNode) json);
    changed.setAll((ObjectNode) beside.stored());
    return new StoredAgentConfig(changed, providerId);
  }

  /// The same with another provider in the JSON.
  StoredAgentConfig with(ProviderConfig provider) {
    ObjectNode changed = JsonNodeFactory.instance.objectNode();
    changed.setAll((ObjectNode) json);
    changed.set(PROVIDER, provider.stored());
    return new StoredAgentConfig(changed, providerId);
  }

  /// What everyone may see of it: the members that an agent's configuration has, where they are
  /// what they should be.
  ShownAgentConfig shown(ProviderKinds kinds) {
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    TEXTS.forEach(
        member -> json.path(member).stringValueOpt().ifPresent(text -> shown.put(member, text)));
    for (String member : OBJECTS) {
      if (json.path(member) instanceof ObjectNode object) {
        shown.set(member, object);
      }
    }
    inline(kinds).ifPresent(provider -> shown.set(PROVIDER, provider.answer()));
    providerId.ifPresent(id -> shown.put("provider_id", id.toString()));
    return new ShownAgentConfig(shown);
  }

  /// Shows nothing, for what it would show may be a secret.
  @Override
  public String toString() {
    return "***";
  }
}
