package dev.agentlab.agents;

import com.google.re2j.Pattern;
import dev.agentlab.agents.ClientSettings.Retry;
import dev.agentlab.config.GoDuration;
import dev.agentlab.dialects.OpenAiMembers;
import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Spelling;
import dev.agentlab.errors.Warnings;
import dev.agentlab.kinds.Capability;
import dev.agentlab.kinds.ConfigReplacement;
import dev.agentlab.kinds.ProviderConfig;
import dev.agentlab.kinds.ProviderKinds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Parses and validates an agent's configuration.
final class AgentConfigParser {
  private static final String ROOT = "config";
  private static final String PROVIDER = "provider";
  private static final String PROVIDER_ID = "provider_id";
  private static final List<String> MEMBERS =
      List.of("name", "system_prompt", "client", PROVIDER, PROVIDER_ID, "model");
  private static final List<String> CLIENT =
      List.of("timeout", "retry", "connection_pool_size", "connection_timeout");
  private static final List<String> RETRY =
      List.of("max_retries", "initial_backoff", "max_backoff", "backoff_multiplier", "jitter");
  private static final List<String> MODEL = List.of("name", "capabilities");
  private static final List<String> CAPABILITIES =
      Arrays.stream(Capability.values()).map(Capability::toString).toList();

  /// Common request options that OpenAI does not define, so that they are not reported as
  /// misspelled.
  private static final Set<String> OTHER_OPTIONS =
      Set.of(
          "detail",
          "keep_alive",
          "min_p",
          "options",
          "provider",
          "random_seed",
          "repeat_penalty",
          "repetition_penalty",
          "think",
          "thinking",
          "top_a",
          "top_k",
          "vision_options");

  private static final Pattern CONTROL = Pattern.compile("[[:cntrl:]]");

  /// A shorter timeout could only fail. Configurations stored by an earlier release may have one.
  private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(100);

  static final int LONGEST_MODEL_NAME = 2_000;

  private final ProviderKinds kinds;

  AgentConfigParser(ProviderKinds kinds) {
    this.kinds = kinds.at(ROOT + "." + PROVIDER);
  }

  /// Parses the configuration of a request.
  ///
  /// @param named the registered provider that `provider` names, if any
  /// @param replaced the configuration to replace; its secrets are kept where an inline provider of
  ///   the same kind omits them
  /// @param warnings receives the warnings for the caller
  /// @throws InvalidInputException with all errors; their fields start with `config`
  /// @throws AgentException.SecretRequired if a kept secret would be sent to another destination
  AgentConfig given(
      JsonNode json,
      Optional<UUID> named,
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
            SHORTEST_TIMEOUT,
            members ->
                provider(
                    members,
                    named,
                    provider ->
                        errors.noting(() -> inline(provider, replaced, movedSecrets, warnings))));
    if (!movedSecrets.isEmpty()) {
      throw new AgentException.SecretRequired(movedSecrets);
    }
    config
        .model()
        .capabilities()
        .forEach((capability, options) -> warnOfMisspelt(capability, options, warnings));
    return config;
  }

  /// Parses a stored configuration. Members unknown to this release are ignored.
  ///
  /// @throws InvalidInputException if this release cannot use the configuration
  AgentConfig stored(StoredAgentConfig stored) {
    FieldErrors errors = new FieldErrors();
    return read(
        stored.json(),
        errors,
        new FieldErrors(),
        new Warnings(),
        ConfigObjectReader.SHORTEST,
        members ->
            stored
                .providerId()
                .<ProviderReference>map(ProviderReference.Registered::new)
                .or(() -> stored.inline(kinds).map(ProviderReference.Inline::new))
                .or(() -> {
                  members.fault(PROVIDER, "is required");
                  return Optional.empty();
                }));
  }

  private static Optional<ProviderReference> provider(
      ConfigObjectReader config,
      Optional<UUID> named,
      Function<JsonNode, Optional<ProviderReference>> inline) {
    if (config.has(PROVIDER_ID)) {
      if (config.has(PROVIDER)) {
        config.fault(PROVIDER_ID, "must not be given together with provider");
      }
      return config.uuid(PROVIDER_ID).map(ProviderReference.Registered::new);
    }
    JsonNode provider = config.value(PROVIDER);
    if (provider.isObject()) {
      return inline.apply(provider);
    }
    if (!provider.isString()) {
      config.fault(
          PROVIDER,
          "must be the name of a registered provider, or an object with name, base_url, options;"
              + " alternatively, set provider_id");
    } else if (named.isEmpty()) {
      config.fault(
          PROVIDER,
          "there is no provider named '%s'".formatted(Excerpt.of(provider.stringValue())));
    }
    return named.map(ProviderReference.Registered::new);
  }

  private ProviderReference inline(
      JsonNode json,
      Optional<StoredAgentConfig> replaced,
      List<String> movedSecrets,
      Warnings warnings) {
    Optional<ProviderConfig> old = replaced.flatMap(it -> it.inline(kinds));
    if (old.isEmpty()) {
      return new ProviderReference.Inline(kinds.parse(json, warnings));
    }
    ConfigReplacement replacement = kinds.replace(old.get(), json, warnings);
    movedSecrets.addAll(replacement.movedSecrets());
    return new ProviderReference.Inline(replacement.config());
  }

  /// @param inputErrors receives the errors that apply only to requests, not to stored
  ///   configurations
  /// @param minTimeout the shortest accepted timeout
  /// @param provider reads the provider reference, or records an error
  private static AgentConfig read(
      JsonNode json,
      FieldErrors errors,
      FieldErrors inputErrors,
      Warnings warnings,
      Duration minTimeout,
      Function<ConfigObjectReader, Optional<ProviderReference>> provider) {
    if (!(json instanceof ObjectNode object)) {
      throw new InvalidInputException(ROOT, "must be an object with " + String.join(", ", MEMBERS));
    }
    ConfigObjectReader config = new ConfigObjectReader(ROOT, object, errors, inputErrors, warnings);
    config.allow(MEMBERS);
    Optional<String> name = config.text("name");
    Optional<String> systemPrompt = config.text("system_prompt");
    ClientSettings client = client(config.object("client"), minTimeout);
    Optional<ProviderReference> reference = provider.apply(config);
    ModelSettings model = model(config.object("model"));
    errors.refuse();
    return new AgentConfig(name, systemPrompt.orElse(""), client, reference.orElseThrow(), model);
  }

  private static ClientSettings client(ConfigObjectReader client, Duration minTimeout) {
    client.allow(CLIENT);
    ClientSettings defaults = ClientSettings.STANDARD;
    return new ClientSettings(
        client.duration("timeout", minTimeout, defaults.timeout()),
        retry(client.object("retry")),
        client.integer("connection_pool_size", 1, 1000, defaults.connectionPoolSize()),
        client.duration("connection_timeout", minTimeout, defaults.connectionTimeout()));
  }

  private static Retry retry(ConfigObjectReader retry) {
    retry.allow(RETRY);
    Retry defaults = ClientSettings.STANDARD.retry();
    Optional<Duration> given = retry.duration("initial_backoff");
    Duration max =
        retry
            .duration("max_backoff")
            .orElseGet(() -> longer(defaults.maxBackoff(), given.orElse(Duration.ZERO)));
    if (given.filter(it -> it.compareTo(max) > 0).isPresent()) {
      retry.warn(
          "initial_backoff",
          "is %s, above max_backoff; %s is used"
              .formatted(GoDuration.format(given.get()), GoDuration.format(max)));
    }
    return new Retry(
        isUnset(retry)
            ? defaults.maxRetries()
            : retry.integer("max_retries", 0, 10, defaults.maxRetries()),
        shorter(given.orElse(defaults.initialBackoff()), max),
        max,
        retry.number("backoff_multiplier", 1, 100, defaults.backoffMultiplier()),
        retry.flag("jitter", defaults.jitter()));
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

  private static ModelSettings model(ConfigObjectReader model) {
    model.allow(MODEL);
    String name = model.text("name").orElse("");
    if (name.isBlank()) {
      model.fault("name", "is required: the provider's name of the model, such as llama3.2");
    } else if (name.length() > LONGEST_MODEL_NAME || CONTROL.matcher(name).find()) {
      model.fault(
          "name",
          "must have at most %d characters and no control characters"
              .formatted(LONGEST_MODEL_NAME));
    }
    return new ModelSettings(name, capabilities(model));
  }

  /// Unknown options are sent unchanged, because providers accept more than OpenAI defines.
  private static void warnOfMisspelt(Capability capability, ObjectNode options, Warnings warnings) {
    Set<String> known = new TreeSet<>(OTHER_OPTIONS);
    known.addAll(OpenAiMembers.of(capability.operation()));
    for (String option : options.propertyNames()) {
      Spelling.likely(option, known)
          .ifPresent(suggestion ->
              warnings.add(
                  "%s.model.capabilities.%s.%s".formatted(ROOT, capability, Excerpt.of(option)),
                  "is sent unchanged; did you mean %s?".formatted(suggestion)));
    }
  }

  private static Map<Capability, ObjectNode> capabilities(ConfigObjectReader model) {
    Map<Capability, ObjectNode> capabilities = new EnumMap<>(Capability.class);
    ConfigObjectReader given = model.object("capabilities");
    given.allow(CAPABILITIES);
    for (Capability capability : Capability.values()) {
      given
          .content(capability.toString())
          .ifPresent(options -> {
            given.refuseSecrets(capability.toString(), options);
            capabilities.put(capability, options);
          });
    }
    return capabilities;
  }
}
