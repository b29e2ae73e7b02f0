package dev.agentlab.resources;

import dev.agentlab.errors.Excerpt;
import dev.agentlab.errors.FieldErrors;
import dev.agentlab.errors.Spelling;
import dev.agentlab.errors.Warnings;
import dev.agentlab.json.JsonbValidator;
import dev.agentlab.net.Uuids;
import dev.agentlab.time.GoDuration;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Reads the members of one configuration object by type. A member of the wrong type is recorded as
/// an error and treated as absent. `null` is treated as absent without an error.
public final class ConfigObjectReader {
  /// The shortest duration above 0.
  public static final Duration MIN_DURATION = Duration.ofNanos(1);

  private static final Duration MAX_DURATION = Duration.ofHours(1);
  private static final int MAX_DURATION_LENGTH = 40;

  private final String path;
  private final ObjectNode json;
  private final FieldErrors errors;
  private final FieldErrors inputErrors;
  private final Warnings warnings;

  /// @param path of the object, such as `config.client`
  /// @param inputErrors receives the errors that apply only to requests, not to stored
  ///   configurations: unknown members, and secrets
  /// @param warnings receives a warning for each value that is replaced by another
  public ConfigObjectReader(
      String path,
      ObjectNode json,
      FieldErrors errors,
      FieldErrors inputErrors,
      Warnings warnings) {
    this.path = path;
    this.json = json;
    this.errors = errors;
    this.inputErrors = inputErrors;
    this.warnings = warnings;
  }

  /// Records an error for each member that is not known.
  public void checkMembers(List<String> known) {
    for (String name : json.propertyNames()) {
      if (!known.contains(name)) {
        inputErrors.add(
            path(Excerpt.of(name)), "is unknown; " + Spelling.hint(name, "known members", known));
      }
    }
  }

  public void addError(String name, String message) {
    errors.add(path(name), message);
  }

  /// Records an error that applies only to requests, not to stored configurations.
  public void addInputError(String name, String message) {
    inputErrors.add(path(name), message);
  }

  public void addWarning(String name, String message) {
    warnings.add(path(name), message);
  }

  public boolean has(String name) {
    return json.hasNonNull(name);
  }

  public JsonNode value(String name) {
    return json.path(name);
  }

  /// Reads an object; returns an empty one if the member is absent.
  public ConfigObjectReader object(String name) {
    JsonNode value = value(name);
    if (has(name) && !value.isObject()) {
      addError(name, "must be an object");
    }
    return new ConfigObjectReader(
        path(name),
        value instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode(),
        errors,
        inputErrors,
        warnings);
  }

  /// Reads the objects of an array; returns an empty list if the member is absent. An element of
  /// another type is recorded as an error and read as empty.
  public List<Optional<ConfigObjectReader>> objects(String name) {
    List<Optional<ConfigObjectReader>> objects = new ArrayList<>();
    for (JsonNode element : elements(name)) {
      String place = "%s[%d]".formatted(name, objects.size());
      if (element instanceof ObjectNode object) {
        objects.add(
            Optional.of(
                new ConfigObjectReader(path(place), object, errors, inputErrors, warnings)));
      } else {
        addError(place, "must be an object");
        objects.add(Optional.empty());
      }
    }
    return objects;
  }

  /// Reads an array; returns an empty list if the member is absent.
  public List<JsonNode> elements(String name) {
    return read(name, "must be an array", JsonNode::asArrayOpt)
        .map(array -> array.valueStream().toList())
        .orElse(List.of());
  }

  /// Reads an object with any content, unchanged.
  public Optional<ObjectNode> anyObject(String name) {
    JsonNode value = value(name);
    if (value instanceof ObjectNode object) {
      JsonbValidator.validate(path(name), object, errors);
      return Optional.of(object.deepCopy());
    }
    if (!value.isMissingNode()) {
      addError(name, "must be an object");
    }
    return Optional.empty();
  }

  /// Records an error for each secret within a member that is stored and returned unchanged.
  public void rejectSecrets(String name, ObjectNode content) {
    for (String place : SecretOptionDetector.find(path(name), content)) {
      inputErrors.add(
          place,
          "looks like a secret, but this value is stored and returned in plaintext; omit it and"
              + " pass it in the options of each request, which are not stored");
    }
  }

  public Optional<String> string(String name) {
    Optional<String> text = read(name, "must be a string", JsonNode::stringValueOpt);
    text.ifPresent(it -> JsonbValidator.validate(path(name), it, errors));
    return text;
  }

  public Optional<UUID> uuid(String name) {
    return read(
        name,
        "must be a UUID such as 123e4567-e89b-12d3-a456-426614174000",
        value -> value.stringValueOpt().flatMap(Uuids::parse));
  }

  public boolean booleanValue(String name, boolean defaultValue) {
    return read(name, "must be a boolean", JsonNode::booleanValueOpt).orElse(defaultValue);
  }

  /// Whether a member is present and 0.
  public boolean isZero(String name) {
    return number(value(name)).filter(it -> it.signum() == 0).isPresent();
  }

  /// Reads an integer. 0 means the default unless 0 is within the range. A value above the maximum
  /// is reduced to it, with a warning.
  public int integer(String name, int min, int max, int defaultValue) {
    return read(
            name,
            "must be an integer from %d to %d".formatted(min, max),
            value ->
                number(value)
                    .flatMap(ConfigObjectReader::toLong)
                    .map(it -> it == 0 && min > 0 ? defaultValue : it)
                    .filter(it -> it >= min))
        .map(it -> it > max ? (int) limit(name, Long.toString(it), max) : it.intValue())
        .orElse(defaultValue);
  }

  /// Reads an integer within a range.
  public Optional<Integer> integer(String name, int min, int max) {
    return read(
        name,
        "must be an integer from %d to %d".formatted(min, max),
        value ->
            number(value)
                .flatMap(ConfigObjectReader::toLong)
                .filter(it -> it >= min && it <= max)
                .map(Long::intValue));
  }

  /// Reads a number. 0 means the default. A value above the maximum is reduced to it, with a
  /// warning.
  public double number(String name, int min, int max, double defaultValue) {
    return read(
            name,
            "must be a number from %d to %d".formatted(min, max),
            value ->
                number(value)
                    .map(BigDecimal::doubleValue)
                    .map(it -> it == 0 ? defaultValue : it)
                    .filter(it -> it >= min))
        .map(it -> it > max ? limit(name, Excerpt.of(value(name).toString()), max) : it)
        .orElse(defaultValue);
  }

  private double limit(String name, String given, int max) {
    addWarning(name, "is %s, above the limit; %d is used".formatted(given, max));
    return max;
  }

  /// Reads a duration above 0: a string in Go's format, or a number of nanoseconds. 0 and the empty
  /// string are treated as absent. A value above 1 h is reduced to it, with a warning.
  public Optional<Duration> duration(String name) {
    return duration(name, MIN_DURATION);
  }

  /// Reads a duration as [#duration(String)] does, with a minimum and a default.
  ///
  /// @param min above 0
  public Duration duration(String name, Duration min, Duration defaultValue) {
    return duration(name, min).orElse(defaultValue);
  }

  private Optional<Duration> duration(String name, Duration min) {
    return read(
            name,
            "must be a duration %s and at most 1h, such as \"30s\" or \"1m30s\", or a"
                    .formatted(
                        min.equals(MIN_DURATION)
                            ? "above 0"
                            : "of at least " + GoDuration.format(min))
                + " number of nanoseconds",
            value -> readDuration(value).filter(it -> it.isZero() || it.compareTo(min) >= 0))
        .filter(it -> !it.isZero())
        .map(it -> it.compareTo(MAX_DURATION) > 0 ? limit(name, it) : it);
  }

  /// Reads a duration within a range: a string in Go's format, or a number of nanoseconds.
  public Optional<Duration> duration(String name, Duration min, Duration max, String example) {
    return read(
        name,
        "must be a duration from %s to %s, such as \"%s\""
            .formatted(GoDuration.format(min), GoDuration.format(max), example),
        value ->
            readDuration(value).filter(it -> it.compareTo(min) >= 0 && it.compareTo(max) <= 0));
  }

  private static Optional<Duration> readDuration(JsonNode value) {
    return value
        .stringValueOpt()
        .flatMap(ConfigObjectReader::parseDuration)
        .or(() -> number(value).flatMap(ConfigObjectReader::toLong).map(Duration::ofNanos));
  }

  private Duration limit(String name, Duration given) {
    addWarning(
        name,
        "is %s, above the limit; %s is used"
            .formatted(GoDuration.format(given), GoDuration.format(MAX_DURATION)));
    return MAX_DURATION;
  }

  private String path(String name) {
    return path + "." + name;
  }

  /// @param reader returns empty for a value that does not satisfy the message
  private <T> Optional<T> read(
      String name, String message, Function<JsonNode, Optional<T>> reader) {
    if (!has(name)) {
      return Optional.empty();
    }
    Optional<T> read = reader.apply(value(name));
    if (read.isEmpty()) {
      addError(name, message);
    }
    return read;
  }

  private static Optional<BigDecimal> number(JsonNode value) {
    return value.isNumber() ? Optional.of(value.decimalValue()) : Optional.empty();
  }

  private static Optional<Long> toLong(BigDecimal number) {
    try {
      return Optional.of(number.longValueExact());
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static Optional<Duration> parseDuration(String text) {
    try {
      // Valid durations are short, and parsing a long number is slow.
      return text.length() > MAX_DURATION_LENGTH
          ? Optional.empty()
          : Optional.of(text.isEmpty() ? Duration.ZERO : GoDuration.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
