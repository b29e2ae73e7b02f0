package dev.agentlab.agents;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.NameRule;
import dev.agentlab.errors.Warnings;
import dev.agentlab.net.Uuids;
import dev.agentlab.resources.ModelNames;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/// Validates agents in requests: name, size and configuration, and warns about a model that the
/// provider does not list and about a name that is also that of a model or a route. The methods
/// throw [dev.agentlab.errors.InvalidInputException] with all errors.
record AgentValidator(AgentConfigParser parser, ProviderLookup providers, RouteLookup routes) {
  private static final JsonPointer MODEL_NAME = JsonPointer.compile("/model/name");

  /// The configuration of a new or replaced agent, with plaintext secrets.
  ///
  /// @param named what the input names, of [#findReferences]
  /// @param presentName the name of the agent that is replaced
  /// @param replaced the configuration that is replaced, whose secrets are kept where the input
  ///   omits them
  /// @param warnings receives the warnings for the caller
  StoredAgentConfig validate(
      AgentInput input,
      NamedReferences named,
      Optional<String> presentName,
      Optional<StoredAgentConfig> replaced,
      Warnings warnings) {
    JsonNode given = input.config().json();
    return StoredAgentConfig.of(
        NameRule.validate(
            input.name(),
            presentName,
            () -> {
              Agents.CONFIG_SIZE.validate(given);
              Agents.PROVIDER_SIZE.validate(given.path("provider"));
              return parser.parseInput(given, named, replaced, warnings);
            }));
  }

  /// Validates the configuration of a new agent that is not stored.
  void validateCandidate(AgentConfigInput config) {
    var _ =
        parser.parseInput(
            config.json(),
            NamedReferences.find(config, providers, routes),
            Optional.empty(),
            new Warnings());
  }

  /// The provider and the route that a request names.
  NamedReferences findReferences(AgentInput input) {
    return NamedReferences.find(input.config(), providers, routes);
  }

  /// Whether a request gives an agent a route.
  static boolean hasRoute(AgentInput input) {
    JsonNode config = input.config().json();
    return config.hasNonNull("route") || config.hasNonNull("route_id");
  }

  /// The field of a request with the reference to what the agent calls.
  ///
  /// @param kind `provider` or `route`
  static String referenceField(AgentInput input, String kind) {
    boolean isNamed = input.config().json().path(kind).isString();
    return "config." + (isNamed ? kind : kind + "_id");
  }

  /// A warning about a model that the registered provider does not list, if its list is known.
  Optional<String> unlistedModelWarning(AgentInput input, NamedReferences named) {
    JsonNode config = input.config().json();
    String model = config.at(MODEL_NAME).stringValue("");
    return named
        .provider()
        .or(() -> Uuids.parse(config.path("provider_id").stringValue("")))
        .flatMap(providers::listModels)
        .flatMap(known -> ModelNames.unlistedWarning(model, known));
  }

  /// The warnings about a name that is also that of a route, or of a registered provider's model as
  /// far as that is known.
  List<String> nameWarnings(String agentName) {
    if (routes.findRouteId(agentName).isPresent()) {
      return List.of(
          "is \"%s\", which is also the name of a route: clients of /v1 that request it get the route"
              .formatted(Excerpt.of(agentName)));
    }
    return providers.findProviderOfModel(agentName).stream()
        .map(provider ->
            ("is \"%s\", which is also a model of the provider \"%s\": clients of /v1 that request"
                    + " it get this agent")
                .formatted(Excerpt.of(agentName), Excerpt.of(provider)))
        .toList();
  }

  /// Whether the model or the provider is not the one it was.
  static boolean callsAnother(StoredAgentConfig old, StoredAgentConfig updated) {
    return !old.providerId().equals(updated.providerId())
        || !old.json().at(MODEL_NAME).equals(updated.json().at(MODEL_NAME));
  }
}
