package dev.agentlab.agents;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Warnings;
import dev.agentlab.kinds.Capability;
import dev.agentlab.kinds.ParsedReplacement;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import dev.agentlab.modelclient.CallPolicy;
import dev.agentlab.modelclient.RetryPolicy;
import dev.agentlab.resources.ConfigObjectReader;
import dev.agentlab.resources.ModelNames;
import dev.agentlab.resources.RequestOptions;
import dev.agentlab.time.GoDuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Parses and validates an agent's configuration.
final class AgentConfigParser {
  private static final String ROOT = "config";
  private static final String PROVIDER = "provider";
  private static final String PROVIDER_ID = "provider_id";
  private static final String ROUTE = "route";
  private static final String ROUTE_ID = "route_id";
  private static final String MODEL = "model";
  private static final List<String> MEMBERS =
      List.of("name", "system_prompt", "client", PROVIDER, PROVIDER_ID, ROUTE, ROUTE_ID, MODEL);
  private static final List<String> CLIENT_MEMBERS =
      List.of("timeout", "retry", "connection_pool_size", "connection_timeout");
  private static final List<String> RETRY_MEMBERS =
      List.of("max_retries", "initial_backoff", "max_backoff", "backoff_multiplier", "jitter");
  private static final List<String> MODEL_MEMBERS = List.of("name", "capabilities");
  private static final List<String> CAPABILITY_NAMES =
      Arrays.stream(Capability.values()).map(Capability::toString).toList();

  private static final String ROUTE_DECIDES = "the route decides about models and retries";

  /// A shorter timeout could only fail. Configurations stored by an earlier release may have one.
  private static final Duration MIN_TIMEOUT = Duration.ofMillis(100);

  private final ProviderKinds kinds;

  AgentConfigParser(ProviderKinds kinds) {
    this.kinds = kinds.withPath(ROOT + "." + PROVIDER);
  }

  /// Parses the configuration of a request.
  ///
  /// @param named the provider and the route that the request names
  /// @param replaced the configuration to replace; its secrets are kept where an inline provider of
  ///   the same kind omits them
  /// @param warnings receives the warnings for the caller
  /// @throws InvalidInputException with all errors; their fields start with `config`
  /// @throws AgentException.SecretRequired if a kept secret would be sent to another destination
  AgentConfig parseInput(
      JsonNode json,
      NamedReferences named,
      Optional<StoredAgentConfig> replaced,
      Warnings warnings) {
    List<String> movedSecrets = new ArrayList<>();
    FieldErrors errors = new FieldErrors();
    AgentConfig config =
        read(
            json,
            errors,
            errors,
            warnings,
            MIN_TIMEOUT,
            members ->
                readReference(
                    members,
                    named,
                    provider ->
                        errors.collect(() ->
                            parseInlineProvider(provider, replaced, movedSecrets, warnings))));
    if (!movedSecrets.isEmpty()) {
      throw new AgentException.SecretRequired(movedSecrets);
    }
    config
        .model()
        .capabilities()
        .forEach((capability, options) ->
            RequestOptions.warnOfMisspelled(
                "%s.model.capabilities.%s".formatted(ROOT, capability),
                capability.operation(),
                options,
                warnings));
    return config;
  }

  /// Parses a stored configuration. Members unknown to this release are ignored.
  ///
  /// @throws InvalidInputException if this release cannot use the configuration
  AgentConfig parseStored(StoredAgentConfig stored) {
    FieldErrors errors = new FieldErrors();
    return read(
        stored.json(),
        errors,
        new FieldErrors(),
        new Warnings(),
        ConfigObjectReader.MIN_DURATION,
        members ->
            stored
                .providerId()
                .<ProviderReference>map(ProviderReference.Registered::new)
                .or(() -> stored.inlineProvider(kinds).map(ProviderReference.Inline::new))
                .or(() -> stored.routeId().map(ProviderReference.Route::new))
                .or(() -> {
                  members.addError(PROVIDER, "is required");
                  return Optional.empty();
                }));
  }

  private static Optional<ProviderReference> readReference(
      ConfigObjectReader config,
      NamedReferences named,
      Function<JsonNode, Optional<ProviderReference>> inline) {
    if (!hasRoute(config)) {
      return readProvider(config, named.provider(), inline);
    }
    for (String member : List.of(PROVIDER, PROVIDER_ID)) {
      if (config.has(member)) {
        config.addError(
            config.has(ROUTE) ? ROUTE : ROUTE_ID, "must not be given together with " + member);
      }
    }
    return readRoute(config, named).map(ProviderReference.Route::new);
  }

  private static boolean hasRoute(ConfigObjectReader config) {
    return config.has(ROUTE) || config.has(ROUTE_ID);
  }

  /// A request may have both the name and the id, as responses do.
  private static Optional<UUID> readRoute(ConfigObjectReader config, NamedReferences named) {
    Optional<String> name = config.string(ROUTE);
    Optional<UUID> id = config.uuid(ROUTE_ID);
    if (id.isPresent()) {
      Optional<String> present = named.routeNames().find(id.get());
      if (present.isEmpty()) {
        config.addError(ROUTE_ID, "there is no such route");
      } else if (name.isPresent() && !name.equals(present)) {
        config.addError(
            ROUTE,
            "is '%s', but the route with the id in route_id is named '%s'; omit one of both"
                .formatted(Excerpt.of(name.get()), Excerpt.of(present.get())));
      }
      return id;
    }
    if (name.isPresent() && named.route().isEmpty()) {
      config.addError(ROUTE, "there is no route named '%s'".formatted(Excerpt.of(name.get())));
    }
    return named.route();
  }

  private static Optional<ProviderReference> readProvider(
      ConfigObjectReader config,
      Optional<UUID> named,
      Function<JsonNode, Optional<ProviderReference>> inline) {
    if (config.has(PROVIDER_ID)) {
      if (config.has(PROVIDER)) {
        config.addError(PROVIDER_ID, "must not be given together with provider");
      }
      return config.uuid(PROVIDER_ID).map(ProviderReference.Registered::new);
    }
    JsonNode provider = config.value(PROVIDER);
    if (provider.isObject()) {
      return inline.apply(provider);
    }
    if (!provider.isString()) {
      config.addError(
          PROVIDER,
          "must be the name of a registered provider, or an object with name, base_url, options;"
              + " alternatively, set provider_id or route");
    } else if (named.isEmpty()) {
      config.addError(
          PROVIDER,
          "there is no provider named '%s'".formatted(Excerpt.of(provider.stringValue())));
    }
    return named.map(ProviderReference.Registered::new);
  }

  private ProviderReference parseInlineProvider(
      JsonNode json,
      Optional<StoredAgentConfig> replaced,
      List<String> movedSecrets,
      Warnings warnings) {
    Optional<ProviderConfig> old = replaced.flatMap(it -> it.inlineProvider(kinds));
    if (old.isEmpty()) {
      return new ProviderReference.Inline(kinds.parse(json, warnings));
    }
    ParsedReplacement replacement = kinds.replace(old.get(), json, warnings);
    movedSecrets.addAll(replacement.movedSecrets());
    return new ProviderReference.Inline(replacement.config());
  }

  /// @param inputErrors receives the errors that apply only to requests, not to stored
  ///   configurations
  /// @param minTimeout the shortest accepted timeout
  /// @param target reads the reference to what the agent calls, or records an error
  private static AgentConfig read(
      JsonNode json,
      FieldErrors errors,
      FieldErrors inputErrors,
      Warnings warnings,
      Duration minTimeout,
      Function<ConfigObjectReader, Optional<ProviderReference>> target) {
    if (!(json instanceof ObjectNode object)) {
      throw new InvalidInputException(ROOT, "must be an object with " + String.join(", ", MEMBERS));
    }
    ConfigObjectReader config = new ConfigObjectReader(ROOT, object, errors, inputErrors, warnings);
    config.checkMembers(MEMBERS);
    Optional<String> name = config.string("name");
    Optional<String> systemPrompt = config.string("system_prompt");
    CallPolicy client = readClientPolicy(config.object("client"), minTimeout);
    Optional<ProviderReference> reference = target.apply(config);
    boolean isOverRoute =
        reference.map(ProviderReference.Route.class::isInstance).orElseGet(() -> hasRoute(config));
    ModelSettings model = readModelSettings(config.object(MODEL), isOverRoute);
    if (isOverRoute && !client.retry().equals(CallPolicy.DEFAULT.retry())) {
      config.addWarning("client.retry", "does not apply: " + ROUTE_DECIDES);
    }
    errors.throwIfAny();
    return new AgentConfig(name, systemPrompt.orElse(""), client, reference.orElseThrow(), model);
  }

  private static CallPolicy readClientPolicy(ConfigObjectReader client, Duration minTimeout) {
    client.checkMembers(CLIENT_MEMBERS);
    CallPolicy defaults = CallPolicy.DEFAULT;
    return new CallPolicy(
        client.duration("timeout", minTimeout, defaults.timeout()),
        readRetryPolicy(client.object("retry")),
        client.integer("connection_pool_size", 1, 1000, defaults.maxIdleConnections()),
        client.duration("connection_timeout", minTimeout, defaults.connectTimeout()));
  }

  private static RetryPolicy readRetryPolicy(ConfigObjectReader retry) {
    retry.checkMembers(RETRY_MEMBERS);
    RetryPolicy defaults = CallPolicy.DEFAULT.retry();
    Optional<Duration> given = retry.duration("initial_backoff");
    Duration max =
        retry
            .duration("max_backoff")
            .orElseGet(() -> longer(defaults.maxBackoff(), given.orElse(Duration.ZERO)));
    if (given.filter(it -> it.compareTo(max) > 0).isPresent()) {
      retry.addWarning(
          "initial_backoff",
          "is %s, above max_backoff; %s is used"
              .formatted(GoDuration.format(given.get()), GoDuration.format(max)));
    }
    return new RetryPolicy(
        isUnset(retry)
            ? defaults.maxRetries()
            : retry.integer("max_retries", 0, 10, defaults.maxRetries()),
        shorter(given.orElse(defaults.initialBackoff()), max),
        max,
        retry.number("backoff_multiplier", 1, 100, defaults.multiplier()),
        retry.booleanValue("jitter", defaults.jitter()));
  }

  /// Whether the retry settings have the zero values that a Go client sends for unset fields.
  /// Otherwise, 0 retries means none, and a multiplier of 0 means the default.
  private static boolean isUnset(ConfigObjectReader retry) {
    return retry.isZero("max_retries") && retry.isZero("backoff_multiplier");
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? other : one;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static ModelSettings readModelSettings(ConfigObjectReader model, boolean isOverRoute) {
    model.checkMembers(MODEL_MEMBERS);
    String name = model.string("name").orElse("");
    if (!isOverRoute) {
      ModelNames.findError(name).ifPresent(message -> model.addError("name", message));
    } else if (model.has("name")) {
      model.addInputError("name", "must be absent: " + ROUTE_DECIDES);
    }
    return new ModelSettings(isOverRoute ? "" : name, readCapabilities(model));
  }

  private static Map<Capability, ObjectNode> readCapabilities(ConfigObjectReader model) {
    Map<Capability, ObjectNode> capabilities = new EnumMap<>(Capability.class);
    ConfigObjectReader given = model.object("capabilities");
    given.checkMembers(CAPABILITY_NAMES);
    for (Capability capability : Capability.values()) {
      given
          .anyObject(capability.toString())
          .ifPresent(options -> {
            given.rejectSecrets(capability.toString(), options);
            capabilities.put(capability, options);
          });
    }
    return capabilities;
  }
}
