package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `connect claude`: prints or writes the settings with which Claude Code calls a model
/// (https://code.claude.com/docs/en/llm-gateway), and tries it.
@Command(
    name = "claude",
    description = {
      "Print or write the settings with which Claude Code calls an agent or a model.",
      "",
      "  agent-lab connect claude --model helper --new-key claude-code --write",
      "  agent-lab connect claude --model anthropic/claude-opus-4-5 --test",
      ""
    })
final class ConnectClaudeCommand extends ConnectCommand {
  private static final String DEFAULT_FILE = "~/.claude/settings.json";

  @Option(
      names = "--write",
      paramLabel = "FILE",
      arity = "0..1",
      fallbackValue = DEFAULT_FILE,
      description =
          "Write them to a settings file, which keeps its other members. Default: ${FALLBACK-VALUE}.")
  private Optional<String> file = Optional.empty();

  ConnectClaudeCommand(CommandContext context) {
    super(context);
  }

  @Override
  String basePath() {
    return "";
  }

  @Override
  Trial trial(String model) {
    return new Trial(
        "/v1/messages",
        Trial.message(model).put("max_tokens", 1_000),
        Trial.textAt("/content/0/text"),
        "/usage/input_tokens",
        "/usage/output_tokens");
  }

  /// The variables of Claude Code. Without a new key, the token is not among them.
  private static Map<String, String> variables(Connection connection) {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("ANTHROPIC_BASE_URL", connection.baseUrl());
    connection.newKey().ifPresent(key -> variables.put("ANTHROPIC_AUTH_TOKEN", key));
    variables.put("ANTHROPIC_MODEL", connection.model());
    // What it calls for small tasks, which would be a model of Anthropic by its own name.
    variables.put("ANTHROPIC_DEFAULT_HAIKU_MODEL", connection.model());
    return variables;
  }

  @Override
  void connect(Connection connection, ObjectNode result) {
    ObjectNode environment = Json.MAPPER.createObjectNode();
    variables(connection).forEach(environment::put);
    result.set("env", environment);
    file.ifPresent(name ->
        write(
            name,
            result,
            target -> target.merge(Json.MAPPER.createObjectNode().set("env", environment))));
  }

  @Override
  String text(Connection connection) {
    if (file.isPresent()) {
      return written(file.get(), connection);
    }
    Map<String, String> variables = new LinkedHashMap<>(variables(connection));
    variables.putIfAbsent("ANTHROPIC_AUTH_TOKEN", connection.key());
    return exports(variables) + "\nclaude";
  }
}
