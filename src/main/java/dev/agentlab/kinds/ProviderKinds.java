package dev.agentlab.kinds;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Spelling;
import dev.agentlab.errors.Warnings;
import dev.agentlab.secrets.Secret;
import dev.agentlab.secrets.SecretReference;
import dev.agentlab.secrets.SecretSources;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The kinds of provider this service knows, and the way from JSON to a configuration of one.
public final class ProviderKinds {
  /// Takes the place of a secret that is not looked at.
  private static final Secret ELSEWHERE = Secret.of("elsewhere");

  private final List<ProviderKind> kinds;
  private final String path;
  private final SecretSources sources;

  private ProviderKinds(List<ProviderKind> kinds, String path, SecretSources sources) {
    this.kinds = List.copyOf(kinds);
    this.path = path;
    this.sources = sources;
  }

  /// Every kind there is, with all secrets in the configurations themselves.
  public static ProviderKinds standard() {
    return standard(SecretSources.none());
  }

  /// Every kind there is.
  ///
  /// @param sources where secrets may be that are not in a configuration
  public static ProviderKinds standard(SecretSources sources) {
    return new ProviderKinds(
        List.of(
            Ollama.KIND,
            HostedApi.OPENAI,
            Azure.KIND,
            AnthropicApi.KIND,
            GoogleGemini.KIND,
            Bedrock.KIND,
            HostedApi.MISTRAL,
            HostedApi.GROQ,
            HostedApi.OPENROUTER,
            OpenAiCompatible.VLLM,
            OpenAiCompatible.ANY,
            SimulatedProvider.kind()),
        "config",
        sources);
  }

  /// The same kinds for configurations that callers send elsewhere than below `config`, as the
  /// fields at fault then say.
  ///
  /// @param elsewhere as in `config.provider`
  public ProviderKinds at(String elsewhere) {
    return new ProviderKinds(kinds, elsewhere, sources);
  }

  /// All kinds, in the order to offer them.
  public List<ProviderKind> all() {
    return kinds;
  }

  /// The JSON Schema (draft 2020-12) of a configuration of any kind, new or a replacement. Its
  /// `$defs` name each kind's configuration (`OllamaConfig`) and what a secret is.
  public ObjectNode inputSchema() {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    ArrayNode choices = schema.putArray("oneOf");
    ObjectNode discriminator = schema.putObject("discriminator").put("propertyName", "name");
    ObjectNode mapping = discriminator.putObject("mapping");
    ObjectNode definitions = schema.putObject("$defs");
    SecretSchema.define(definitions);
    for (ProviderKind kind : kinds) {
      String name = schemaName(kind);
      String address = "#/$defs/" + name;
      definitions.set(name, ProviderConfigSchema.input(kind, "#/$defs/" + SecretSchema.NAME));
      choices.addObject().put("$ref", address);
      mapping.put(kind.name(), address);
    }
    return schema;
  }

  /// `OpenaiCompatibleConfig` for `openai-compatible`.
  private static String schemaName(ProviderKind kind) {
    StringBuilder name = new StringBuilder();
    boolean begins = true;
    for (char c : kind.name().toCharArray()) {
      if (c != '-') {
        name.append(begins ? Character.toUpperCase(c) : c);
      }
      begins = c == '-';
    }
    return name.append("Config").toString();
  }

  /// The kind of exactly that name.
  public Optional<ProviderKind> find(String name) {
    // A loop, as in ProviderKind#option, because every row that is read comes by here.
    for (ProviderKind kind : kinds) {
      if (kind.name().equals(name)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /// A new configuration out of a caller's JSON, which [#build] accepts.
  ///
  /// @throws InvalidInputException with everything that is wrong with it, below `config` or [#at]
  public ProviderConfig parse(JsonNode json) {
    return parse(json, new Warnings());
  }

  /// The same, noting what the caller should know.
  public ProviderConfig parse(JsonNode json, Warnings warnings) {
    return new ProviderConfigParser(this, path).read(json, Optional.empty(), warnings).config();
  }

  /// A caller's JSON that takes the place of a stored configuration. A secret left out, or sent as
  /// [ProviderConfig#answer] shows it, is kept from the stored one if the kind is the same; `null`
  /// clears it, text replaces it.
  ///
  /// @throws InvalidInputException with everything that is wrong with it, below `config` or [#at]
  public ConfigReplacement replace(ProviderConfig stored, JsonNode json) {
    return replace(stored, json, new Warnings());
  }

  /// The same, noting what the caller should know.
  public ConfigReplacement replace(ProviderConfig stored, JsonNode json, Warnings warnings) {
    return new ProviderConfigParser(this, path).read(json, Optional.of(stored), warnings);
  }

  /// A configuration as it was stored. Anything is taken: what an earlier release stored, another
  /// kind, another shape; [#build] says whether it can be used.
  ///
  /// @param json not changed after this: it becomes the configuration's own
  public ProviderConfig stored(JsonNode json) {
    return new ProviderConfig(json, find(json.path("name").stringValue("")));
  }

  /// The provider a configuration describes. Does no I/O but for reading the files that secrets are
  /// in.
  ///
  /// @throws InvalidInputException with everything that is wrong with the configuration, secrets
  ///   that are not where they should be included
  public LlmProvider build(ProviderConfig config) {
    return known(config.name()).build(resolved(config), path);
  }

  private ProviderConfig resolved(ProviderConfig config) {
    Map<String, Secret> found = new HashMap<>();
    FieldErrors faults = new FieldErrors();
    config
        .references()
        .forEach((option, reference) -> {
          try {
            found.put(option, sources.resolve(reference));
          } catch (SecretSources.UnresolvedException e) {
            faults.add(path + ".options." + option, String.valueOf(e.getMessage()));
          }
        });
    faults.refuse();
    return config.with(found);
  }

  /// What is wrong with a reference; empty if nothing.
  Optional<String> fault(SecretReference reference) {
    return sources.fault(reference);
  }

  /// The provider a configuration describes as far as can be said without the secrets that are
  /// elsewhere. It is not to be called.
  ///
  /// @throws InvalidInputException with everything that is wrong with the configuration
  LlmProvider outline(ProviderConfig config) {
    return known(config.name()).build(outlined(config), path);
  }

  private static ProviderConfig outlined(ProviderConfig config) {
    return config.with(
        config.references().keySet().stream().collect(Collectors.toMap(it -> it, _ -> ELSEWHERE)));
  }

  /// The provider a configuration describes, called with another key than the one it holds. Does no
  /// I/O.
  ///
  /// @return empty if the provider is not called with a single key
  /// @throws InvalidInputException naming `token` if that can be no key
  public Optional<LlmProvider> buildWith(ProviderConfig config, Secret key) {
    ProviderKind kind = known(config.name());
    Optional<String> fault = OptionChecks.headerValue(key.reveal());
    if (fault.isPresent()) {
      throw new InvalidInputException("token", fault.get());
    }
    List<Option> secrets = kind.secrets().toList();
    if (secrets.size() != 1 || !(config.stored() instanceof ObjectNode json)) {
      return Optional.empty();
    }
    json.withObjectProperty("options").put(secrets.getFirst().name(), key.reveal());
    return Optional.of(kind.build(new ProviderConfig(json, Optional.of(kind)), path))
        .filter(provider -> provider.credential().isPresent());
  }

  private ProviderKind known(String name) {
    return find(name).orElseThrow(() -> new InvalidInputException(path + ".name", unknown(name)));
  }

  /// Says that there is no such kind, and which there are.
  String unknown(String name) {
    String known =
        Spelling.hint(name, "known kinds", kinds.stream().map(ProviderKind::name).toList());
    return name.isEmpty()
        ? "is required; " + known
        : "no provider kind \"%s\"; %s".formatted(Excerpt.of(name), known);
  }
}
