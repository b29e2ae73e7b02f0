package dev.agentlab.routing;

import dev.agentlab.net.Uuids;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The present names of the providers and agents in stored configurations of routes. One that has
/// been deleted has none.
record TargetNames(Map<UUID, String> providers, Map<UUID, String> agents) {
  /// No names.
  static final TargetNames NONE = new TargetNames(Map.of(), Map.of());

  private static final String PROVIDER_ID = "provider_id";
  private static final String AGENT_ID = "agent_id";

  /// Looks up the names for some stored configurations.
  static TargetNames find(TargetLookup lookup, Collection<ObjectNode> configs) {
    Set<UUID> providers = new HashSet<>();
    Set<UUID> agents = new HashSet<>();
    configs.stream()
        .flatMap(TargetNames::targets)
        .forEach(target -> {
          id(target, PROVIDER_ID).ifPresent(providers::add);
          id(target, AGENT_ID).ifPresent(agents::add);
        });
    return new TargetNames(
        providers.isEmpty() ? Map.of() : lookup.providerNames(providers),
        agents.isEmpty() ? Map.of() : lookup.agentNames(agents));
  }

  /// A stored configuration as JSON for responses: each target has the name beside the id.
  ObjectNode addTo(ObjectNode config) {
    ObjectNode shown = config.deepCopy();
    if (config.has("targets")) {
      var array = shown.putArray("targets");
      targets(config).forEach(target -> array.add(addToTarget(target)));
    }
    return shown;
  }

  private ObjectNode addToTarget(ObjectNode target) {
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    id(target, PROVIDER_ID)
        .flatMap(id -> Optional.ofNullable(providers.get(id)))
        .ifPresent(name -> shown.put("provider", name));
    id(target, AGENT_ID)
        .flatMap(id -> Optional.ofNullable(agents.get(id)))
        .ifPresent(name -> shown.put("agent", name));
    shown.setAll(target);
    return shown;
  }

  /// The providers and agents of a stored configuration that do not exist, as in `provider <id>`.
  List<String> missing(ObjectNode config) {
    return targets(config)
        .flatMap(target ->
            Stream.concat(
                id(target, PROVIDER_ID)
                    .filter(id -> !providers.containsKey(id))
                    .map(id -> "provider " + id)
                    .stream(),
                id(target, AGENT_ID)
                    .filter(id -> !agents.containsKey(id))
                    .map(id -> "agent " + id)
                    .stream()))
        .distinct()
        .toList();
  }

  private static Stream<ObjectNode> targets(ObjectNode config) {
    return config.path("targets").valueStream().filter(JsonNode::isObject).map(JsonNode::asObject);
  }

  private static Optional<UUID> id(ObjectNode target, String member) {
    return target.path(member).stringValueOpt().flatMap(Uuids::parse);
  }
}
