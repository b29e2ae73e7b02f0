package dev.agentlab.cli;

import dev.agentlab.json.Json;
import dev.agentlab.net.Uuids;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The command-line options that describe an agent.
final class AgentFlags {
  private static final String EXAMPLE =
      """
      {"name": "helper", "config": {"provider": "local", "model": {"name": "llama3.2"}}}\
      """;

  private static final List<String> CAPABILITIES = List.of("chat", "vision", "tools", "embeddings");

  /// The members that refer to what an agent calls.
  private static final List<String> REFERENCES =
      List.of("provider", "provider_id", "route", "route_id");

  @Option(
      names = "--provider",
      paramLabel = "PROVIDER",
      description = "The name or id of a registered provider.")
  private Optional<String> provider = Optional.empty();

  @Option(
      names = "--route",
      paramLabel = "ROUTE",
      description =
          "The name or id of a route, in the place of a provider and a model; it decides which"
              + " models are called.")
  private Optional<String> route = Optional.empty();

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "The name of the model; `agent-lab provider models` lists them.")
  private Optional<String> model = Optional.empty();

  @Option(names = "--system", paramLabel = "TEXT", description = "The system prompt.")
  private Optional<String> system = Optional.empty();

  @Option(
      names = "--system-file",
      paramLabel = "PATH",
      description = "A file that contains the system prompt.")
  private Optional<String> systemFile = Optional.empty();

  @Option(
      names = "--option",
      paramLabel = "CAPABILITY.KEY=VALUE",
      description = "A default request option, such as chat.temperature=0.7; may be repeated.")
  private Map<String, String> options = new LinkedHashMap<>();

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "The timeout of a model call, such as 2m.")
  private Optional<String> timeout = Optional.empty();

  @Option(
      names = "--client",
      paramLabel = "KEY=VALUE",
      description = "A setting of model calls, such as retry.max_retries=5; may be repeated.")
  private Map<String, String> client = new LinkedHashMap<>();

  @Option(
      names = "--file",
      paramLabel = "PATH",
      description =
          "A JSON file with `name` and `config`, or - for standard input. Other flags override it.")
  private Optional<String> file = Optional.empty();

  boolean isEmpty() {
    return provider.isEmpty()
        && route.isEmpty()
        && model.isEmpty()
        && system.isEmpty()
        && systemFile.isEmpty()
        && options.isEmpty()
        && timeout.isEmpty()
        && client.isEmpty()
        && file.isEmpty();
  }

  /// The agent in the file that `--file` names; empty without that option.
  ///
  /// @throws CommandFailure if the file cannot be read or does not contain an agent
  Optional<JsonNode> file(LaunchContext launchContext) {
    return file.map(name -> InputFile.readResource(name, launchContext, "an agent", EXAMPLE));
  }

  /// A copy of the configuration with the values of the options. Masked secrets are omitted, which
  /// leaves them unchanged in the service.
  ///
  /// @param providers resolves the name or id in `--provider`
  /// @throws CommandFailure if there is no such provider, or an option is not valid
  ObjectNode applyTo(JsonNode config, ResourceClient providers, LaunchContext launchContext) {
    ObjectNode result = Json.MAPPER.createObjectNode();
    if (config.isObject()) {
      result.setAll((ObjectNode) config.deepCopy());
    }
    if (result.path("provider").path("options") instanceof ObjectNode own) {
      MaskedSecrets.removeFrom(own);
    }
    if (route.isPresent() && (provider.isPresent() || model.isPresent())) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--route and %s are mutually exclusive: a route has providers and models of its own"
              .formatted(provider.isPresent() ? "--provider" : "--model"));
    }
    provider.map(providers::idOf).ifPresent(id -> setProviderId(result, id));
    route.ifPresent(nameOrId -> setRoute(result, nameOrId));
    model.ifPresent(name -> getOrCreateObject(result, "model").put("name", name));
    system(launchContext).ifPresent(text -> result.put("system_prompt", text));
    options.forEach((key, value) -> setOption(result, key, value));
    timeout.ifPresent(time -> getOrCreateObject(result, "client").put("timeout", time));
    client.forEach((key, value) -> setPath(getOrCreateObject(result, "client"), key, value));
    return result;
  }

  /// Makes an agent use a registered provider.
  static void setProviderId(ObjectNode config, String providerId) {
    config.remove(REFERENCES);
    config.put("provider_id", providerId);
  }

  /// Makes an agent use a route, which has models of its own.
  private static void setRoute(ObjectNode config, String nameOrId) {
    config.remove(REFERENCES);
    config.put(Uuids.parse(nameOrId).isPresent() ? "route_id" : "route", nameOrId);
    if (config.path("model") instanceof ObjectNode settings) {
      settings.remove("name");
    }
  }

  /// Whether a configuration has a route in the place of a provider.
  static boolean hasRoute(JsonNode config) {
    return config.has("route") || config.has("route_id");
  }

  private Optional<String> system(LaunchContext launchContext) {
    if (system.isPresent() && systemFile.isPresent()) {
      throw new CommandFailure(ExitCode.USAGE, "--system and --system-file are mutually exclusive");
    }
    return system.or(() -> systemFile.map(name -> InputFile.of(name, launchContext).readText()));
  }

  private static void setOption(ObjectNode config, String key, String value) {
    String[] parts = splitOption(key);
    getOrCreateObject(
            getOrCreateObject(getOrCreateObject(config, "model"), "capabilities"), parts[0])
        .set(parts[1], parseValue(value));
  }

  /// Splits an option such as `chat.temperature` into capability and key.
  ///
  /// @throws CommandFailure if it does not begin with a capability
  static String[] splitOption(String option) {
    String[] parts = option.split("\\.", 2);
    if (parts.length < 2 || parts[1].isEmpty() || !CAPABILITIES.contains(parts[0])) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "\"%s\" must begin with one of %s, as in chat.temperature"
              .formatted(
                  option,
                  CAPABILITIES.stream().map(name -> name + ".").collect(Collectors.joining(", "))));
    }
    return parts;
  }

  /// Sets the member at a path of names separated by dots.
  private static void setPath(ObjectNode object, String path, String value) {
    int dot = path.indexOf('.');
    if (dot < 0) {
      object.set(path, parseValue(value));
    } else {
      setPath(getOrCreateObject(object, path.substring(0, dot)), path.substring(dot + 1), value);
    }
  }

  /// Parses text as JSON; text that is not JSON becomes a string.
  static JsonNode parseValue(String text) {
    return ProviderFlags.parseValue(text, "any");
  }

  /// The object in a member, which is created if the member is not an object.
  static ObjectNode getOrCreateObject(ObjectNode of, String member) {
    return of.path(member) instanceof ObjectNode object ? object : of.putObject(member);
  }
}
