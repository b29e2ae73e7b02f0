package dev.agentlab.http;

import com.google.re2j.Pattern;
import dev.agentlab.json.Json;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// The members that an object lacks. The parser stops at the first, and callers want to hear of
/// all.
final class MissingMembers {
  private static final Pattern CAPITAL = Pattern.compile("[A-Z]");

  private MissingMembers() {}

  /// The names of all that the object lacks in which the parser missed one, that one included.
  ///
  /// @param bytes what was read
  /// @return empty if it cannot be told
  static List<String> of(JacksonException missed, byte[] bytes) {
    List<JacksonException.Reference> path = missed.getPath();
    if (path.isEmpty() || !(path.getLast().from() instanceof Class<?> type) || !type.isRecord()) {
      return List.of();
    }
    try {
      JsonNode object = at(path.subList(0, path.size() - 1), Json.MAPPER.readTree(bytes));
      return missing(object, type, path.getLast().getPropertyName());
    } catch (JacksonException _) {
      // What comes after the object is broken.
      return List.of();
    }
  }

  private static JsonNode at(List<JacksonException.Reference> path, JsonNode whole) {
    JsonNode part = whole;
    for (JacksonException.Reference step : path) {
      String name = step.getPropertyName();
      part = name == null ? part.path(step.getIndex()) : part.path(name);
    }
    return part;
  }

  private static List<String> missing(JsonNode object, Class<?> type, String known) {
    List<String> missing = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      String name = CAPITAL.matcher(component.getName()).replaceAll("_$0").toLowerCase(Locale.ROOT);
      boolean isRequired = component.getType() != Optional.class;
      if (name.equals(known) || (isRequired && !object.hasNonNull(name))) {
        missing.add(name);
      }
    }
    return missing;
  }
}
