package dev.agentlab.cli;

import dev.agentlab.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `connect codex`: prints or writes the settings with which Codex calls a model
/// (https://developers.openai.com/codex/config-reference), and tries it.
@Command(
    name = "codex",
    description = {
      "Print or write the settings with which Codex calls an agent or a model.",
      "",
      "  agent-lab connect codex --model helper --new-key codex --write",
      "  agent-lab connect codex --model openai/gpt-5 --test",
      ""
    })
final class ConnectCodexCommand extends ConnectCommand {
  private static final String DEFAULT_FILE = "~/.codex/config.toml";
  private static final String CATALOG_FILE = "agent-lab-models.json";
  private static final String PROVIDER = "agent-lab";
  private static final List<String> CATALOG = List.of("model_catalog_json");
  private static final List<String> KEY = providerKey("experimental_bearer_token");
  private static final List<String> VARIABLE = providerKey("env_key");

  @Option(
      names = "--write",
      paramLabel = "FILE",
      arity = "0..1",
      fallbackValue = DEFAULT_FILE,
      description =
          "Write them to a configuration file, which keeps what else it has, and a catalog of the"
              + " models beside it. Default: ${FALLBACK-VALUE}.")
  private Optional<String> file = Optional.empty();

  ConnectCodexCommand(CommandContext context) {
    super(context);
  }

  private static List<String> providerKey(String name) {
    return List.of("model_providers", PROVIDER, name);
  }

  @Override
  String basePath() {
    return "/v1";
  }

  @Override
  Trial trial(String model) {
    return Trial.response(model);
  }

  /// The keys of Codex's configuration, without that of agent-lab.
  private static Map<List<String>, String> settings(Connection connection) {
    Map<List<String>, String> settings = new LinkedHashMap<>();
    settings.put(List.of("model"), connection.model());
    settings.put(List.of("model_provider"), PROVIDER);
    // The search of OpenAI's servers, which other vendors do not have.
    settings.put(List.of("web_search"), "disabled");
    settings.put(providerKey("name"), PROVIDER);
    settings.put(providerKey("base_url"), connection.baseUrl());
    settings.put(providerKey("wire_api"), "responses");
    return settings;
  }

  @Override
  void connect(Connection connection, ObjectNode result) {
    result.put("config", printed(connection));
    file.ifPresent(name ->
        write(
            name,
            result,
            target -> {
              Optional<SettingsFile> catalog = writeCatalog(target, connection);
              target.editToml(toml -> {
                settings(connection).forEach(toml::set);
                catalog.ifPresent(it -> toml.set(CATALOG, it.path().toString()));
                setKey(toml, connection.newKey());
              });
              catalog.ifPresent(it -> result.put("catalog", it.path().toString()));
            }));
  }

  /// Sets the key. Without a new one, the file keeps its key, or the key is in the environment.
  private static void setKey(TomlEditor toml, Optional<String> newKey) {
    newKey.ifPresent(key -> toml.set(KEY, key));
    if (toml.has(KEY)) {
      // With both, Codex would read the variable.
      toml.remove(VARIABLE);
    } else {
      toml.set(VARIABLE, KEY_VARIABLE);
    }
  }

  /// Writes the catalog of the models beside the configuration.
  private Optional<SettingsFile> writeCatalog(SettingsFile configuration, Connection connection) {
    Optional<CodexCatalog> catalog = CodexCatalog.find(context().launchContext());
    if (catalog.isEmpty()) {
      context()
          .printNote(
              "warning: codex is not installed, so the context sizes of models are not written;"
                  + " run this command again when it is");
      return Optional.empty();
    }
    SettingsFile file = configuration.beside(CATALOG_FILE);
    file.write(Json.MAPPER.writeValueAsString(catalog.get().of(models(connection))) + "\n");
    return Optional.of(file);
  }

  private static String printed(Connection connection) {
    TomlEditor toml = new TomlEditor(DEFAULT_FILE, "");
    settings(connection).forEach(toml::set);
    toml.set(VARIABLE, KEY_VARIABLE);
    return toml.text();
  }

  @Override
  String text(Connection connection) {
    if (file.isPresent()) {
      return written(file.get(), connection);
    }
    return """
    # In %s; --write adds the context sizes of the models:
    %s
    export %s='%s'
    codex\
    """
        .formatted(DEFAULT_FILE, printed(connection), KEY_VARIABLE, connection.key());
  }
}
