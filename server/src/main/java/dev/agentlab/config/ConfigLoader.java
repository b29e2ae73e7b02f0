package dev.agentlab.config;

import dev.agentlab.secrets.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Loads the configuration from its sources and reports all that is wrong with it.
final class ConfigLoader {
  private static final Pattern OVERLAY_NAME = Pattern.compile("[A-Za-z0-9_-]+");

  private final Path folder;
  private final Map<String, String> environment;
  private final SettingValues values = new SettingValues();

  private ConfigLoader(Path folder, Map<String, String> environment) {
    this.folder = folder;
    this.environment = environment;
  }

  static Config load(Path folder, Map<String, String> environment) {
    return new ConfigLoader(folder, environment).load();
  }

  private Config load() {
    for (Setting<?> setting : Settings.ALL) {
      setting.defaultValue().ifPresent(text -> values.setDefault(setting, text));
    }
    boolean readable = TomlFileReader.read(folder, "config.toml", values);
    Optional<String> overlay = overlay();
    if (overlay.isPresent()) {
      readable &= TomlFileReader.read(folder, overlay.get(), values);
    }
    EnvironmentReader variables = new EnvironmentReader(folder, environment, values);
    variables.read();
    // A file that cannot be read may have what seems to be missing.
    if (readable) {
      variables.checkNames();
      ConfigRules.apply(values);
    }
    if (!values.errors().isEmpty()) {
      throw new ConfigException(values.errors(), folder);
    }
    return config();
  }

  private Optional<String> overlay() {
    String name = environment.getOrDefault(Settings.OVERLAY, "");
    if (name.isEmpty()) {
      return Optional.empty();
    }
    if (!OVERLAY_NAME.matcher(name).matches()) {
      rejectOverlay(name, "must be letters, digits, - and _");
      return Optional.empty();
    }
    String file = "config." + name + ".toml";
    if (Files.notExists(folder.resolve(file))) {
      rejectOverlay(name, "must name a file, and there is no " + folder.resolve(file));
    }
    return Optional.of(file);
  }

  private void rejectOverlay(String name, String problem) {
    values.reject(
        new ConfigError(
            Settings.OVERLAY, Optional.of(SettingValues.shown(name)), "environment", problem));
  }

  private Config config() {
    Map<Setting<?>, Object> parsed = new HashMap<>();
    for (Setting<?> setting : Settings.ALL) {
      parsed.put(setting, resolvePaths(values.valueOf(setting)));
    }
    List<EffectiveSetting> effective = Settings.ALL.stream().map(values::setting).toList();
    return new Config(parsed, effective, secretVariables());
  }

  private Map<String, Secret> secretVariables() {
    Map<String, Secret> set = new HashMap<>();
    for (String name : values.valueOf(Settings.SECRETS_ENV)) {
      String text = environment.getOrDefault(name, "");
      if (!text.isEmpty()) {
        set.put(name, Secret.of(text));
      }
    }
    return set;
  }

  /// Resolves a path, or an optional path, against the folder; other values stay as they are.
  private Object resolvePaths(Object value) {
    return switch (value) {
      case Path path -> folder.resolve(path);
      case Optional<?> optional -> optional.map(this::resolvePaths);
      default -> value;
    };
  }
}
