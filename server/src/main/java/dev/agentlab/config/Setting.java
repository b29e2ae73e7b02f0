package dev.agentlab.config;

import java.util.Locale;
import java.util.Optional;

/// A setting of the service. [Settings] declares all of them.
///
/// @param key its table and name in a file: `server.port`
/// @param defaultValue as the environment would write it; empty if it depends on other settings
/// @param description for the documentation: sentences, without key, variable and default
public record Setting<T>(
    String key, SettingType<T> type, Optional<String> defaultValue, String description) {

  /// The environment variable that overrides it: `SERVER_PORT`; `SERVICE_…` outside any table.
  public String variable() {
    String name = key.contains(".") ? key : "service." + key;
    return name.replace('.', '_').toUpperCase(Locale.ROOT);
  }

  boolean isList() {
    return type.form() == SettingType.Form.LIST;
  }

  /// Its table in a file; empty outside any.
  Optional<String> table() {
    int dot = key.lastIndexOf('.');
    return dot < 0 ? Optional.empty() : Optional.of(key.substring(0, dot));
  }

  @Override
  public String toString() {
    return key;
  }
}
