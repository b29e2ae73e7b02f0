package dev.agentlab.cli;

import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
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
  /// @param schema the JSON Schema of its value
  /// @param type the JSON type of its value
  /// @param choices the values accepted; empty when it is free
  /// @param fallback what counts when nothing is said
  /// @param required whether it must be said
  /// @param exempt addresses at which it need not be said although it is required
  record Field(
      String name,
      JsonNode schema,
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

    /// Whether its value counts, beside those of other options.
    ///
    /// @param value of another option, empty text for none
    boolean isUsed(UnaryOperator<String> value) {
      return schema
          .path("x-used-with")
          .propertyStream()
          .allMatch(use ->
              stream(use.getValue())
                  .anyMatch(it -> it.asString("").equals(value.apply(use.getKey()))));
    }

    /// What is wrong with an answer, as far as the schema says; empty if nothing. Does not repeat
    /// the answer.
    Optional<String> fault(String answer) {
      if (!choices.isEmpty() && !choices.contains(answer)) {
        return Optional.of("must be " + String.join(" or ", choices));
      }
      return switch (type) {
        case "integer", "number" -> numberFault(answer);
        case "string" ->
            schema.path("format").asString("").equals("uri") && !isWebAddress(answer)
                ? Optional.of("must be a URL such as http://localhost:11434")
                : Optional.empty();
        default -> Optional.empty();
      };
    }

    private Optional<String> numberFault(String answer) {
      boolean whole = type.equals("integer");
      try {
        BigDecimal number = new BigDecimal(answer);
        boolean inRange =
            (!schema.has("minimum") || number.compareTo(schema.path("minimum").decimalValue()) >= 0)
                && (!schema.has("maximum")
                    || number.compareTo(schema.path("maximum").decimalValue()) <= 0);
        if (inRange && !(whole && number.stripTrailingZeros().scale() > 0)) {
          return Optional.empty();
        }
      } catch (NumberFormatException _) {
        // No number at all; the same is wrong with it.
      }
      String range =
          schema.has("minimum") && schema.has("maximum")
              ? " from %s to %s"
                  .formatted(schema.path("minimum").asString(), schema.path("maximum").asString())
              : "";
      return Optional.of("must be a %s%s".formatted(whole ? "whole number" : "number", range));
    }

    private static boolean isWebAddress(String text) {
      try {
        URI url = new URI(text);
        // A host with an underscore is no host to `URI`, but one to the service.
        return url.getRawAuthority() != null
            && List.of("http", "https")
                .contains(String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT));
      } catch (URISyntaxException _) {
        return false;
      }
    }

    private static Field of(
        String name, JsonNode schema, boolean required, Optional<Pattern> exempt) {
      return new Field(
          name,
          schema,
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

  /// The names of the options that hold secrets.
  List<String> secrets() {
    return options.stream().filter(Field::secret).map(Field::name).toList();
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
