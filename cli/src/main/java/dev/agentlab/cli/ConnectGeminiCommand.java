package dev.agentlab.cli;

import dev.agentlab.json.Json;
import dev.agentlab.net.PercentEncoding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `connect gemini`: prints or writes the settings with which Gemini CLI calls a model
/// (https://geminicli.com/docs/reference/configuration), and tries it.
@Command(
    name = "gemini",
    description = {
      "Print or write the settings with which Gemini CLI calls an agent or a model.",
      "",
      "  agent-lab connect gemini --model helper --new-key gemini-cli --write",
      "  agent-lab connect gemini --model google/gemini-2.5-pro --test",
      ""
    })
final class ConnectGeminiCommand extends ConnectCommand {
  private static final String DEFAULT_FOLDER = "~/.gemini";
  private static final String SETTINGS = "settings.json";
  private static final String VARIABLES = ".env";
  private static final String KEY = "GEMINI_API_KEY";

  /// What Gemini CLI calls beside the chosen model, which would be models of Google: it corrects
  /// edits, detects loops, summarizes and searches with them.
  private static final List<String> HELPERS =
      List.of(
          "agent-history-provider-summarizer",
          "chat-compression-default",
          "edit-corrector",
          "fast-ack-helper",
          "gemini-3-flash-base",
          "loop-detection-double-check",
          "prompt-completion",
          "summarizer-default",
          "summarizer-shell");

  @Option(
      names = "--write",
      paramLabel = "FOLDER",
      arity = "0..1",
      fallbackValue = DEFAULT_FOLDER,
      description =
          "Write them to settings.json and .env in a folder; the files keep what else they have."
              + " Default: ${FALLBACK-VALUE}.")
  private Optional<String> folder = Optional.empty();

  ConnectGeminiCommand(CommandContext context) {
    super(context);
  }

  @Override
  String basePath() {
    return "";
  }

  @Override
  Trial trial(String model) {
    ObjectNode request = Json.MAPPER.createObjectNode();
    ObjectNode content = request.putArray("contents").addObject().put("role", "user");
    content.putArray("parts").addObject().put("text", PROMPT);
    return new Trial(
        "/v1beta/models/%s:generateContent".formatted(PercentEncoding.encode(model)),
        request,
        Trial.textAt("/candidates/0/content/parts/0/text"),
        "/usageMetadata/promptTokenCount",
        "/usageMetadata/candidatesTokenCount");
  }

  /// The variables of Gemini CLI. Without a new key, the key is not among them.
  private static Map<String, String> variables(Connection connection) {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("GOOGLE_GEMINI_BASE_URL", connection.baseUrl());
    connection.newKey().ifPresent(key -> variables.put(KEY, key));
    variables.put("GEMINI_MODEL", connection.model());
    return variables;
  }

  /// The settings of Gemini CLI that are no variables.
  private static ObjectNode settings(Connection connection) {
    ObjectNode settings = Json.MAPPER.createObjectNode();
    // Without it, Gemini CLI asks how to sign in, and fails where it cannot ask.
    settings.putObject("security").putObject("auth").put("selectedType", "gemini-api-key");
    ObjectNode aliases = settings.putObject("modelConfigs").putObject("customAliases");
    // Without an alias, a model receives the sampling parameters of Google's models, which other
    // models refuse.
    alias(aliases, connection.model(), connection)
        .putObject("generateContentConfig")
        .putObject("thinkingConfig")
        .put("includeThoughts", true);
    HELPERS.forEach(name -> alias(aliases, name, connection));
    return settings;
  }

  private static ObjectNode alias(ObjectNode aliases, String name, Connection connection) {
    return aliases.putObject(name).putObject("modelConfig").put("model", connection.model());
  }

  @Override
  void connect(Connection connection, ObjectNode result) {
    ServiceAddress address = ServiceAddress.parse(connection.baseUrl());
    if (!address.isEncrypted() && !address.isLoopback()) {
      context().printNote("warning: Gemini CLI requires https unless the host is localhost");
    }
    Map<String, String> variables = variables(connection);
    ObjectNode settings = settings(connection);
    ObjectNode environment = result.putObject("env");
    variables.forEach(environment::put);
    result.set("settings", settings);
    folder.ifPresent(name ->
        write(
            name,
            result,
            target -> {
              target.in(SETTINGS).merge(settings);
              target.in(VARIABLES).setVariables(variables);
            }));
  }

  @Override
  String text(Connection connection) {
    if (folder.isPresent()) {
      return written(folder.get(), connection);
    }
    Map<String, String> variables = new LinkedHashMap<>(variables(connection));
    variables.putIfAbsent(KEY, connection.key());
    return """
    # Gemini CLI signs in with a key if ~/.gemini/settings.json has
    # {"security": {"auth": {"selectedType": "gemini-api-key"}}}, which --write sets.
    %s
    gemini\
    """
        .formatted(exports(variables));
  }
}
