package dev.agentlab.http;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.Spelling;
import dev.agentlab.json.Json;
import dev.agentlab.json.MemberNames;
import dev.agentlab.json.SchemaExactlyOne;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Finds all unknown and all missing members of an object that is parsed as a record. The parser
/// stops at the first.
final class MemberErrors {
  /// More names are not examined: a malicious body could have a hundred thousand.
  private static final int MAX_NAMES = 50;

  private MemberErrors() {}

  /// The errors of the object at which the parser stopped, with names relative to that object.
  ///
  /// @param bytes the whole body
  /// @return empty if they cannot be determined
  static List<FieldError> of(JacksonException stopped, byte[] bytes) {
    List<JacksonException.Reference> path = stopped.getPath();
    Optional<Class<?>> type =
        path.isEmpty() ? Optional.empty() : type(path.getLast().from()).filter(Class::isRecord);
    if (type.isEmpty()) {
      return List.of();
    }
    try {
      JsonNode object = at(path.subList(0, path.size() - 1), Json.MAPPER.readTree(bytes));
      List<FieldError> errors = new ArrayList<>(unknown(object, type.get()));
      errors.addAll(missing(object, type.get()));
      return errors;
    } catch (JacksonException _) {
      // The rest of the body is malformed.
      return List.of();
    }
  }

  private static Optional<Class<?>> type(Object from) {
    return from instanceof Class<?> type ? Optional.of(type) : Optional.of(from.getClass());
  }

  private static JsonNode at(List<JacksonException.Reference> path, JsonNode whole) {
    JsonNode part = whole;
    for (JacksonException.Reference step : path) {
      String name = step.getPropertyName();
      part = name == null ? part.path(step.getIndex()) : part.path(name);
    }
    return part;
  }

  private static List<FieldError> missing(JsonNode object, Class<?> type) {
    List<FieldError> errors = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      boolean isRequired =
          component.getType() != Optional.class && !MemberNames.isCatchAll(component);
      String name = MemberNames.of(component);
      if (isRequired && !object.hasNonNull(name)) {
        errors.add(new FieldError(name, "is required"));
      }
    }
    SchemaExactlyOne choice = type.getAnnotation(SchemaExactlyOne.class);
    if (choice != null && !object.hasNonNull(choice.one()) && !object.hasNonNull(choice.other())) {
      errors.add(
          new FieldError(
              choice.one(),
              "exactly one of %s and %s must be given".formatted(choice.one(), choice.other())));
    }
    return errors;
  }

  /// If the record accepts members of any name, reports only those that are probably misspelt.
  private static List<FieldError> unknown(JsonNode object, Class<?> type) {
    List<String> known = MemberNames.of(type);
    List<String> absent = known.stream().filter(name -> !object.has(name)).toList();
    boolean takesOthers =
        Arrays.stream(type.getRecordComponents()).anyMatch(MemberNames::isCatchAll);
    JsonIgnoreProperties ignored = type.getAnnotation(JsonIgnoreProperties.class);
    Set<String> passed = ignored == null ? Set.of() : Set.of(ignored.value());
    List<FieldError> errors = new ArrayList<>();
    List<String> others =
        object.propertyNames().stream()
            .filter(name -> !known.contains(name) && !passed.contains(name))
            .limit(MAX_NAMES)
            .toList();
    for (String name : others) {
      Optional<String> meant = Spelling.likelyMatch(name, absent);
      if (meant.isPresent() || !takesOthers) {
        String hint =
            meant
                .map("did you mean %s?"::formatted)
                .orElseGet(() -> "known members are " + String.join(", ", new TreeSet<>(known)));
        errors.add(new FieldError(QueryString.printable(name), "is unknown; " + hint));
      }
    }
    return errors;
  }
}
