package dev.agentlab.config;

import java.util.Locale;
import java.util.Optional;

/// One setting, declared once: its place in the files, what it may be, and what it is unless set.
///
/// @param path its table and name: `server.port`
/// @param byDefault written as in the environment; empty when the default follows from other keys
record Key<T>(String path, Kind<T> kind, Optional<String> byDefault) {

  static <T> Key<T> of(String path, Kind<T> kind, String byDefault) {
    return new Key<>(path, kind, Optional.of(byDefault));
  }

  static <T> Key<T> of(String path, Kind<T> kind) {
    return new Key<>(path, kind, Optional.empty());
  }

  /// The variable that overrides it: `SERVER_PORT`; `SERVICE_…` for a key outside any table.
  String environment() {
    String name = path.contains(".") ? path : "service." + path;
    return name.replace('.', '_').toUpperCase(Locale.ROOT);
  }

  boolean isList() {
    return kind.form() == Kind.Form.LIST;
  }

  /// The table it stands in; empty outside any.
  Optional<String> table() {
    int dot = path.lastIndexOf('.');
    return dot < 0 ? Optional.empty() : Optional.of(path.substring(0, dot));
  }
}
