package dev.agentlab.cli;

import dev.agentlab.json.Json;
import dev.agentlab.llm.Capability;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What the flags of a command say about an agent.
final class AgentInput {
  private static final String EXAMPLE =
      """
      {"name": "helper", "config": {"provider": "local", "model": {"name": "llama3.2"}}}\
      """;

  /// The names of all capabilities, for the help and for shells.
  static final class Capabilities extends ArrayList<String> {
    Capabilities() {
      super(Arrays.stream(Capability.values()).map(Capability::toString).toList());
    }
  }

  /// A capability by its name.
  static final class CapabilityName implements ITypeConverter<Capability> {
    @Override
    public Capability convert(String name) {
      return Arrays.stream(Capability.values())
          .filter(capability -> capability.toString().equals(name))
          .findFirst()
          .orElseThrow(() ->
              new TypeConversionException(
                  "\"%s\" is not one of %s"
                      .formatted(name, String.join(", ", new Capabilities()))));
    }
  }

  @Option(
      names = "--provider",
      paramLabel = "PROVIDER",
      description = "The name or id of a registered provider.")
  private Optional<String> provider = Optional.empty();

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "The model; see `agent-lab provider models`.")
  private Optional<String> model = Optional.empty();

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "What the model is told before every conversation.")
  private Optional<String> system = Optional.empty();

  @Option(names = "--system-file", paramLabel = "PATH", description = "The same, from a file.")
  private Optional<String> systemFile = Optional.empty();

  @Option(
      names = "--capability",
      paramLabel = "NAME",
      split = ",",
      converter = CapabilityName.class,
      completionCandidates = Capabilities.class,
      description =
          "What the model is used for, chat if nothing is said: ${COMPLETION-CANDIDATES}; commas"
              + " between several.")
  private List<Capability> capabilities = new ArrayList<>();

  @Option(
      names = "--option",
      paramLabel = "CAPABILITY.KEY=VALUE",
      description = "An option of requests, such as chat.temperature=0.7; may be repeated.")
  private Map<String, String> options = new LinkedHashMap<>();

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "How long a call may take, such as 2m.")
  private Optional<String> timeout = Optional.empty();

  @Option(
      names = "--client",
      paramLabel = "KEY=VALUE",
      description = "A setting of its calls, such as retry.max_retries=5; may be repeated.")
  private Map<String, String> client = new LinkedHashMap<>();

  @Option(
      names = "--file",
      paramLabel = "PATH",
      description =
          "A JSON file with a `name` and a `config`, or - for the input. Other flags override it.")
  private Optional<String> file = Optional.empty();

  boolean isEmpty() {
    return provider.isEmpty()
        && model.isEmpty()
        && system.isEmpty()
        && systemFile.isEmpty()
        && capabilities.isEmpty()
        && options.isEmpty()
        && timeout.isEmpty()
        && client.isEmpty()
        && file.isEmpty();
  }

  /// The agent in the file named by a flag, if there is one.
  ///
  /// @throws Failure if it cannot be read or is no agent
  Optional<JsonNode> file(Surroundings surroundings) {
    return file.map(name -> InputFile.thing(name, surroundings, "an agent", EXAMPLE));
  }

  /// The configuration with what the flags say put over it. Secrets that the service has hidden are
  /// left out, which keeps them as they are.
  ///
  /// @param providers where the provider is looked up that a flag names
  /// @throws Failure if there is no such provider, or a flag cannot be understood
  ObjectNode over(JsonNode config, Registry providers, Surroundings surroundings) {
    ObjectNode result = Json.MAPPER.createObjectNode();
    if (config.isObject()) {
      result.setAll((ObjectNode) config.deepCopy());
    }
    if (result.path("provider").path("options") instanceof ObjectNode own) {
      Masked.leaveOut(own);
    }
    provider.map(providers::idOf).ifPresent(id -> follow(result, id));
    model.ifPresent(name -> object(result, "model").put("name", name));
    system(surroundings).ifPresent(text -> result.put("system_prompt", text));
    if (!capabilities.isEmpty()) {
      use(result, EnumSet.copyOf(capabilities));
    }
    options.forEach((key, value) -> option(result, key, value));
    timeout.ifPresent(time -> object(result, "client").put("timeout", time));
    client.forEach((key, value) -> put(object(result, "client"), key, value));
    return result;
  }

  /// Has an agent follow a registered provider.
  static void follow(ObjectNode config, String providerId) {
    config.remove("provider");
    config.put("provider_id", providerId);
  }

  /// Has an agent's model used for these and nothing else; what stays keeps its options.
  static void use(ObjectNode config, Set<Capability> wanted) {
    ObjectNode model = object(config, "model");
    JsonNode before = model.path("capabilities");
    ObjectNode after = model.putObject("capabilities");
    for (Capability capability : wanted) {
      String name = capability.toString();
      after.set(name, before.path(name).isObject() ? before.path(name) : after.objectNode());
    }
  }

  private Optional<String> system(Surroundings surroundings) {
    if (system.isPresent() && systemFile.isPresent()) {
      throw new Failure(ExitCode.USAGE, "give --system or --system-file, not both");
    }
    return system.or(() -> systemFile.map(name -> InputFile.of(name, surroundings).text()));
  }

  private static void option(ObjectNode config, String key, String value) {
    if (!object(config, "model").has("capabilities")) {
      use(config, Set.of(Capability.CHAT));
    }
    ObjectNode used = object(object(config, "model"), "capabilities");
    String[] parts = capabilityAndKey(key);
    object(used, parts[0]).set(parts[1], value(value));
  }

  /// The two parts of `chat.temperature`.
  ///
  /// @throws Failure if it does not begin with a capability
  static String[] capabilityAndKey(String option) {
    String[] parts = option.split("\\.", 2);
    List<String> known = new Capabilities();
    if (parts.length < 2 || parts[1].isEmpty() || !known.contains(parts[0])) {
      throw new Failure(
          ExitCode.USAGE,
          "\"%s\" does not say which option of what: begin with %s, as in chat.temperature"
              .formatted(
                  option,
                  known.stream().map(name -> name + ".").collect(Collectors.joining(", "))));
    }
    return parts;
  }

  /// Sets a member, possibly of an object within.
  private static void put(ObjectNode object, String path, String value) {
    int dot = path.indexOf('.');
    if (dot < 0) {
      object.set(path, value(value));
    } else {
      put(object(object, path.substring(0, dot)), path.substring(dot + 1), value);
    }
  }

  /// Text as the JSON it is, else as text.
  static JsonNode value(String text) {
    return ProviderInput.value(text, "any");
  }

  /// The object that is a member, made if it is none.
  static ObjectNode object(ObjectNode of, String member) {
    return of.path(member) instanceof ObjectNode object ? object : of.putObject(member);
  }
}
