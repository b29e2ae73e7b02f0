package dev.agentlab.config;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The shipped `config.toml` and the table of `docs/configuration.md`, written from [Settings].
final class SettingsDocument {
  private static final int WIDTH = 110;

  private static final String HEAD =
      """
      # The configuration of agent-lab.
      #
      # A value here overrides the built-in default; if SERVICE_ENV is set, config.<SERVICE_ENV>.toml overrides this
      # file; the environment overrides both. A setting that is commented out shows its default. The variable in
      # parentheses overrides it; an empty variable counts as not set, or as the empty list. Lists are separated by
      # commas there. An unknown variable with one of these prefixes (SERVICE_, SERVER_, DATABASE_, …) is an error.
      # The variable of a secret with _FILE at its end (DATABASE_PASSWORD_FILE) names a file with the value.
      # `./agent-lab config` shows the configuration in force and its sources.
      #
      # Durations are written as "300ms", "30s", "15m" or "1h30m".
      """;

  private static final Map<String, String> TABLE_COMMENTS =
      Map.of(
          "database",
          "DATABASE_DSN=postgres://user:password@host:port/name?sslmode=… describes an external server as a whole. It"
              + " overrides the settings below up to the password, and sslmode if it has one.");

  /// The settings of the shipped file, which are safe for a first trial.
  private static final Map<String, String> SHIPPED =
      Map.of(
          "server.host", "127.0.0.1",
          "database.name", "agent_lab",
          "database.user", "agent_lab",
          "database.password", "agent_lab",
          "logging.format", "text");

  /// The values of settings whose default depends on others, when none of those is set.
  private static final Map<String, String> DEPENDENT_DEFAULTS =
      Map.of("database.mode", "embedded", "database.host", "localhost");

  private SettingsDocument() {}

  static String toml() {
    StringBuilder file = new StringBuilder(HEAD);
    Optional<String> table = Optional.empty();
    for (Setting<?> setting : Settings.ALL) {
      file.append('\n');
      if (!setting.table().equals(table)) {
        table = setting.table();
        String name = table.orElseThrow();
        file.append('[').append(name).append("]\n");
        if (TABLE_COMMENTS.containsKey(name)) {
          file.append(comment(TABLE_COMMENTS.get(name))).append('\n');
        }
      }
      file.append(comment("%s (%s)".formatted(description(setting), setting.variable())));
      String shipped = SHIPPED.get(setting.key());
      String name = setting.key().substring(setting.key().lastIndexOf('.') + 1);
      file.append(shipped == null ? "#" : "")
          .append(
              "%s = %s\n"
                  .formatted(
                      name, value(setting, shipped == null ? defaultValue(setting) : shipped)));
    }
    return file.toString();
  }

  /// A Markdown table of all settings.
  static String markdown() {
    return "| setting | variable | default | accepts | |\n|---|---|---|---|---|\n"
        + Settings.ALL.stream().map(SettingsDocument::row).collect(Collectors.joining());
  }

  private static String row(Setting<?> setting) {
    String text = defaultValue(setting);
    return "| `%s` | `%s` | %s | %s | %s |\n"
        .formatted(
            setting.key(),
            setting.variable(),
            text.isEmpty() ? "" : "`" + text + "`",
            setting.type().accepted().replace("|", "\\|"),
            setting.description());
  }

  private static String description(Setting<?> setting) {
    String accepted = setting.type().accepted();
    return accepted.startsWith("one of ")
        ? "%s One of %s.".formatted(setting.description(), accepted.substring("one of ".length()))
        : setting.description();
  }

  private static String defaultValue(Setting<?> setting) {
    return setting
        .defaultValue()
        .orElseGet(() -> DEPENDENT_DEFAULTS.getOrDefault(setting.key(), ""));
  }

  private static String value(Setting<?> setting, String text) {
    return switch (setting.type().form()) {
      case TEXT -> "\"%s\"".formatted(text);
      case INTEGER, BOOLEAN -> text;
      case LIST ->
          Arrays.stream(text.split(", "))
              .filter(item -> !item.isEmpty())
              .map("\"%s\""::formatted)
              .collect(Collectors.joining(", ", "[", "]"));
    };
  }

  private static String comment(String text) {
    StringBuilder lines = new StringBuilder();
    StringBuilder line = new StringBuilder("#");
    for (String word : List.of(text.split(" "))) {
      if (line.length() + 1 + word.length() > WIDTH) {
        lines.append(line).append('\n');
        line = new StringBuilder("#");
      }
      line.append(' ').append(word);
    }
    return lines.append(line).append('\n').toString();
  }
}
