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

/// The way from JSON to an agent's configuration.
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

  /// Options of requests that are not OpenAI's but common, so that they are not taken for misspelt
  /// ones.
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

  /// A shorter one could only fail. What an earlier release stored may be shorter.
  private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(100);

  static final int LONGEST_MODEL_NAME = 2_000;

  private final ProviderKinds kinds;

  AgentConfigParser(ProviderKinds kinds) {
    this.kinds = kinds.at(ROOT + "." + PROVIDER);
  }

  /// A caller's JSON.
  ///
  /// @param named the registered provider that `provider` names, if it names one
  /// @param replaced the configuration it takes the place of, whose secrets are kept where an
  ///   inline provider of the same kind leaves them out
  /// @param warnings where to note what the caller should know
  /// @throws InvalidInputException with everything that is wrong with it, below `config`
  /// @throws AgentException.SecretRequired if a kept secret would go to another destination
  AgentConfig given(
      JsonNode json,
      Optional<UUID> named,
      Optional<StoredAgentConfig> replaced,
      Warnings warnings) {
    List<String> movedSecrets = new ArrayList<>();
    FieldErrors faults = new FieldErrors();
    AgentConfig config =
        read(
            json,
            faults,
            faults,
            warnings,
            SHORTEST_TIMEOUT,
            members ->
                provider(
                    members,
                    named,
                    provider ->
                        faults.noting(() -> inline(provider, replaced, movedSecrets, warnings))));
    if (!movedSecrets.isEmpty()) {
      throw new AgentException.SecretRequired(movedSecrets);
    }
    config
        .model()
        .capabilities()
        .forEach((capability, options) -> warnOfMisspelt(capability, options, warnings));
    return config;
  }

  /// What was stored. Members that this release does not know are ignored.
  ///
  /// @throws InvalidInputException if it is no configuration that this release can use
  AgentConfig stored(StoredAgentConfig stored) {
    FieldErrors faults = new FieldErrors();
    return read(
        stored.json(),
        faults,
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
              + " or give provider_id instead");
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

  /// @param unknown where to note what only a caller must not send
  /// @param timeout the shortest
  /// @param provider reads where calls go, or notes why it cannot
  private static AgentConfig read(
      JsonNode json,
      FieldErrors faults,
      FieldErrors unknown,
      Warnings warnings,
      Duration timeout,
      Function<ConfigObjectReader, Optional<ProviderReference>> provider) {
    if (!(json instanceof ObjectNode object)) {
      throw new InvalidInputException(ROOT, "must be an object with " + String.join(", ", MEMBERS));
    }
    ConfigObjectReader config = new ConfigObjectReader(ROOT, object, faults, unknown, warnings);
    config.allow(MEMBERS);
    Optional<String> name = config.text("name");
    Optional<String> systemPrompt = config.text("system_prompt");
    ClientSettings client = client(config.object("client"), timeout);
    Optional<ProviderReference> reference = provider.apply(config);
    ModelSettings model = model(config.object("model"));
    faults.refuse();
    return new AgentConfig(name, systemPrompt.orElse(""), client, reference.orElseThrow(), model);
  }

  private static ClientSettings client(ConfigObjectReader client, Duration least) {
    client.allow(CLIENT);
    ClientSettings standard = ClientSettings.STANDARD;
    return new ClientSettings(
        client.duration("timeout", least, standard.timeout()),
        retry(client.object("retry")),
        client.integer("connection_pool_size", 1, 1000, standard.connectionPoolSize()),
        client.duration("connection_timeout", least, standard.connectionTimeout()));
  }

  private static Retry retry(ConfigObjectReader retry) {
    retry.allow(RETRY);
    Retry standard = ClientSettings.STANDARD.retry();
    Optional<Duration> given = retry.duration("initial_backoff");
    Duration max =
        retry
            .duration("max_backoff")
            .orElseGet(() -> longer(standard.maxBackoff(), given.orElse(Duration.ZERO)));
    if (given.filter(it -> it.compareTo(max) > 0).isPresent()) {
      retry.warn(
          "initial_backoff",
          "is %s, above max_backoff; %s is used"
              .formatted(GoDuration.format(given.get()), GoDuration.format(max)));
    }
    return new Retry(
        isUnset(retry)
            ? standard.maxRetries()
            : retry.integer("max_retries", 0, 10, standard.maxRetries()),
        shorter(given.orElse(standard.initialBackoff()), max),
        max,
        retry.number("backoff_multiplier", 1, 100, standard.backoffMultiplier()),
        retry.flag("jitter", standard.jitter()));
  }

  /// Whether the retry settings are those that a client in Go sends if nobody has set them. Else no
  /// retries are none, and a multiplier of 0 means nothing.
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
      model.fault("name", "is required: the model as the provider knows it, such as llama3.2");
    } else if (name.length() > LONGEST_MODEL_NAME || CONTROL.matcher(name).find()) {
      model.fault(
          "name",
          "must have at most %d characters, none of them a control character"
              .formatted(LONGEST_MODEL_NAME));
    }
    return new ModelSettings(name, capabilities(model));
  }

  /// Options are sent as they are, because providers know more of them than OpenAI.
  private static void warnOfMisspelt(Capability capability, ObjectNode options, Warnings warnings) {
    Set<String> known = new TreeSet<>(OTHER_OPTIONS);
    known.addAll(OpenAiMembers.of(capability.operation()));
    for (String option : options.propertyNames()) {
      Spelling.likely(option, known)
          .ifPresent(likely ->
              warnings.add(
                  "%s.model.capabilities.%s.%s".formatted(ROOT, capability, Excerpt.of(option)),
                  "is sent as it is; did you mean %s?".formatted(likely)));
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
