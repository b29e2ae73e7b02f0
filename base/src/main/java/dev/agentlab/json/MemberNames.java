package dev.agentlab.json;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;

/// The JSON member names of the components of a record.
public final class MemberNames {
  private static final SnakeCase SNAKE_CASE = new SnakeCase();

  private MemberNames() {}

  /// Exposes the mapper's naming strategy, whose method is protected.
  private static final class SnakeCase extends SnakeCaseStrategy {
    @Override
    public String translate(String name) {
      return super.translate(name);
    }
  }

  /// The names in the order of the components, without the component for all other members.
  public static List<String> of(Class<?> type) {
    return Arrays.stream(type.getRecordComponents())
        .filter(component -> !isCatchAll(component))
        .map(MemberNames::of)
        .toList();
  }

  /// The name of one component.
  public static String of(RecordComponent component) {
    JsonProperty explicit = component.getAccessor().getAnnotation(JsonProperty.class);
    return explicit == null ? SNAKE_CASE.translate(component.getName()) : explicit.value();
  }

  /// Whether a component receives all members that have no component of their own.
  public static boolean isCatchAll(RecordComponent component) {
    return component.getAccessor().isAnnotationPresent(JsonAnySetter.class);
  }
}
