package dev.agentlab.config;

import java.util.Locale;
import java.util.Optional;

/// One setting, declared once: its place in the files, what it may be, and what it is unless set.
///
/// @param path its table and name: `server.port`
/// @param byDefault written as in the environment; empty when the default follows from other keys
record SettingDefinition<T>(String path, SettingType<T> kind, Optional<String> byDefault) {

  static <T> SettingDefinition<T> of(String path, SettingType<T> kind, String byDefault) {
    return new SettingDefinition<>(path, kind, Optional.of(byDefault));
  }

  static <T> SettingDefinition<T> of(String path, SettingType<T> kind) {
    return new SettingDefinition<>(path, kind, Optional.empty());
  }

  /// The variable that overrides it: `SERVER_PORT`; `SERVICE_…` for a key outside any table.
  String environment() {
    String name = path.contains(".") ? path : "service." + path;
    return name.replace('.', '_').toUpperCase(Locale.ROOT);
  }

  boolean isList() {
    return kind.form() == SettingType.Form.LIST;
  }

  /// The table it stands in; empty outside any.
  Optional<String> table() {
    int dot = path.lastIndexOf('.');
    return dot < 0 ? Optional.empty() : Optional.of(path.substring(0, dot));
  }
}
