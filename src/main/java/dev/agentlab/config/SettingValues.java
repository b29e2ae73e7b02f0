package dev.agentlab.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/// The values found so far, each from the last source that names its key, and everything wrong with
/// them. A value is checked as it is found, so that one overridden later is checked too.
final class SettingValues {
  static final String DEFAULT = "default";

  /// How much of a value a fault repeats.
  private static final int SHOWN = 80;

  private record Value(String text, String source, boolean valid) {}

  private final Map<Setting<?>, Value> values = new HashMap<>();
  private final List<ConfigFault> faults = new ArrayList<>();

  /// Takes a value as the environment writes it.
  void take(Setting<?> key, String text, String source) {
    boolean valid = key.type().accepts(text);
    if (!valid) {
      reject(key, StringNode.valueOf(text), source, "must be " + key.type().accepted());
    }
    values.put(key, new Value(text, source, valid));
  }

  /// Takes a value as a file writes it.
  void take(Setting<?> key, JsonNode node, String source) {
    SettingType<?> kind = key.type();
    Optional<String> text = kind.form().text(node);
    boolean valid = text.isPresent() && kind.accepts(text.get());
    if (!valid) {
      String hint = text.isPresent() ? "" : kind.form().hint();
      reject(key, node, source, "must be " + kind.accepted() + hint);
    }
    values.put(key, new Value(text.orElse(""), source, valid));
  }

  private void reject(Setting<?> key, JsonNode value, String source, String problem) {
    faults.add(new ConfigFault(key.key(), Optional.of(shown(key, value)), source, problem));
  }

  private static String shown(Setting<?> key, JsonNode value) {
    return key.type().masked() ? "***" : bounded(value.toString());
  }

  /// A text as a fault repeats it: quoted, escaped and bounded.
  static String shown(String text) {
    return bounded(StringNode.valueOf(text).toString());
  }

  private static String bounded(String json) {
    return json.length() <= SHOWN ? json : json.substring(0, SHOWN) + "…";
  }

  void fault(ConfigFault fault) {
    faults.add(fault);
  }

  List<ConfigFault> faults() {
    return List.copyOf(faults);
  }

  /// Takes a default that follows from other values, unless the key has a value.
  void takeDefault(Setting<?> key, String text) {
    if (!isSet(key)) {
      take(key, text, DEFAULT);
    }
  }

  boolean isSet(Setting<?> key) {
    return values.containsKey(key);
  }

  boolean isValid(Setting<?> key) {
    return isSet(key) && found(key).valid();
  }

  /// The value in force so far.
  ///
  /// @throws IllegalStateException if the key has no value
  /// @throws IllegalArgumentException if its value is not valid
  <T> T valueOf(Setting<T> key) {
    return key.type().parse().apply(found(key).text());
  }

  String source(Setting<?> key) {
    return found(key).source();
  }

  EffectiveSetting setting(Setting<?> key) {
    Value value = found(key);
    String text = key.type().masked() && !value.text().isEmpty() ? "***" : value.text();
    return new EffectiveSetting(key.key(), text, value.source(), key.variable());
  }

  private Value found(Setting<?> key) {
    return Optional.ofNullable(values.get(key))
        .orElseThrow(() -> new IllegalStateException(key.key() + " has no value"));
  }
}
