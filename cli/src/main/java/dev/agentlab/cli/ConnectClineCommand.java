package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `connect cline`: prints or writes the settings with which Cline calls a model
/// (https://docs.cline.bot/provider-config/openai-compatible), and tries it.
@Command(
    name = "cline",
    description = {
      "Print or write the settings with which Cline calls an agent or a model.",
      "",
      "  agent-lab connect cline --model helper --new-key cline --write",
      "  agent-lab connect cline --model openai/gpt-5 --test",
      ""
    })
final class ConnectClineCommand extends ConnectCommand {
  private static final String DEFAULT_FILE = "~/.cline/data/settings/providers.json";

  /// The provider of Cline that calls chat completions.
  private static final String PROVIDER = "openai-compatible";

  @Option(
      names = "--write",
      paramLabel = "FILE",
      arity = "0..1",
      fallbackValue = DEFAULT_FILE,
      description =
          "Write them to a settings file, which keeps what else it has. Default: ${FALLBACK-VALUE}.")
  private Optional<String> file = Optional.empty();

  ConnectClineCommand(CommandContext context) {
    super(context);
  }

  @Override
  String basePath() {
    return "/v1";
  }

  @Override
  Trial trial(String model) {
    return Trial.chat(model);
  }

  /// The members of Cline's settings. Without a new key, the key is not among them.
  private static ObjectNode settings(Connection connection) {
    ObjectNode settings = Json.MAPPER.createObjectNode();
    settings.put("version", 1).put("lastUsedProvider", PROVIDER);
    ObjectNode entry = settings.putObject("providers").putObject(PROVIDER);
    ObjectNode provider =
        entry
            .putObject("settings")
            .put("provider", PROVIDER)
            .put("baseUrl", connection.baseUrl())
            .put("model", connection.model());
    connection.newKey().ifPresent(key -> provider.put("apiKey", key));
    JsonNode listed = connection.listedModel();
    if (listed.has("context_length")) {
      provider.put("contextWindow", listed.path("context_length").asLong());
    }
    if (listed.has("max_output_tokens")) {
      provider.put("maxTokens", listed.path("max_output_tokens").asLong());
    }
    entry.put("updatedAt", Instant.now().toString()).put("tokenSource", "manual");
    return settings;
  }

  @Override
  void connect(Connection connection, ObjectNode result) {
    ObjectNode settings = settings(connection);
    result.set("settings", settings);
    file.ifPresent(name -> write(name, result, target -> target.merge(settings)));
  }

  @Override
  String text(Connection connection) {
    if (file.isPresent()) {
      return written(file.get(), connection);
    }
    JsonNode listed = connection.listedModel();
    List<String> command =
        new ArrayList<>(
            List.of(
                "cline auth --provider " + PROVIDER,
                "--baseurl '%s'".formatted(connection.baseUrl()),
                "--apikey '%s'".formatted(connection.key()),
                "--modelid '%s'".formatted(connection.model())));
    if (listed.has("context_length")) {
      command.add("--context-window " + listed.path("context_length").asLong());
    }
    if (listed.has("max_output_tokens")) {
      command.add("--max-output-tokens " + listed.path("max_output_tokens").asLong());
    }
    return command.stream().collect(Collectors.joining(" \\\n  ")) + "\ncline";
  }
}
