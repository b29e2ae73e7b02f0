package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.node.ObjectNode;

/// `connect opencode`: prints or writes the settings with which OpenCode calls a model
/// (https://opencode.ai/docs/providers), and tries it.
@Command(
    name = "opencode",
    description = {
      "Print or write the settings with which OpenCode calls an agent or a model.",
      "",
      "  agent-lab connect opencode --model helper --new-key opencode --write",
      "  agent-lab connect opencode --model openai/gpt-5 --test",
      ""
    })
final class ConnectOpenCodeCommand extends ConnectCommand {
  private static final String DEFAULT_FILE = "~/.config/opencode/opencode.json";
  private static final String PROVIDER = "agent-lab";

  /// What OpenCode knows of a model's input and output.
  private static final List<String> MODALITIES = List.of("text", "audio", "image", "video", "pdf");

  @Option(
      names = "--write",
      paramLabel = "FILE",
      arity = "0..1",
      fallbackValue = DEFAULT_FILE,
      description =
          "Write them to a settings file, which keeps what else it has. Default: ${FALLBACK-VALUE}.")
  private Optional<String> file = Optional.empty();

  private ObjectNode settings = Json.MAPPER.createObjectNode();

  ConnectOpenCodeCommand(CommandContext context) {
    super(context);
  }

  @Override
  String basePath() {
    return "/v1";
  }

  @Override
  Trial trial(String model) {
    return Trial.response(model);
  }

  /// The members of OpenCode's settings. Without a new key, the key is not among them.
  private ObjectNode settings(Connection connection) {
    ObjectNode settings = Json.MAPPER.createObjectNode();
    ObjectNode provider = settings.putObject("provider").putObject(PROVIDER);
    // It calls the Responses API, in which reasoning passes from one call to the next.
    provider.put("npm", "@ai-sdk/openai").put("name", PROVIDER);
    provider.putArray("env").add(KEY_VARIABLE);
    ObjectNode options = provider.putObject("options").put("baseURL", connection.baseUrl());
    connection.newKey().ifPresent(key -> options.put("apiKey", key));
    ObjectNode models = provider.putObject("models");
    models(connection).forEach(it -> describe(it, models.putObject(it.path("id").asString(""))));
    String model = PROVIDER + "/" + connection.model();
    settings.put("model", model);
    // What it calls for small tasks, such as titles.
    settings.put("small_model", model);
    return settings;
  }

  private static void describe(JsonNode listed, ObjectNode model) {
    model.put("name", listed.path("display_name").asString(listed.path("id").asString("")));
    if (listed.has("context_length")) {
      model
          .putObject("limit")
          .put("context", listed.path("context_length").asLong())
          // 0 is unknown.
          .put("output", listed.path("max_output_tokens").asLong(0));
    }
    if (listed.has("input_modalities") && listed.has("output_modalities")) {
      ObjectNode modalities = model.putObject("modalities");
      modalities.set("input", known(listed.path("input_modalities")));
      modalities.set("output", known(listed.path("output_modalities")));
      model.put("attachment", listed.path("input_modalities").size() > 1);
    }
  }

  private static JsonNode known(JsonNode modalities) {
    return Json.MAPPER.valueToTree(
        modalities.valueStream().map(JsonNode::asString).filter(MODALITIES::contains).toList());
  }

  @Override
  void connect(Connection connection, ObjectNode result) {
    settings = settings(connection);
    result.set("settings", settings);
    file.ifPresent(name -> write(name, result, target -> target.merge(settings)));
  }

  @Override
  String text(Connection connection) {
    if (file.isPresent()) {
      return written(file.get(), connection);
    }
    return """
    # In %s:
    %s
    export %s='%s'
    opencode\
    """
        .formatted(
            DEFAULT_FILE,
            Json.MAPPER.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(settings),
            KEY_VARIABLE,
            connection.key());
  }
}
