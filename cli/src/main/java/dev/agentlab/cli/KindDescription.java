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

/// The description of a provider kind by the service, with the fields of its configuration.
///
/// @param title the display name
/// @param baseUrl the base URL, which is not one of the options
record KindDescription(
    String name, String title, String description, Field baseUrl, List<Field> options) {
  KindDescription {
    options = List.copyOf(options);
  }

  /// A field of a provider configuration.
  ///
  /// @param schema the JSON Schema of its value
  /// @param type the JSON type of its value
  /// @param choices the accepted values; empty if any value is accepted
  /// @param defaultValue the default value
  /// @param required whether the field is required
  /// @param exemptUrls the base URLs for which a required field is optional
  record Field(
      String name,
      JsonNode schema,
      String description,
      String type,
      List<String> choices,
      Optional<String> defaultValue,
      boolean required,
      Optional<Pattern> exemptUrls,
      boolean secret) {
    Field {
      choices = List.copyOf(choices);
    }

    /// Whether the field is required for a provider with this base URL.
    boolean isRequiredAt(String baseUrl) {
      return required && exemptUrls.filter(url -> url.matcher(baseUrl).find()).isEmpty();
    }

    /// Whether few configurations need the field, so that it is not prompted for.
    boolean isAdvanced() {
      return schema.path("x-advanced").asBoolean(false);
    }

    /// Whether the field has an effect, given the values of other options.
    ///
    /// @param value returns the value of an option, an empty text if it has none
    boolean isEffective(UnaryOperator<String> value) {
      return schema
          .path("x-used-with")
          .propertyStream()
          .allMatch(use ->
              stream(use.getValue())
                  .anyMatch(it -> it.asString("").equals(value.apply(use.getKey()))));
    }

    /// Validates a value against the schema. The error does not contain the value; it is empty if
    /// the value is valid.
    Optional<String> validate(String value) {
      if (!choices.isEmpty() && !choices.contains(value)) {
        return Optional.of("must be " + String.join(" or ", choices));
      }
      return switch (type) {
        case "integer", "number" -> validateNumber(value);
        case "boolean" ->
            List.of("true", "false").contains(value)
                ? Optional.empty()
                : Optional.of("must be true or false");
        case "string" ->
            schema.path("format").asString("").equals("uri") && !isHttpUrl(value)
                ? Optional.of("must be a URL such as http://localhost:11434")
                : Optional.empty();
        default -> Optional.empty();
      };
    }

    private Optional<String> validateNumber(String value) {
      boolean integer = type.equals("integer");
      try {
        BigDecimal number = new BigDecimal(value);
        boolean inRange =
            (!schema.has("minimum") || number.compareTo(schema.path("minimum").decimalValue()) >= 0)
                && (!schema.has("maximum")
                    || number.compareTo(schema.path("maximum").decimalValue()) <= 0);
        if (inRange && !(integer && number.stripTrailingZeros().scale() > 0)) {
          return Optional.empty();
        }
      } catch (NumberFormatException _) {
        // The error is the same as for a number out of range.
      }
      String range =
          schema.has("minimum") && schema.has("maximum")
              ? " from %s to %s"
                  .formatted(schema.path("minimum").asString(), schema.path("maximum").asString())
              : "";
      return Optional.of("must be %s%s".formatted(integer ? "an integer" : "a number", range));
    }

    private static boolean isHttpUrl(String text) {
      try {
        URI url = new URI(text);
        // `URI` rejects a host with an underscore, which the service accepts.
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

  /// Reads the kinds from a response of the service.
  static List<KindDescription> list(JsonNode response) {
    return stream(response.path("data")).map(KindDescription::of).toList();
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
                    exemptUrls(p.getKey(), schema)))
            .toList());
  }

  Optional<Field> option(String name) {
    return options.stream().filter(field -> field.name().equals(name)).findFirst();
  }

  boolean isSecret(String option) {
    return option(option).map(Field::secret).orElse(false);
  }

  /// The names of the secret options.
  List<String> secretOptions() {
    return options.stream().filter(Field::secret).map(Field::name).toList();
  }

  /// The base URLs for which the schema does not require an option that it requires otherwise.
  private static Optional<Pattern> exemptUrls(String option, JsonNode schema) {
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
