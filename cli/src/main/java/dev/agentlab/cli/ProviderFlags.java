package dev.agentlab.cli;

import dev.agentlab.cli.KindDescription.Field;
import dev.agentlab.errors.Spelling;
import dev.agentlab.json.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The flags that describe a provider.
final class ProviderFlags {
  private static final String EXAMPLE =
      """
      {"name": "local", "config": {"name": "ollama", "base_url": "http://localhost:11434"}}\
      """;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "The provider kind; see `agent-lab provider kinds`.")
  private Optional<String> kind = Optional.empty();

  @Option(names = "--base-url", paramLabel = "URL", description = "The base URL of the provider.")
  private Optional<String> baseUrl = Optional.empty();

  @Option(
      names = "--option",
      paramLabel = "KEY=VALUE",
      description = "An option of the kind that is not a secret; repeatable.")
  private Map<String, String> options = new LinkedHashMap<>();

  @Option(
      names = "--models",
      paramLabel = "MODEL",
      split = ",",
      description =
          "The models that the gateway offers, separated by commas or repeated: names, or patterns"
              + " with *.")
  private List<String> models = new ArrayList<>();

  @Option(
      names = "--priority",
      paramLabel = "NUMBER",
      description = "Which provider answers for a model that several have: the highest.")
  private Optional<Integer> priority = Optional.empty();

  @Option(
      names = "--secret-env",
      paramLabel = "KEY=NAME",
      description = "A secret option, read from an environment variable.")
  private Map<String, String> secretEnv = new LinkedHashMap<>();

  @Option(
      names = "--secret-file",
      paramLabel = "KEY=PATH",
      description = "A secret option, read from a file.")
  private Map<String, Path> secretFile = new LinkedHashMap<>();

  @Option(
      names = "--secret-stdin",
      paramLabel = "KEY",
      description =
          "A secret option, read from the first line of standard input; hidden on a terminal.")
  private Optional<String> secretStdin = Optional.empty();

  @Option(
      names = "--secret-ref",
      paramLabel = "KEY=env:NAME|file:PATH",
      description =
          "A secret option that the service reads from its environment or a file, never stored.")
  private Map<String, String> secretRef = new LinkedHashMap<>();

  @Option(
      names = "--file",
      paramLabel = "PATH",
      description =
          "A JSON file with a `name` and a `config`; - for standard input. Other flags override it.")
  private Optional<String> file = Optional.empty();

  boolean isEmpty() {
    return kind.isEmpty()
        && baseUrl.isEmpty()
        && options.isEmpty()
        && models.isEmpty()
        && priority.isEmpty()
        && secretEnv.isEmpty()
        && secretFile.isEmpty()
        && secretStdin.isEmpty()
        && secretRef.isEmpty()
        && file.isEmpty();
  }

  /// Reads the provider from the file given by `--file`. Empty without the flag.
  ///
  /// @throws CommandFailure if the file cannot be read or does not contain a provider
  Optional<JsonNode> file(LaunchContext context) {
    if (file.filter("-"::equals).isPresent() && secretStdin.isPresent()) {
      throw new CommandFailure(
          ExitCode.USAGE, "--file - and --secret-stdin cannot both read standard input");
    }
    return file.map(name -> InputFile.readResource(name, context, "a provider", EXAMPLE));
  }

  /// The kind given by the flags or else the configuration. Empty if neither contains a kind.
  ///
  /// @throws CommandFailure if the kind is unknown
  Optional<KindDescription> kind(JsonNode config, List<KindDescription> kinds) {
    return kind.or(() -> Optional.of(config.path("name").asString("")))
        .filter(name -> !name.isEmpty())
        .map(name -> requireKind(name, kinds));
  }

  static KindDescription requireKind(String name, List<KindDescription> kinds) {
    return kinds.stream()
        .filter(known -> known.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new CommandFailure(
                ExitCode.USAGE,
                "unknown provider kind \"%s\"; %s"
                    .formatted(
                        name,
                        Spelling.hint(
                            name,
                            "known kinds",
                            kinds.stream().map(KindDescription::name).toList()))));
  }

  /// Applies the flags to a copy of the configuration. Masked secrets are removed, which keeps
  /// their stored values.
  ///
  /// @param missing returns the missing fields of the configuration, each with its flag
  /// @throws CommandFailure if a secret is given as an argument, cannot be read or is not a secret
  ///   option of the kind; its message lists the missing fields too
  ObjectNode applyTo(
      JsonNode config,
      KindDescription kind,
      LaunchContext context,
      Function<ObjectNode, List<String>> missing) {
    ObjectNode result = Json.MAPPER.createObjectNode();
    if (config.path("name").asString(kind.name()).equals(kind.name()) && config.isObject()) {
      result.setAll((ObjectNode) config.deepCopy());
    }
    result.put("name", kind.name());
    baseUrl.ifPresent(url -> result.put("base_url", url));
    ObjectNode target =
        result.path("options").isObject()
            ? (ObjectNode) result.path("options")
            : result.putObject("options");
    MaskedSecrets.removeFrom(target);
    options.forEach((key, value) -> target.set(key, parseOption(key, value, kind)));
    if (!models.isEmpty()) {
      target.set("models", toArray(models));
    }
    priority.ifPresent(number -> target.put("priority", number));
    secretRef.forEach((key, place) -> target.set(key, parseReference(key, place)));
    List<String> errors = new ArrayList<>();
    secretFlags()
        .forEach((flag, keys) ->
            keys.forEach(key -> validateSecretOption(flag, key, kind).ifPresent(errors::add)));
    readSecrets(context, errors).forEach(target::put);
    if (errors.isEmpty()) {
      secretStdin.ifPresent(key ->
          target.put(
              key,
              requireSecret(
                  readSecretFromInput(key, context.terminal()), "standard input", errors)));
    }
    if (!errors.isEmpty()) {
      throw invalidSecrets(errors, missing.apply(result));
    }
    return result;
  }

  private static CommandFailure invalidSecrets(List<String> errors, List<String> missing) {
    List<String> lines = new ArrayList<>(errors);
    if (!missing.isEmpty()) {
      lines.add(Terminal.formatMissing(missing));
    }
    return new CommandFailure(ExitCode.USAGE, String.join("\n", lines));
  }

  /// The secret options set by each flag.
  private Map<String, Collection<String>> secretFlags() {
    Map<String, Collection<String>> flags = new LinkedHashMap<>();
    flags.put("--secret-env", secretEnv.keySet());
    flags.put("--secret-file", secretFile.keySet());
    flags.put("--secret-stdin", secretStdin.stream().toList());
    flags.put("--secret-ref", secretRef.keySet());
    return flags;
  }

  /// The error for an option that is not a secret option of the kind. Empty if it is one.
  private static Optional<String> validateSecretOption(
      String flag, String key, KindDescription kind) {
    if (kind.isSecret(key)) {
      return Optional.empty();
    }
    if (kind.option(key).isPresent()) {
      return Optional.of(
          "%1$s %2$s: %2$s is not a secret; use --option %2$s=VALUE".formatted(flag, key));
    }
    List<String> secrets = kind.secretOptions();
    String none =
        "%1$s %2$s: the kind %3$s has no secret option %2$s".formatted(flag, key, kind.name());
    return Optional.of(
        secrets.isEmpty()
            ? none + "; it has no secret options"
            : "%s; did you mean %s? Its secret options: %s"
                .formatted(none, Spelling.nearest(key, secrets), String.join(", ", secrets)));
  }

  private static JsonNode parseReference(String key, String place) {
    String[] parts = place.split(":", 2);
    if (parts.length < 2 || !(parts[0].equals("env") || parts[0].equals("file"))) {
      // The text is not repeated, because it may be the secret itself.
      throw new CommandFailure(
          ExitCode.USAGE, "--secret-ref: must be %1$s=env:NAME or %1$s=file:PATH".formatted(key));
    }
    return Json.MAPPER.createObjectNode().put(parts[0], parts[1]);
  }

  private static JsonNode parseOption(String key, String value, KindDescription kind) {
    if (kind.isSecret(key)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "%s is a secret, and arguments are visible to other users; use %s"
              .formatted(key, secretFlagsFor(key)));
    }
    return parseValue(value, kind.option(key).map(Field::type).orElse("string"));
  }

  /// The flags that set a secret option.
  static String secretFlagsFor(String key) {
    return "--secret-env %1$s=NAME, --secret-file %1$s=PATH, --secret-stdin %1$s or --secret-ref %1$s=…"
        .formatted(key);
  }

  /// Parses text as a JSON value of a type. Invalid text stays a string, which the service rejects.
  /// An array is JSON, or its elements separated by commas.
  static JsonNode parseValue(String text, String type) {
    JsonNode asText = Json.MAPPER.getNodeFactory().stringNode(text);
    if (type.equals("string")) {
      return asText;
    }
    if (type.equals("array") && !text.strip().startsWith("[")) {
      return toArray(List.of(text.split(",", -1)));
    }
    try {
      return Json.MAPPER.readTree(text);
    } catch (JacksonException _) {
      return asText;
    }
  }

  private static ArrayNode toArray(List<String> elements) {
    ArrayNode array = Json.MAPPER.createArrayNode();
    elements.stream().map(String::strip).filter(it -> !it.isEmpty()).forEach(array::add);
    return array;
  }

  /// Reads the secrets from the environment and from files; a missing secret is an empty text.
  private Map<String, String> readSecrets(LaunchContext context, List<String> errors) {
    Map<String, String> secrets = new LinkedHashMap<>();
    secretEnv.forEach((key, name) ->
        secrets.put(
            key,
            requireSecret(
                context.environment().getOrDefault(name, ""),
                "the environment variable " + name,
                errors)));
    secretFile.forEach(
        (key, path) -> secrets.put(key, readSecretFile(path, context.directory(), errors)));
    return secrets;
  }

  private static String readSecretFile(Path path, Path directory, List<String> errors) {
    try {
      String text = new InputFile(directory.resolve(path)).readText().stripTrailing();
      return requireSecret(text, path.toString(), errors);
    } catch (CommandFailure e) {
      errors.add(e.message());
      return "";
    }
  }

  private static String readSecretFromInput(String key, Terminal terminal) {
    return terminal
        .keyboard()
        .map(keyboard -> keyboard.readSecret(key + ": "))
        .orElseGet(terminal::readLine)
        .orElse("");
  }

  private static String requireSecret(String secret, String source, List<String> errors) {
    if (secret.isEmpty()) {
      errors.add(source + " contains no secret: it is unset or empty");
    }
    return secret;
  }
}
