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
import tools.jackson.databind.node.ObjectNode;

/// What the flags of a command say about a provider.
final class ProviderFlags {
  private static final String EXAMPLE =
      """
      {"name": "local", "config": {"name": "ollama", "base_url": "http://localhost:11434"}}\
      """;

  @Option(names = "--kind", paramLabel = "KIND", description = "See `agent-lab provider kinds`.")
  private Optional<String> kind = Optional.empty();

  @Option(names = "--base-url", paramLabel = "URL", description = "Where the provider is.")
  private Optional<String> baseUrl = Optional.empty();

  @Option(
      names = "--option",
      paramLabel = "KEY=VALUE",
      description = "An option of the kind that is no secret; may be repeated.")
  private Map<String, String> options = new LinkedHashMap<>();

  @Option(
      names = "--secret-env",
      paramLabel = "KEY=NAME",
      description = "A secret option, from an environment variable.")
  private Map<String, String> secretEnv = new LinkedHashMap<>();

  @Option(
      names = "--secret-file",
      paramLabel = "KEY=PATH",
      description = "A secret option, from a file.")
  private Map<String, Path> secretFile = new LinkedHashMap<>();

  @Option(
      names = "--secret-stdin",
      paramLabel = "KEY",
      description = "A secret option, from the first line of the input, unseen on a terminal.")
  private Optional<String> secretStdin = Optional.empty();

  @Option(
      names = "--secret-ref",
      paramLabel = "KEY=env:NAME|file:PATH",
      description = "A secret option that stays where it is: at the service, never stored.")
  private Map<String, String> secretRef = new LinkedHashMap<>();

  @Option(
      names = "--file",
      paramLabel = "PATH",
      description =
          "A JSON file with a `name` and a `config`, or - for the input. Other flags override it.")
  private Optional<String> file = Optional.empty();

  boolean isEmpty() {
    return kind.isEmpty()
        && baseUrl.isEmpty()
        && options.isEmpty()
        && secretEnv.isEmpty()
        && secretFile.isEmpty()
        && secretStdin.isEmpty()
        && secretRef.isEmpty()
        && file.isEmpty();
  }

  /// The provider in the file named by a flag, if there is one.
  ///
  /// @throws Failure if it cannot be read or is no provider
  Optional<JsonNode> file(LaunchContext surroundings) {
    if (file.filter("-"::equals).isPresent() && secretStdin.isPresent()) {
      throw new CommandFailure(
          ExitCode.USAGE, "--file - and --secret-stdin cannot both read the input; choose one");
    }
    return file.map(name -> InputFile.thing(name, surroundings, "a provider", EXAMPLE));
  }

  /// The kind that the flags or the configuration name; empty if neither does.
  ///
  /// @throws Failure if there is no such kind
  Optional<KindDescription> kind(JsonNode config, List<KindDescription> kinds) {
    return kind.or(() -> Optional.of(config.path("name").asString("")))
        .filter(name -> !name.isEmpty())
        .map(name -> known(name, kinds));
  }

  static KindDescription known(String name, List<KindDescription> kinds) {
    return kinds.stream()
        .filter(known -> known.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new CommandFailure(
                ExitCode.USAGE,
                "\"%s\" is not a kind of provider; %s"
                    .formatted(
                        name,
                        Spelling.hint(
                            name,
                            "the kinds",
                            kinds.stream().map(KindDescription::name).toList()))));
  }

  /// The configuration with what the flags say put over it. Secrets that the service has hidden are
  /// left out, which keeps them as they are.
  ///
  /// @param missing what the configuration still lacks, each with the flag that gives it
  /// @throws Failure if a secret is given as an argument or cannot be read, or is none of the kind;
  ///   it says what else is missing
  ObjectNode over(
      JsonNode config,
      KindDescription kind,
      LaunchContext surroundings,
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
    MaskedSecrets.leaveOut(target);
    options.forEach((key, value) -> target.set(key, plain(key, value, kind)));
    secretRef.forEach((key, place) -> target.set(key, reference(key, place)));
    List<String> faults = new ArrayList<>();
    secretFlags()
        .forEach((flag, keys) ->
            keys.forEach(key -> notASecret(flag, key, kind).ifPresent(faults::add)));
    secrets(surroundings, faults).forEach(target::put);
    if (faults.isEmpty()) {
      secretStdin.ifPresent(
          key -> target.put(key, given(typed(key, surroundings.terminal()), "the input", faults)));
    }
    if (!faults.isEmpty()) {
      throw refused(faults, missing.apply(result));
    }
    return result;
  }

  private static CommandFailure refused(List<String> faults, List<String> missing) {
    List<String> lines = new ArrayList<>(faults);
    if (!missing.isEmpty()) {
      lines.add(Terminal.missing(missing));
    }
    return new CommandFailure(ExitCode.USAGE, String.join("\n", lines));
  }

  /// The options that each flag gives a secret for.
  private Map<String, Collection<String>> secretFlags() {
    Map<String, Collection<String>> flags = new LinkedHashMap<>();
    flags.put("--secret-env", secretEnv.keySet());
    flags.put("--secret-file", secretFile.keySet());
    flags.put("--secret-stdin", secretStdin.stream().toList());
    flags.put("--secret-ref", secretRef.keySet());
    return flags;
  }

  /// Why an option is not to be given as a secret; empty if it is.
  private static Optional<String> notASecret(String flag, String key, KindDescription kind) {
    if (kind.isSecret(key)) {
      return Optional.empty();
    }
    if (kind.option(key).isPresent()) {
      return Optional.of(
          "%1$s %2$s: %2$s is not a secret; use --option %2$s=VALUE".formatted(flag, key));
    }
    List<String> secrets = kind.secrets();
    String none =
        "%1$s %2$s: the kind %3$s has no secret option %2$s".formatted(flag, key, kind.name());
    return Optional.of(
        secrets.isEmpty()
            ? none + ", nor any other"
            : "%s; did you mean %s? Its secret options: %s"
                .formatted(none, Spelling.nearest(key, secrets), String.join(", ", secrets)));
  }

  private static JsonNode reference(String key, String place) {
    String[] parts = place.split(":", 2);
    if (parts.length < 2 || !(parts[0].equals("env") || parts[0].equals("file"))) {
      // The text may be the secret itself.
      throw new CommandFailure(
          ExitCode.USAGE,
          "--secret-ref says where a secret is: %1$s=env:NAME or %1$s=file:PATH".formatted(key));
    }
    return Json.MAPPER.createObjectNode().put(parts[0], parts[1]);
  }

  private static JsonNode plain(String key, String value, KindDescription kind) {
    if (kind.isSecret(key)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "%s is a secret, and arguments are visible to others; use %s".formatted(key, ways(key)));
    }
    return value(value, kind.option(key).map(Field::type).orElse("string"));
  }

  /// The flags that can give a secret.
  static String ways(String key) {
    return "--secret-env %1$s=NAME, --secret-file %1$s=PATH, --secret-stdin %1$s or --secret-ref %1$s=…"
        .formatted(key);
  }

  /// Text as a JSON value of a type, as text where it is none: the service says what is wrong.
  static JsonNode value(String text, String type) {
    JsonNode asText = Json.MAPPER.getNodeFactory().stringNode(text);
    if (type.equals("string")) {
      return asText;
    }
    try {
      return Json.MAPPER.readTree(text);
    } catch (JacksonException _) {
      return asText;
    }
  }

  /// The secrets that the environment and files hold, empty text for one that is not there.
  private Map<String, String> secrets(LaunchContext surroundings, List<String> faults) {
    Map<String, String> secrets = new LinkedHashMap<>();
    secretEnv.forEach((key, name) ->
        secrets.put(
            key,
            given(
                surroundings.environment().getOrDefault(name, ""),
                "the environment variable " + name,
                faults)));
    secretFile.forEach(
        (key, path) -> secrets.put(key, fromFile(path, surroundings.directory(), faults)));
    return secrets;
  }

  private static String fromFile(Path path, Path directory, List<String> faults) {
    try {
      String text = new InputFile(directory.resolve(path)).text().stripTrailing();
      return given(text, path.toString(), faults);
    } catch (CommandFailure e) {
      faults.add(e.message());
      return "";
    }
  }

  private static String typed(String key, Terminal terminal) {
    return terminal
        .keyboard()
        .map(keyboard -> keyboard.secret(key + ": "))
        .orElseGet(terminal::readLine)
        .orElse("");
  }

  private static String given(String secret, String source, List<String> faults) {
    if (secret.isEmpty()) {
      faults.add(source + " holds no secret: it is not set or empty");
    }
    return secret;
  }
}
