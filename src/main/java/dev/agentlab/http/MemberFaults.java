package dev.agentlab.http;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.agentlab.errors.FieldError;
import dev.agentlab.errors.Spelling;
import dev.agentlab.json.ExactlyOne;
import dev.agentlab.json.Json;
import dev.agentlab.json.MemberNames;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What is wrong with the members of an object that is read as a record: those that are not known,
/// and those that it lacks. The parser stops at the first, and callers want to hear of all.
final class MemberFaults {
  /// Names that are looked at; a hostile body could have a hundred thousand.
  private static final int MAX_NAMES = 50;

  private MemberFaults() {}

  /// The faults of the members of the object in which the parser stopped, named as they stand in
  /// that object.
  ///
  /// @param bytes what was read
  /// @return empty if it cannot be told
  static List<FieldError> of(JacksonException stopped, byte[] bytes) {
    List<JacksonException.Reference> path = stopped.getPath();
    Optional<Class<?>> type =
        path.isEmpty() ? Optional.empty() : type(path.getLast().from()).filter(Class::isRecord);
    if (type.isEmpty()) {
      return List.of();
    }
    try {
      JsonNode object = at(path.subList(0, path.size() - 1), Json.MAPPER.readTree(bytes));
      List<FieldError> faults = new ArrayList<>(unknown(object, type.get()));
      faults.addAll(missing(object, type.get()));
      return faults;
    } catch (JacksonException _) {
      // What comes after the object is broken.
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
    List<FieldError> faults = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      boolean isRequired =
          component.getType() != Optional.class && !MemberNames.takesOthers(component);
      String name = MemberNames.of(component);
      if (isRequired && !object.hasNonNull(name)) {
        faults.add(new FieldError(name, "is required"));
      }
    }
    ExactlyOne choice = type.getAnnotation(ExactlyOne.class);
    if (choice != null && !object.hasNonNull(choice.one()) && !object.hasNonNull(choice.other())) {
      faults.add(
          new FieldError(
              choice.one(), "or %s must be given, and not both".formatted(choice.other())));
    }
    return faults;
  }

  /// Where a record takes members of any name, only those that are probably misspelt.
  private static List<FieldError> unknown(JsonNode object, Class<?> type) {
    List<String> known = MemberNames.of(type);
    List<String> absent = known.stream().filter(name -> !object.has(name)).toList();
    boolean takesOthers =
        Arrays.stream(type.getRecordComponents()).anyMatch(MemberNames::takesOthers);
    JsonIgnoreProperties ignored = type.getAnnotation(JsonIgnoreProperties.class);
    Set<String> passed = ignored == null ? Set.of() : Set.of(ignored.value());
    List<FieldError> faults = new ArrayList<>();
    List<String> others =
        object.propertyNames().stream()
            .filter(name -> !known.contains(name) && !passed.contains(name))
            .limit(MAX_NAMES)
            .toList();
    for (String name : others) {
      Optional<String> meant = Spelling.likely(name, absent);
      if (meant.isPresent() || !takesOthers) {
        String hint =
            meant
                .map("did you mean %s?"::formatted)
                .orElseGet(() -> "known: " + String.join(", ", new TreeSet<>(known)));
        faults.add(new FieldError(Query.shown(name), "is not known here; " + hint));
      }
    }
    return faults;
  }
}
