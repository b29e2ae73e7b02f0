package dev.agentlab.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/// The values read so far, each from the last source that sets it, and all errors. Each value is
/// validated when it is read, so that an overridden one is validated too.
final class SettingValues {
  static final String DEFAULT = "default";

  /// Longer values are cut in errors.
  private static final int MAX_SHOWN_CHARS = 80;

  private record Value(String text, String source, boolean valid) {}

  private final Map<Setting<?>, Value> values = new HashMap<>();
  private final List<ConfigError> errors = new ArrayList<>();

  /// Sets a value from its text in the environment.
  void set(Setting<?> setting, String text, String source) {
    boolean valid = setting.type().accepts(text);
    if (!valid) {
      reject(setting, StringNode.valueOf(text), source, "must be " + setting.type().accepted());
    }
    values.put(setting, new Value(text, source, valid));
  }

  /// Sets a value from a file.
  void set(Setting<?> setting, JsonNode node, String source) {
    SettingType<?> type = setting.type();
    Optional<String> text = type.form().text(node);
    boolean valid = text.isPresent() && type.accepts(text.get());
    if (!valid) {
      String hint = text.isPresent() ? "" : type.form().hint();
      reject(setting, node, source, "must be " + type.accepted() + hint);
    }
    values.put(setting, new Value(text.orElse(""), source, valid));
  }

  private void reject(Setting<?> setting, JsonNode value, String source, String problem) {
    errors.add(new ConfigError(setting.key(), Optional.of(shown(setting, value)), source, problem));
  }

  private static String shown(Setting<?> setting, JsonNode value) {
    return setting.type().masked() ? "***" : bounded(value.toString());
  }

  /// Text for an error: quoted, escaped and cut.
  static String shown(String text) {
    return bounded(StringNode.valueOf(text).toString());
  }

  private static String bounded(String json) {
    return json.length() <= MAX_SHOWN_CHARS ? json : json.substring(0, MAX_SHOWN_CHARS) + "…";
  }

  void reject(ConfigError error) {
    errors.add(error);
  }

  List<ConfigError> errors() {
    return List.copyOf(errors);
  }

  /// Sets a default, unless the setting has a value.
  void setDefault(Setting<?> setting, String text) {
    if (!isSet(setting)) {
      set(setting, text, DEFAULT);
    }
  }

  /// Sets a setting to a valid value of another one, unless the setting has a value.
  void copyUnlessSet(Setting<?> from, Setting<?> to) {
    if (isValid(from) && !isSet(to)) {
      values.put(to, found(from));
    }
  }

  boolean isSet(Setting<?> setting) {
    return values.containsKey(setting);
  }

  boolean isValid(Setting<?> setting) {
    return isSet(setting) && found(setting).valid();
  }

  /// The value read so far.
  ///
  /// @throws IllegalStateException if the key has no value
  /// @throws IllegalArgumentException if its value is not valid
  <T> T valueOf(Setting<T> setting) {
    return setting.type().parse().apply(found(setting).text());
  }

  String source(Setting<?> setting) {
    return found(setting).source();
  }

  EffectiveSetting setting(Setting<?> setting) {
    Value value = found(setting);
    return new EffectiveSetting(
        setting.key(), setting.type().shown(value.text()), value.source(), setting.variable());
  }

  private Value found(Setting<?> setting) {
    return Optional.ofNullable(values.get(setting))
        .orElseThrow(() -> new IllegalStateException(setting.key() + " has no value"));
  }
}
