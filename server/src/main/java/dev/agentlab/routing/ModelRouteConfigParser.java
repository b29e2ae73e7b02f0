package dev.agentlab.routing;

import dev.agentlab.dialects.Operation;
import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Spelling;
import dev.agentlab.errors.Warnings;
import dev.agentlab.modelclient.FallbackCause;
import dev.agentlab.resources.ConfigObjectReader;
import dev.agentlab.resources.ModelNames;
import dev.agentlab.resources.RequestOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Parses and validates a model route's configuration.
final class ModelRouteConfigParser {
  static final int MAX_TARGETS = 32;
  static final int MAX_OUTPUT_TOKENS = 10_000_000;
  static final Duration MIN_TIMEOUT = Duration.ofMillis(100);
  static final Duration MAX_TIMEOUT = Duration.ofHours(1);

  private static final String ROOT = "config";
  private static final String TARGETS = "targets";
  private static final String FALLBACK_ON = "fallback_on";
  private static final String AFFINITY = "affinity";
  private static final String PROVIDER = "provider";
  private static final String AGENT = "agent";
  private static final String MODEL = "model";
  private static final String DEFAULTS = "defaults";
  private static final List<String> MEMBERS =
      List.of(TARGETS, FALLBACK_ON, "first_content_timeout", AFFINITY, "parameters");
  private static final List<String> TARGET_MEMBERS =
      List.of(PROVIDER, id(PROVIDER), MODEL, AGENT, id(AGENT), "weight", "priority");

  /// Finds what the targets of one configuration call.
  private interface Resolver {
    Optional<UUID> provider(ConfigObjectReader target);

    Optional<UUID> agent(ConfigObjectReader target);
  }

  private ModelRouteConfigParser() {}

  /// Parses the configuration of a request.
  ///
  /// @param warnings receives the warnings for the caller
  /// @throws InvalidInputException with all errors; their fields start with `config`
  static ModelRouteConfig parseInput(JsonNode json, TargetLookup lookup, Warnings warnings) {
    FieldErrors errors = new FieldErrors();
    ModelRouteConfig config = read(json, errors, errors, warnings, new InputResolver(lookup));
    RequestOptions.warnOfMisspelled(
        ROOT + ".parameters.defaults", Operation.CHAT, config.parameters().defaults(), warnings);
    return config;
  }

  /// Parses a stored configuration. Members unknown to this release are ignored.
  ///
  /// @throws InvalidInputException if this release cannot use the configuration
  static ModelRouteConfig parseStored(JsonNode json) {
    return read(
        json,
        new FieldErrors(),
        new FieldErrors(),
        new Warnings(),
        new Resolver() {
          @Override
          public Optional<UUID> provider(ConfigObjectReader target) {
            return target.uuid(id(PROVIDER));
          }

          @Override
          public Optional<UUID> agent(ConfigObjectReader target) {
            return target.uuid(id(AGENT));
          }
        });
  }

  /// Finds providers and agents by the name or the id in a request, or records an error.
  private record InputResolver(TargetLookup lookup) implements Resolver {
    @Override
    public Optional<UUID> provider(ConfigObjectReader target) {
      return find(target, PROVIDER, lookup::findProviderId, lookup::providerNames);
    }

    @Override
    public Optional<UUID> agent(ConfigObjectReader target) {
      return find(target, AGENT, lookup::findAgentId, lookup::agentNames);
    }

    private static Optional<UUID> find(
        ConfigObjectReader target,
        String kind,
        Function<String, Optional<UUID>> ids,
        Function<Set<UUID>, Map<UUID, String>> names) {
      Optional<String> name = target.string(kind);
      Optional<UUID> id = target.uuid(id(kind));
      if (id.isPresent()) {
        Optional<String> present = Optional.ofNullable(names.apply(Set.of(id.get())).get(id.get()));
        if (present.isEmpty()) {
          target.addError(id(kind), "there is no such " + kind);
        } else if (name.isPresent() && !name.equals(present)) {
          target.addError(
              kind,
              "is '%s', but the %s with the id in %s is named '%s'; omit one of both"
                  .formatted(Excerpt.of(name.get()), kind, id(kind), Excerpt.of(present.get())));
        }
        return id;
      }
      Optional<UUID> named = name.flatMap(ids);
      if (name.isPresent() && named.isEmpty()) {
        target.addError(kind, "there is no %s named '%s'".formatted(kind, Excerpt.of(name.get())));
      }
      return named;
    }
  }

  private static String id(String kind) {
    return kind + "_id";
  }

  /// @param inputErrors receives the errors that apply only to requests, not to stored
  ///   configurations
  private static ModelRouteConfig read(
      JsonNode json,
      FieldErrors errors,
      FieldErrors inputErrors,
      Warnings warnings,
      Resolver resolver) {
    if (!(json instanceof ObjectNode object)) {
      throw new InvalidInputException(ROOT, "must be an object with " + String.join(", ", MEMBERS));
    }
    ConfigObjectReader config = new ConfigObjectReader(ROOT, object, errors, inputErrors, warnings);
    config.checkMembers(MEMBERS);
    List<RouteTarget> targets = readTargets(config, resolver);
    Set<FallbackCause> fallbackOn = readFallbackCauses(config);
    Optional<Duration> firstContentTimeout =
        config.duration("first_content_timeout", MIN_TIMEOUT, MAX_TIMEOUT, "20s");
    ModelRouteConfig.Affinity affinity = readAffinity(config);
    RouteParameters parameters = readParameters(config.object("parameters"));
    errors.throwIfAny();
    return new ModelRouteConfig(targets, fallbackOn, firstContentTimeout, affinity, parameters);
  }

  private static List<RouteTarget> readTargets(ConfigObjectReader config, Resolver resolver) {
    List<Optional<ConfigObjectReader>> given = config.objects(TARGETS);
    boolean isArray = config.value(TARGETS).isArray() || !config.has(TARGETS);
    if (isArray && (given.isEmpty() || given.size() > MAX_TARGETS)) {
      config.addError(
          TARGETS,
          "must have 1 to %d targets, such as {\"provider\": \"openai\", \"model\": \"gpt-5\"}, had %d"
              .formatted(MAX_TARGETS, given.size()));
    }
    List<RouteTarget> targets = new ArrayList<>();
    Map<RouteDestination, String> places = new HashMap<>();
    for (int i = 0; i < given.size(); i++) {
      String place = "%s[%d]".formatted(TARGETS, i);
      given
          .get(i)
          .flatMap(target -> readTarget(config, place, target, resolver))
          .ifPresent(target -> {
            targets.add(target);
            String first = places.putIfAbsent(target.destination(), place);
            if (first != null) {
              config.addError(place, "calls the same as %s; list it once".formatted(first));
            }
          });
    }
    return targets;
  }

  private static Optional<RouteTarget> readTarget(
      ConfigObjectReader config, String place, ConfigObjectReader target, Resolver resolver) {
    target.checkMembers(TARGET_MEMBERS);
    Optional<RouteDestination> destination = readDestination(config, place, target, resolver);
    int weight = target.integer("weight", 1, RouteTarget.MAX_WEIGHT).orElse(1);
    int priority = target.integer("priority", 1, RouteTarget.MAX_PRIORITY).orElse(1);
    return destination.map(it -> new RouteTarget(it, weight, priority));
  }

  private static Optional<RouteDestination> readDestination(
      ConfigObjectReader config, String place, ConfigObjectReader target, Resolver resolver) {
    boolean hasAgent = target.has(AGENT) || target.has(id(AGENT));
    boolean hasProvider = target.has(PROVIDER) || target.has(id(PROVIDER));
    if (hasAgent == hasProvider) {
      config.addError(
          place,
          hasAgent
              ? "must have either a provider or an agent, had both"
              : "must have a provider and a model, or an agent");
      return Optional.empty();
    }
    if (hasAgent) {
      if (target.has(MODEL)) {
        target.addError(MODEL, "must be absent for an agent, which has a model of its own");
      }
      return resolver.agent(target).map(RouteDestination.RegisteredAgent::new);
    }
    String model = target.string(MODEL).orElse("");
    Optional<String> invalid = ModelNames.findError(model);
    invalid.ifPresent(message -> target.addError(MODEL, message));
    return resolver
        .provider(target)
        .filter(_ -> invalid.isEmpty())
        .map(provider -> new RouteDestination.ProviderModel(provider, model));
  }

  private static Set<FallbackCause> readFallbackCauses(ConfigObjectReader config) {
    if (!config.has(FALLBACK_ON)) {
      return EnumSet.copyOf(FallbackCause.CONFIGURABLE);
    }
    Set<FallbackCause> causes = EnumSet.noneOf(FallbackCause.class);
    List<JsonNode> elements = config.elements(FALLBACK_ON);
    for (int i = 0; i < elements.size(); i++) {
      String text = elements.get(i).stringValue("");
      Optional<FallbackCause> cause = FallbackCause.find(text);
      cause.ifPresent(causes::add);
      if (cause.isEmpty()) {
        config.addInputError(
            "%s[%d]".formatted(FALLBACK_ON, i),
            "is not a cause of a fallback; "
                + Spelling.hint(text, "known causes", FallbackCause.texts()));
      }
    }
    return causes;
  }

  private static ModelRouteConfig.Affinity readAffinity(ConfigObjectReader config) {
    Optional<String> text = config.string(AFFINITY);
    Optional<ModelRouteConfig.Affinity> affinity = text.flatMap(ModelRouteConfig.Affinity::find);
    if (text.isPresent() && affinity.isEmpty()) {
      config.addError(
          AFFINITY, "must be one of " + String.join(", ", ModelRouteConfig.Affinity.texts()));
    }
    return affinity.orElse(ModelRouteConfig.Affinity.SESSION);
  }

  private static RouteParameters readParameters(ConfigObjectReader parameters) {
    parameters.checkMembers(List.of(DEFAULTS, "limits"));
    ConfigObjectReader limits = parameters.object("limits");
    limits.checkMembers(List.of("max_output_tokens"));
    return new RouteParameters(
        parameters.has(DEFAULTS) ? readDefaults(parameters) : JsonNodeFactory.instance.objectNode(),
        limits.integer("max_output_tokens", 1, MAX_OUTPUT_TOKENS));
  }

  private static ObjectNode readDefaults(ConfigObjectReader parameters) {
    Optional<ObjectNode> defaults = parameters.anyObject(DEFAULTS);
    defaults.ifPresent(given -> {
      parameters.rejectSecrets(DEFAULTS, given);
      given
          .propertyStream()
          .map(Map.Entry::getKey)
          .filter(RequestOptions.RESERVED_MEMBERS::contains)
          .forEach(name ->
              parameters.addInputError(
                  DEFAULTS + "." + name, "is part of each request and cannot have a default"));
    });
    return defaults.orElseGet(JsonNodeFactory.instance::objectNode);
  }
}
