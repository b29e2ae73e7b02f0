package dev.agentlab.cli;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/// A kind of provider as the service describes it: what a person may or must say to add one.
///
/// @param title its name for people
/// @param baseUrl the field that is not among the options
record KindDescription(
    String name, String title, String description, Field baseUrl, List<Field> options) {
  KindDescription {
    options = List.copyOf(options);
  }

  /// One thing to say about a provider.
  ///
  /// @param type the JSON type of its value
  /// @param choices the values accepted; empty when it is free
  /// @param fallback what counts when nothing is said
  /// @param required whether it must be said
  /// @param exempt addresses at which it need not be said although it is required
  record Field(
      String name,
      String description,
      String type,
      List<String> choices,
      Optional<String> fallback,
      boolean required,
      Optional<Pattern> exempt,
      boolean secret) {
    Field {
      choices = List.copyOf(choices);
    }

    /// Whether it must be said of a provider at this address.
    boolean isRequiredAt(String baseUrl) {
      return required && exempt.filter(url -> url.matcher(baseUrl).find()).isEmpty();
    }

    private static Field of(
        String name, JsonNode schema, boolean required, Optional<Pattern> exempt) {
      return new Field(
          name,
          schema.path("description").asString(""),
          schema.path("type").asString("string"),
          stream(schema.path("enum")).map(choice -> choice.asString("")).toList(),
          Optional.of(schema.path("default")).filter(JsonNode::isValueNode).map(JsonNode::asString),
          required || exempt.isPresent(),
          exempt,
          schema.path("writeOnly").asBoolean(false));
    }
  }

  /// The kinds in the service's answer.
  static List<KindDescription> list(JsonNode answer) {
    return stream(answer.path("data")).map(KindDescription::of).toList();
  }

  private static KindDescription of(JsonNode kind) {
    JsonNode schema = kind.path("schema");
    JsonNode options = schema.path("properties").path("options");
    Set<String> required = required(options);
    return new KindDescription(
        kind.path("name").asString(""),
        kind.path("title").asString(""),
        kind.path("description").asString(""),
        Field.of(
            "base_url",
            schema.path("properties").path("base_url"),
            required(schema).contains("base_url"),
            Optional.empty()),
        options
            .path("properties")
            .propertyStream()
            .map(p ->
                Field.of(
                    p.getKey(),
                    p.getValue(),
                    required.contains(p.getKey()),
                    exempt(p.getKey(), schema)))
            .toList());
  }

  Optional<Field> option(String name) {
    return options.stream().filter(field -> field.name().equals(name)).findFirst();
  }

  boolean isSecret(String option) {
    return option(option).map(Field::secret).orElse(false);
  }

  /// The addresses at which a schema does not require an option that it else requires.
  private static Optional<Pattern> exempt(String option, JsonNode schema) {
    return stream(schema.path("allOf"))
        .filter(rule -> required(rule.at("/else/properties/options")).contains(option))
        .map(rule -> rule.at("/if/properties/base_url/pattern").asString(""))
        .map(Pattern::compile)
        .findFirst();
  }

  private static Set<String> required(JsonNode schema) {
    return stream(schema.path("required"))
        .map(name -> name.asString(""))
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }
}
