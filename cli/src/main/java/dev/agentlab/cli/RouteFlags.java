package dev.agentlab.cli;

import dev.agentlab.json.Json;
import dev.agentlab.net.PercentEncoding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The command-line options that describe a route.
final class RouteFlags {
  private static final String EXAMPLE =
      """
      {"name": "smart", "config": {"targets": [{"provider": "openai", "model": "gpt-5"}]}}\
      """;

  private static final List<String> NUMBERS = List.of("weight", "priority");

  @Option(
      names = "--target",
      paramLabel = "PROVIDER/MODEL[,weight=N][,priority=N]",
      description = {
        "A model of a registered provider to which calls go, such as openai/gpt-5,weight=3; may be"
            + " repeated. In the name of a provider, / is written %%2F and %% is written %%25. The"
            + " targets of --target and --agent replace all present ones."
      })
  private List<String> targets = new ArrayList<>();

  @Option(
      names = "--agent",
      paramLabel = "AGENT[,weight=N][,priority=N]",
      description = "An agent to which calls go, such as helper,priority=2; may be repeated.")
  private List<String> agents = new ArrayList<>();

  @Option(
      names = "--fallback-on",
      paramLabel = "CAUSES",
      description =
          "The failures for which a call moves to another target, such as timeout,429,5xx; none for"
              + " no fallback.")
  private Optional<String> fallbackOn = Optional.empty();

  @Option(
      names = "--first-content-timeout",
      paramLabel = "TIME",
      description = "How long a call waits for the first content of a target, such as 20s.")
  private Optional<String> firstContentTimeout = Optional.empty();

  @Option(names = "--affinity", paramLabel = "AFFINITY", description = "session, or none.")
  private Optional<String> affinity = Optional.empty();

  @Option(
      names = "--option",
      paramLabel = "KEY=VALUE",
      description =
          "A default option of requests that do not have it, such as temperature=0.2; may be"
              + " repeated.")
  private Map<String, String> options = new LinkedHashMap<>();

  @Option(
      names = "--max-output-tokens",
      paramLabel = "N",
      description = "The limit of the tokens of a response.")
  private Optional<Integer> maxOutputTokens = Optional.empty();

  @Option(
      names = "--file",
      paramLabel = "PATH",
      description =
          "A JSON file with `name` and `config`, or - for standard input. Other flags override it.")
  private Optional<String> file = Optional.empty();

  boolean isEmpty() {
    return targets.isEmpty()
        && agents.isEmpty()
        && fallbackOn.isEmpty()
        && firstContentTimeout.isEmpty()
        && affinity.isEmpty()
        && options.isEmpty()
        && maxOutputTokens.isEmpty()
        && file.isEmpty();
  }

  /// The route in the file that `--file` names; empty without that option.
  ///
  /// @throws CommandFailure if the file cannot be read or does not contain a route
  Optional<JsonNode> file(LaunchContext launchContext) {
    return file.map(name -> InputFile.readResource(name, launchContext, "a route", EXAMPLE));
  }

  /// A copy of the configuration with the values of the options.
  ///
  /// @throws CommandFailure if an option is not valid
  ObjectNode applyTo(JsonNode config) {
    ObjectNode result = Json.MAPPER.createObjectNode();
    if (config.isObject()) {
      result.setAll((ObjectNode) config.deepCopy());
    }
    if (!targets.isEmpty() || !agents.isEmpty()) {
      ArrayNode replaced = result.putArray("targets");
      targets.forEach(text -> replaced.add(parseTarget(text)));
      agents.forEach(text -> replaced.add(parseAgent(text)));
    }
    fallbackOn.ifPresent(causes -> {
      ArrayNode replaced = result.putArray("fallback_on");
      if (!causes.equals("none")) {
        List.of(causes.split(",")).forEach(cause -> replaced.add(cause.strip()));
      }
    });
    firstContentTimeout.ifPresent(time -> result.put("first_content_timeout", time));
    affinity.ifPresent(text -> result.put("affinity", text));
    options.forEach((key, value) ->
        AgentFlags.getOrCreateObject(AgentFlags.getOrCreateObject(result, "parameters"), "defaults")
            .set(key, AgentFlags.parseValue(value)));
    maxOutputTokens.ifPresent(limit ->
        AgentFlags.getOrCreateObject(AgentFlags.getOrCreateObject(result, "parameters"), "limits")
            .put("max_output_tokens", limit));
    return result;
  }

  private static ObjectNode parseTarget(String text) {
    ObjectNode numbers = Json.MAPPER.createObjectNode();
    String named = takeNumbers(text, numbers);
    int slash = named.indexOf('/');
    if (slash <= 0 || slash == named.length() - 1) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--target must have the form PROVIDER/MODEL[,weight=N][,priority=N], was \"%s\""
              .formatted(text));
    }
    ObjectNode target =
        Json.MAPPER
            .createObjectNode()
            .put("provider", decode(named.substring(0, slash)))
            .put("model", named.substring(slash + 1));
    target.setAll(numbers);
    return target;
  }

  private static ObjectNode parseAgent(String text) {
    ObjectNode numbers = Json.MAPPER.createObjectNode();
    ObjectNode target = Json.MAPPER.createObjectNode().put("agent", takeNumbers(text, numbers));
    target.setAll(numbers);
    return target;
  }

  /// Removes the weight and the priority from the end of a text.
  ///
  /// @param numbers receives them
  private static String takeNumbers(String text, ObjectNode numbers) {
    String rest = text;
    while (true) {
      int comma = rest.lastIndexOf(',');
      String last = rest.substring(comma + 1);
      int equals = last.indexOf('=');
      if (comma < 0 || equals < 0 || !NUMBERS.contains(last.substring(0, equals))) {
        return rest;
      }
      numbers.set(last.substring(0, equals), AgentFlags.parseValue(last.substring(equals + 1)));
      rest = rest.substring(0, comma);
    }
  }

  private static String decode(String provider) {
    try {
      return PercentEncoding.decode(provider);
    } catch (IllegalArgumentException _) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--target: in the name of a provider, / is written %%2F and %% is written %%25, was \"%s\""
              .formatted(provider));
    }
  }
}
