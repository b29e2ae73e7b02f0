package dev.agentlab.kinds;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.InvalidInputException;
import dev.agentlab.errors.Spelling;
import dev.agentlab.errors.Warnings;
import dev.agentlab.secrets.Secret;
import dev.agentlab.secrets.SecretReference;
import dev.agentlab.secrets.SecretReferenceResolver;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The supported provider kinds. Parses configurations from JSON and builds providers from them.
public final class ProviderKinds {
  private final List<ProviderKind> kinds;
  private final String path;
  private final SecretReferenceResolver references;

  private ProviderKinds(List<ProviderKind> kinds, String path, SecretReferenceResolver references) {
    this.kinds = List.copyOf(kinds);
    this.path = path;
    this.references = references;
  }

  /// All kinds, without a source of referenced secrets.
  public static ProviderKinds standard() {
    return standard(SecretReferenceResolver.none());
  }

  /// All kinds.
  ///
  /// @param references resolves the references to secrets in a configuration
  public static ProviderKinds standard(SecretReferenceResolver references) {
    return new ProviderKinds(
        List.of(
            Ollama.KIND,
            HostedOpenAiApi.OPENAI,
            Azure.KIND,
            AnthropicApi.KIND,
            GoogleGemini.KIND,
            Bedrock.KIND,
            HostedOpenAiApi.MISTRAL,
            HostedOpenAiApi.GROQ,
            HostedOpenAiApi.OPENROUTER,
            OpenAiCompatible.VLLM,
            OpenAiCompatible.OTHER,
            SimulatedProvider.kind()),
        "config",
        references);
  }

  /// The same kinds for configurations at another path of the request than `config`. Errors name
  /// fields below that path.
  ///
  /// @param otherPath such as `config.provider`
  public ProviderKinds withPath(String otherPath) {
    return new ProviderKinds(kinds, otherPath, references);
  }

  /// All kinds, in display order.
  public List<ProviderKind> all() {
    return kinds;
  }

  /// The JSON Schema (draft 2020-12) of a configuration of any kind, both new and replacement. Its
  /// `$defs` contain the configuration of each kind (`OllamaConfig`) and the schema of a secret.
  public ObjectNode inputSchema() {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    ArrayNode choices = schema.putArray("oneOf");
    ObjectNode discriminator = schema.putObject("discriminator").put("propertyName", "name");
    ObjectNode mapping = discriminator.putObject("mapping");
    ObjectNode definitions = schema.putObject("$defs");
    SecretSchema.define(definitions);
    for (ProviderKind kind : kinds) {
      String name = schemaName(kind);
      String reference = "#/$defs/" + name;
      definitions.set(name, ProviderConfigSchema.forRequest(kind, "#/$defs/" + SecretSchema.NAME));
      choices.addObject().put("$ref", reference);
      mapping.put(kind.name(), reference);
    }
    return schema;
  }

  /// `OpenaiCompatibleConfig` for `openai-compatible`.
  private static String schemaName(ProviderKind kind) {
    StringBuilder name = new StringBuilder();
    boolean startsWord = true;
    for (char c : kind.name().toCharArray()) {
      if (c != '-') {
        name.append(startsWord ? Character.toUpperCase(c) : c);
      }
      startsWord = c == '-';
    }
    return name.append("Config").toString();
  }

  /// The kind with exactly this name.
  public Optional<ProviderKind> find(String name) {
    // A loop instead of a stream, as in ProviderKind#option, because this runs for every row read.
    for (ProviderKind kind : kinds) {
      if (kind.name().equals(name)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /// Parses a new configuration that a caller sent. [#build] accepts the result.
  ///
  /// @throws InvalidInputException with all errors, in fields below `config` or the path of
  ///   [#withPath]
  public ProviderConfig parse(JsonNode json) {
    return parse(json, new Warnings());
  }

  /// Parses a new configuration and collects warnings for the caller.
  public ProviderConfig parse(JsonNode json, Warnings warnings) {
    return new ProviderConfigParser(this, path).parse(json, warnings);
  }

  /// Parses a replacement of a stored configuration. If the kind is the same, a secret that is
  /// omitted, or sent in the masked form of [ProviderConfig#toMaskedJson], is kept from the stored
  /// configuration. `null` clears a secret, and text replaces it.
  ///
  /// @throws InvalidInputException with all errors, in fields below `config` or the path of
  ///   [#withPath]
  public ParsedReplacement replace(ProviderConfig stored, JsonNode json) {
    return replace(stored, json, new Warnings());
  }

  /// Parses a replacement and collects warnings for the caller.
  public ParsedReplacement replace(ProviderConfig stored, JsonNode json, Warnings warnings) {
    return new ProviderConfigParser(this, path).parseReplacement(json, stored, warnings);
  }

  /// Reads a stored configuration. Accepts any JSON, such as a configuration of an earlier release,
  /// of an unknown kind or of another shape; [#build] validates it.
  ///
  /// @param json owned by the configuration; must not be modified afterwards
  public ProviderConfig readStored(JsonNode json) {
    return new ProviderConfig(json, find(json.path("name").stringValue("")));
  }

  /// Builds the provider of a configuration. Does no I/O except reading the files of referenced
  /// secrets.
  ///
  /// @throws InvalidInputException with all errors of the configuration, including references that
  ///   cannot be resolved
  public CallableProvider build(ProviderConfig config) {
    return requireKind(config.name()).build(resolveReferences(config), path);
  }

  private ProviderConfig resolveReferences(ProviderConfig config) {
    Map<String, Secret> resolved = new HashMap<>();
    FieldErrors errors = new FieldErrors();
    config
        .secretReferences()
        .forEach((option, reference) -> {
          try {
            resolved.put(option, references.resolve(reference));
          } catch (SecretReferenceResolver.UnresolvedException e) {
            errors.add(path + ".options." + option, String.valueOf(e.getMessage()));
          }
        });
    errors.throwIfAny();
    return config.withOptions(resolved);
  }

  /// The error message for a reference; empty if it is valid.
  Optional<String> validateReference(SecretReference reference) {
    return references.findError(reference);
  }

  /// Builds the provider of a configuration with another API key than the configured one. Does no
  /// I/O.
  ///
  /// @return empty if the provider does not authenticate with a single key
  /// @throws InvalidInputException for the field `token` if the key is not a valid header value
  public Optional<CallableProvider> buildWithKey(ProviderConfig config, Secret key) {
    ProviderKind kind = requireKind(config.name());
    Optional<String> error = OptionChecks.headerValue(key.reveal());
    if (error.isPresent()) {
      throw new InvalidInputException("token", error.get());
    }
    List<Option> credentials = kind.credentials().toList();
    if (credentials.size() != 1 || !(config.stored() instanceof ObjectNode json)) {
      return Optional.empty();
    }
    json.withObjectProperty("options").put(credentials.getFirst().name(), key.reveal());
    return Optional.of(kind.build(new ProviderConfig(json, Optional.of(kind)), path))
        .filter(provider -> provider.credential().isPresent());
  }

  private ProviderKind requireKind(String name) {
    return find(name)
        .orElseThrow(() -> new InvalidInputException(path + ".name", unknownKindMessage(name)));
  }

  /// The error message for an unknown kind, with the list of known kinds.
  String unknownKindMessage(String name) {
    String known =
        Spelling.hint(name, "known kinds", kinds.stream().map(ProviderKind::name).toList());
    return name.isEmpty()
        ? "is required; " + known
        : "no provider kind \"%s\"; %s".formatted(Excerpt.of(name), known);
  }
}
